"""AUCs of every genre, as sums over groups, for contrasts; see docs/methods.md."""

from typing import TYPE_CHECKING

import numpy as np

from analysis.statistics.paired import placements_of_each

if TYPE_CHECKING:
    from analysis.evaluation.comparing.contrasts import Outputs


def add_auc_parts(side: "Outputs", added: np.ndarray, *, sign: float = 1.0) -> np.ndarray:
    """Each genre's AUC (c,), the mean over the repeats; what each group adds to its error, times sign, is added to
    `added` (c, g): so the difference of two sides needs no array of its own."""
    repeats, aucs = np.unique(side.repeat), np.zeros(len(added))
    for repeat in repeats:
        rows = np.flatnonzero(side.repeat == repeat)
        rows = rows[np.argsort(side.group[rows], kind="stable")]
        groups, starts = np.unique(side.group[rows], return_index=True)
        for genres, auc, parts in placements_of_each(side.probabilities, rows, side.truth[rows]):
            aucs[genres] += auc / len(repeats)
            sums = parts if len(groups) == len(rows) else np.add.reduceat(parts, starts, axis=1)
            if len(groups) < added.shape[1]:  # not every group was judged in this repeat
                added[np.ix_(np.arange(len(added))[genres], groups)] += sign / len(repeats) * sums
            else:
                added[genres] += sign / len(repeats) * sums
    return aucs
