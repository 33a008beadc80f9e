"""The map of an embedding: a point a cover, in the colour of its genre."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from markupsafe import escape

from analysis.figures.axes import in_sight
from analysis.figures.drawing import WIDTH, Drawing, swatch, text
from analysis.figures.foremost import SHOWN
from analysis.figures.palette import genre_colors

HEIGHT = 520
# Points are drawn in so many layers of mixed genres, so that no genre hides another.
LAYERS = 24
# Of more covers so many are drawn, chosen at random: an SVG of all would be too much for a page.
MOST = 20_000


def map_figure(
    table: pd.DataFrame, *, by: str = "genre", colors: Mapping[str, str] | None = None, title: str = ""
) -> Drawing:
    """Every cover a point, coloured by a column of the table, and a key below.

    table: columns x, y and `by`, as `read_table(workspace, "map")` has them. colors: of its values, all of which stand
    in the key. What lies outside of what is in sight (the outermost 0.5 %) is drawn at the edge. A point is of class
    `genre-NUMBER`, its entry of the key carries `data-genre`, for a page that lights one up. Distances between far
    points mean little: separability is never read off a map.
    """
    values = table[by].astype(str)
    colors = colors or genre_colors(values.unique())
    codes = np.asarray(pd.Categorical(values, categories=list(colors)).codes)
    chosen = np.random.default_rng(42).permutation(len(table))[:MOST]
    across, down = placed(table.x.to_numpy(float), table.y.to_numpy(float), width=WIDTH, height=HEIGHT)
    layers = [
        _path(across[rows], down[rows], code, list(colors.values())[code])
        for layer in np.array_split(chosen, min(LAYERS, max(len(chosen), 1)))
        for code in np.unique(codes[layer])
        for rows in [layer[codes[layer] == code]]
    ]
    size = float(np.clip(9 * (200 / max(len(chosen), 1)) ** 0.2, 2.2, 8))
    body = (
        f'<g fill="none" stroke-linecap="round" stroke-width="{size:.1f}" stroke-opacity="0.85">{"".join(layers)}</g>'
    )
    key, height = _key(colors)
    return Drawing(body + key, WIDTH, HEIGHT + height, title)


def placed(x: np.ndarray, y: np.ndarray, *, width: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Places (n,) across and down a picture of this size, with one scale for both, the middle in the middle."""
    (left, right), (low, high) = in_sight(x), in_sight(y)
    scale = min(width / (right - left), height / (high - low))
    across = width / 2 + (x - (left + right) / 2) * scale
    down = height / 2 - (y - (low + high) / 2) * scale
    return np.clip(across, 4, width - 4), np.clip(down, 4, height - 4)


def _path(across: np.ndarray, down: np.ndarray, code: int, color: str) -> str:
    dots = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(across, down, strict=True))
    return f'<path class="genre-{code}" stroke="{escape(color)}" d="{dots}"/>'


def _key(colors: Mapping[str, str]) -> tuple[str, float]:
    parts, x, y = [], 0.0, HEIGHT + 20.0
    for code, (name, color) in enumerate(list(colors.items())[:SHOWN]):
        wide = 30 + 6.8 * len(name)
        if x and x + wide > WIDTH:
            x, y = 0.0, y + 20
        parts.append(f'<g class="key" data-genre="{code}">{swatch(x, y - 9, color)}{text(x + 14, y, name)}</g>')
        x += wide
    if len(colors) > SHOWN:
        y += 20
        parts.append(text(0, y, f"and {len(colors) - SHOWN:,} more", faint=True))
    return "".join(parts), y - HEIGHT + 8
