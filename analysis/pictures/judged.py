"""What a classifier said, as figures: the confusion matrix, and how far its probabilities can be trusted."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.evaluation.scores import ratio
from analysis.pictures.picture import ACCENT, INK, MUTED, RULE, Picture, picture, plain


def confusion_figure(matrix: np.ndarray, classes: Sequence[str], *, title: str = "") -> Picture:
    """A confusion matrix (c, c), of `scores.confusion`: shares of each true genre as tint, counts as numbers."""
    side = 2.2 + 0.48 * len(classes)
    figure, axes = picture(side + 0.6, side, title=title)
    shares = ratio(matrix, matrix.sum(axis=1, keepdims=True))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.argwhere(matrix.round() > 0):
        ink = "white" if shares[row, column] > 0.55 else INK
        axes.text(column, row, f"{matrix[row, column]:,.0f}", ha="center", va="center", color=ink, fontsize=8)
    names = [plain(name) for name in classes]
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted", color=MUTED)
    axes.set_ylabel("true", color=MUTED)
    return figure


def reliability_figure(table: pd.DataFrame, *, title: str = "") -> Picture:
    """How often a classifier is right (with intervals) by how sure it says it is; table: of `reliability.reliability`.

    On the diagonal it is as often right as it says; below, it is too sure. Bars below: how many covers.
    """
    figure, axes = picture(5, 5, title=title)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.vlines(table.confidence, table.low, table.high, color=ACCENT, linewidth=2.5, alpha=0.45)
    axes.scatter(table.confidence, table.right, color=ACCENT, s=26, zorder=3)
    share = 0.15 * table.covers / table.covers.max()
    axes.bar(table.from_, share, width=table.to - table.from_, align="edge", color=RULE, edgecolor="white")
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel("probability of the genre it says", color=MUTED)
    axes.set_ylabel("share of covers told right", color=MUTED)
    axes.grid(color=RULE, linewidth=0.6)
    return figure
