"""Values with their intervals as dots and bars: genres, embeddings or classifiers, one above the other."""

import numpy as np
import pandas as pd

from analysis.figures.palette import PALETTE
from analysis.pictures.picture import ACCENT, INK, MUTED, RULE, Picture, picture, plain


def intervals_figure(
    table: pd.DataFrame, *, row: str = "genre", series: str | None = None, chance: float | None = None, title: str = ""
) -> Picture:
    """A row a value of the column `row`, best first; with `series` a dot a value of that column in each.

    table: columns value, low, high (95 %) and those named. The best row is that of the largest mean. chance: where
    the line of guessing stands. Two intervals that overlap do not yet say that two values are equal: see `compare`.
    """
    names = list(table.groupby(row).value.mean().sort_values().index)
    groups = list(table.groupby(series, sort=False)) if series else [("", table)]
    figure, axes = picture(7, 1 + 0.3 * len(names) * max(1, 0.6 * len(groups)), title=title)
    if chance is not None:
        axes.axvline(chance, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    for number, (name, part) in enumerate(groups):
        places = [names.index(value) for value in part[row]] + _shift(number, len(groups))
        color = PALETTE[number % len(PALETTE)] if series else ACCENT
        axes.hlines(places, part.low, part.high, color=color, linewidth=2.5, alpha=0.45)
        axes.scatter(part.value, places, color=color, s=26, zorder=3, label=plain(name))
    axes.set_yticks(range(len(names)), [plain(name) for name in names], color=INK)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    if series:
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize=9, reverse=True)
    return figure


def _shift(number: int, count: int) -> np.ndarray:
    """How far above its row's middle the dot of a series stands."""
    return np.array([0.0 if count == 1 else 0.56 * (number / (count - 1) - 0.5)])
