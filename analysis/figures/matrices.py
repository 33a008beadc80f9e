"""Genres against genres, the stronger the tint, the larger the value: what is taken for what, and pairs."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
from markupsafe import escape

from analysis.figures.drawing import ACCENT, LONGEST, Drawing, name, swatch, text, titled
from analysis.figures.foremost import SHOWN, strongest
from analysis.figures.numbers import shown
from analysis.figures.palette import genre_colors

# Room for the names of rows and, as the names of columns are slanted, behind the last column, in pixels.
NAMES, SLANT = 150, 90

# By (row, column): how strongly the cell is tinted (0 to 1), its text, and what resting on it shows.
Cells = Mapping[tuple[int, int], tuple[float, str, str]]


def confusion_figure(
    matrix: np.ndarray,
    classes: Sequence[str],
    *,
    colors: Mapping[str, str] | None = None,
    links: Mapping[tuple[int, int], str] = MappingProxyType({}),
    title: str = "",
) -> Drawing:
    """A confusion matrix (c, c), of `scores.confusion`, in percent of each true genre.

    Resting on a cell shows its count. colors: of the genres. links: addresses of cells by (true, predicted), within
    the page. Of more than SHOWN genres those that are taken for each other most.
    """
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1e-9)
    if len(classes) > SHOWN:
        kept = sorted(strongest(np.where(matrix > 0, matrix, np.nan)))
        links = {(kept.index(i), kept.index(j)): link for (i, j), link in links.items() if {i, j} <= set(kept)}
        matrix, shares, classes = matrix[np.ix_(kept, kept)], shares[np.ix_(kept, kept)], [classes[i] for i in kept]
    cells = {}
    for (i, j), share in np.ndenumerate(shares):
        said = f"{classes[i]} called {classes[j]}: {matrix[i, j]:,.1f} covers, {share:.1%}"
        cells[i, j] = (share, f"{100 * share:.0f}", said)
    titles = ("genre", "predicted, % of the genre")
    shades = colors or genre_colors(classes)
    return _matrix(classes, classes, cells, colors=shades, titles=titles, links=links, title=title)


def pairs_figure(table: pd.DataFrame, *, colors: Mapping[str, str] | None = None, title: str = "") -> Drawing:
    """Values of pairs of genres, from 0 to 1: a cell a pair. table: columns genre, other_genre, value, low, high.

    Of more than SHOWN genres those that are most alike.
    """
    found = table[table.value.notna()]
    names = _most_alike(found, sorted({*found.genre, *found.other_genre}))
    found = found[found.genre.isin(names) & found.other_genre.isin(names)]
    cells = {}
    for row in found.itertuples():
        first, second = sorted((names.index(row.genre), names.index(row.other_genre)))
        said = f"{row.genre} and {row.other_genre}: {shown(row.value, row.low, row.high)}"
        cells[second - 1, first] = (row.value, f"{row.value:.2f}", said)
    return _matrix(names[1:], names[:-1], cells, colors=colors or genre_colors(names), links={}, title=title)


def _most_alike(table: pd.DataFrame, names: list[str]) -> list[str]:
    if len(names) <= SHOWN:
        return names
    place = {each: i for i, each in enumerate(names)}
    alike = np.full((len(names), len(names)), np.nan)
    alike[table.genre.map(place), table.other_genre.map(place)] = -table.value
    return [names[i] for i in sorted(strongest(alike))]


def _matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Cells,
    *,
    colors: Mapping[str, str],
    titles: tuple[str, str] | None = None,
    links: Mapping[tuple[int, int], str],
    title: str,
) -> Drawing:
    """titles: what rows and columns are."""
    side = min(max(460 / max(len(columns), 1), 27), 58)
    top = 30 + min(max(map(len, columns), default=0), LONGEST) * 4.6
    parts = [_row_name(top + side * (i + 0.5), each, colors[each]) for i, each in enumerate(rows)]
    parts += [_column_name(NAMES + side * (j + 0.5), top, each, colors[each]) for j, each in enumerate(columns)]
    if titles:
        parts += [text(NAMES - 12, top - 8, f"{titles[0]} ↓", anchor="end", faint=True)]
        parts += [text(0, 14, f"{titles[1]} →", faint=True)]
    for (i, j), cell in cells.items():
        drawn = _cell(NAMES + side * j, top + side * i, side, cell)
        link = links.get((i, j))
        parts.append(f'<a href="{escape(link)}">{drawn}</a>' if link else drawn)
    return Drawing("".join(parts), NAMES + side * len(columns) + SLANT, top + side * len(rows) + 6, title)


def _row_name(middle: float, each: str, color: str) -> str:
    return swatch(NAMES - 14, middle - 4, color) + name(NAMES - 20, middle + 4, each, anchor="end")


def _column_name(middle: float, top: float, each: str, color: str) -> str:
    turned = f'transform="rotate(-40 {middle:g} {top - 18:g})"'
    return swatch(middle - 4, top - 13, color) + name(middle, top - 18, each, extra=turned)


def _cell(x: float, y: float, side: float, cell: tuple[float, str, str]) -> str:
    strength, said, title = cell
    tint = 0.04 + 0.7 * min(max(strength, 0), 1)
    size = 12 if side > 34 else 10
    ground = (
        f'<rect x="{x + 1:g}" y="{y + 1:g}" width="{side - 2:g}" height="{side - 2:g}" rx="3" fill="{ACCENT}" '
        f'fill-opacity="{tint:.2f}"/>'
    )
    return titled(ground + text(x + side / 2, y + side / 2 + size / 3, said, anchor="middle", size=size), title)
