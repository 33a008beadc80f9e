"""The map of an embedding as a figure."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.figures.palette import genre_colors
from analysis.pictures.picture import Picture, picture, plain

NOISE = "#d4d4d8"


def map_figure(table: pd.DataFrame, *, by: str = "genre", title: str = "", lit: Sequence[str] = ()) -> Picture:
    """Every cover a point, coloured by a column of the table; with `lit` only these values, the others faint.

    table: columns x, y and `by`, as `read_table(workspace, "map")` has them. Points are drawn in shuffled order, so
    that no genre hides another. Distances between far points mean little: separability is never read off a map.
    """
    figure, axes = picture(8, 5.5, title=title)
    shuffled = table.iloc[np.random.default_rng(42).permutation(len(table))]
    colors = genre_colors(sorted(map(str, table[by].unique())))
    kept = shuffled[by].astype(str).isin(lit) if lit else np.ones(len(shuffled), bool)
    points = np.where(kept, shuffled[by].astype(str).map(colors), NOISE)
    order = np.argsort(kept, kind="stable")
    size = float(np.clip(4000 / max(len(table), 1), 2, 26))
    axes.scatter(shuffled.x.iloc[order], shuffled.y.iloc[order], c=points[order], s=size, linewidths=0, alpha=0.85)
    for value, color in colors.items():
        if not lit or value in lit:
            axes.scatter([], [], c=color, s=36, label=plain(value))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize=9)
    axes.set(xticks=[], yticks=[], aspect="equal")
    return figure
