"""Which genres are kin, as a tree that grows from their names to the right: the sooner they meet, the more alike."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from analysis.figures.axes import round_values
from analysis.figures.drawing import ACCENT, Drawing, line, name, swatch, text, titled
from analysis.figures.foremost import SHOWN
from analysis.figures.palette import genre_colors
from data.listing import listed

# Room for names, between rows, for the tree, and below it for the axis, in pixels.
NAMES, ROW, TREE, AXIS = 150, 30, 480, 36


class Fork(NamedTuple):
    """Where a fork stands: its height and, in rows from the top, its middle; and the same of its two parts.

    support: in how many resamples its genres hang together, None of the last. below: places of these genres, in rows.
    """

    height: float
    row: float
    parts: tuple[tuple[float, float], tuple[float, float]]
    support: float | None
    below: tuple[int, ...]


def forks_of(linkage: Sequence[Sequence[float]], order: Sequence[int], support: Sequence[float | None]) -> list[Fork]:
    """The forks of a tree of c genres: linkage (c - 1, 4) as scipy's, order (c,) of the genres from the top."""
    rows = [list(order).index(leaf) for leaf in range(len(order))]
    places: list[tuple[float, float, tuple[int, ...]]] = [(0.0, float(row), (row,)) for row in rows]
    found = []
    for (one, other, height, _), share in zip(linkage, support, strict=True):
        (h1, r1, b1), (h2, r2, b2) = places[int(one)], places[int(other)]
        fork = Fork(height, (r1 + r2) / 2, ((h1, r1), (h2, r2)), share, tuple(sorted(b1 + b2)))
        places.append((fork.height, fork.row, fork.below))
        found.append(fork)
    return found


def nearest_kin(forks: Sequence[Fork], *, count: int = SHOWN, wanted: Sequence[int] = ()) -> list[int]:
    """At most `count` rows of a tree, ascending: those that meet first or, with some wanted, these with their kin.

    Always whole parts of the tree, so that each row's place in it can be drawn; no more than fits.
    """
    chosen = set(list(wanted)[:count])
    for fork in forks:
        joined = chosen.union(fork.below)
        if len(joined) <= count and (not wanted or chosen.intersection(fork.below)):
            chosen = joined
    return sorted(chosen)


def forks_within(forks: Sequence[Fork], rows: Sequence[int]) -> list[Fork]:
    """The forks that join none but these rows, which are counted anew from 0."""
    place = {row: i for i, row in enumerate(rows)}
    return [_moved(fork, place) for fork in forks if place.keys() >= set(fork.below)]


def _moved(fork: Fork, place: Mapping[int, int]) -> Fork:
    """A fork with its rows where they are among those shown: together, as they are in the tree."""
    by = fork.below[0] - place[fork.below[0]]
    (h1, r1), (h2, r2) = fork.parts
    below = tuple(place[row] for row in fork.below)
    return Fork(fork.height, fork.row - by, ((h1, r1 - by), (h2, r2 - by)), fork.support, below)


def dendrogram_figure(
    linkage: Sequence[Sequence[float]],
    names: Sequence[str],
    genres: Sequence[str],
    support: Sequence[float | None],
    *,
    colors: Mapping[str, str] | None = None,
    title: str = "",
) -> Drawing:
    """A tree of genres, each fork with its support in percent.

    linkage, names, genres (the names in the order of the tree) and support as in the results of a kinship run. Of more
    than SHOWN genres the nearest kin are drawn.
    """
    forks = forks_of(linkage, [list(names).index(genre) for genre in genres], support)
    if len(genres) > SHOWN:
        rows = nearest_kin(forks)
        genres, forks = [genres[row] for row in rows], forks_within(forks, rows)
    widest = max((fork.height for fork in forks), default=0.0) or 1.0
    shades = colors or genre_colors(names)
    parts = [_leaf(row, genre, shades[genre]) for row, genre in enumerate(genres)]
    parts += [_fork(fork, widest, [genres[row] for row in fork.below]) for fork in forks]
    bottom = ROW * len(genres)
    parts += _axis(widest, bottom)
    return Drawing("".join(parts), NAMES + TREE + 40, bottom + AXIS, title)


def _x(height: float, widest: float) -> float:
    return NAMES + TREE * max(height, 0) / widest


def _y(row: float) -> float:
    return ROW * (row + 0.5)


def _leaf(row: int, genre: str, color: str) -> str:
    return swatch(NAMES - 14, _y(row) - 4, color) + name(NAMES - 20, _y(row) + 4, genre, anchor="end")


def _fork(fork: Fork, widest: float, below: Sequence[str]) -> str:
    x = _x(fork.height, widest)
    (h1, r1), (h2, r2) = fork.parts
    said = "" if fork.support is None else f", together in {fork.support:.0%} of the resamples"
    drawn = "".join(line(_x(h, widest), _y(r), x, _y(r), opacity=0.8, color=ACCENT) for h, r in ((h1, r1), (h2, r2)))
    drawn += line(x, _y(r1), x, _y(r2), opacity=0.8, color=ACCENT)
    if fork.support is not None:
        drawn += text(x + 5, _y(fork.row) + 4, f"{100 * fork.support:.0f}", size=11)
    return titled(drawn, f"{listed(below)}: separability {fork.height:.2f}{said}")


def _axis(widest: float, bottom: float) -> list[str]:
    values, digits = round_values(0, widest)
    marks = [line(NAMES, bottom, NAMES + TREE, bottom, opacity=0.3)]
    marks += [text(_x(value, widest), bottom + 16, f"{value:.{digits}f}", anchor="middle", size=11) for value in values]
    return [*marks, text(NAMES, bottom + 31, "mean separability across the fork", size=11, faint=True)]
