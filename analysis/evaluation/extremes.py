"""Which genre a classifier tells best, and which worst, where that is more than the luck of the covers.

See docs/methods.md.
"""

from collections.abc import Collection

import numpy as np

from analysis.evaluation.comparison import FEWEST_GROUPS
from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import ratio, resampled_sums
from analysis.statistics.ranks import surely_above


def best_and_worst(
    predictions: Predictions, *, too_small: Collection[str] = (), resamples: int = 1000, seed: int = 42
) -> tuple[str | None, str | None]:
    """The genre of the highest recall and that of the lowest; None for one that the ranks leave open.

    Claimed is a genre that is surely above, or below, every other one, by `ranks.surely_above`: both claims together
    are right with 95 %. Genres in `too_small`, and those of fewer than FEWEST_GROUPS groups, take no part.
    """
    own = predictions.truth[:, None] == np.arange(len(predictions.classes))
    hits = own & (predictions.predicted == predictions.truth)[:, None]
    sums = np.concatenate([hits, own], axis=1).astype(np.float64)
    drawn = resampled_sums(sums, predictions, resamples=resamples, seed=seed)
    values, replicates = (ratio(*np.split(part, 2, axis=1)) for part in (sums.sum(axis=0)[None], drawn))
    taking_part = np.array([_large(predictions, code, too_small) for code in range(len(predictions.classes))])
    above = surely_above(np.where(taking_part, values[0], np.nan), replicates)
    others = int(taking_part.sum()) - 1
    return _all_but_one(predictions, above.sum(axis=1), others), _all_but_one(predictions, above.sum(axis=0), others)


def _large(predictions: Predictions, code: int, too_small: Collection[str]) -> bool:
    groups = np.unique(predictions.groups[predictions.truth == code])
    return predictions.classes[code] not in too_small and len(groups) >= FEWEST_GROUPS


def _all_but_one(predictions: Predictions, counts: np.ndarray, others: int) -> str | None:
    """The genre that stands on its side of all others, of which there are some."""
    found = np.flatnonzero(counts == others)
    return predictions.classes[found[0]] if len(found) and others > 0 else None
