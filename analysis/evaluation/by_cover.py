"""Which covers: how often each was taken for what its verdict says, and those that one of two classifiers got right."""

import numpy as np

from analysis.evaluation.predictions import Predictions, Verdicts


def times_told(predictions: Predictions, verdicts: Verdicts) -> np.ndarray:
    """In how many repeats each cover was taken for what its verdict says: int (n,), in the order of the verdicts."""
    place = np.searchsorted(verdicts.cover_ids, predictions.cover_ids)
    same = predictions.predicted == verdicts.predicted[place]
    return np.bincount(place, same, minlength=len(verdicts.cover_ids)).astype(int)


def only_right(winner: Verdicts, loser: Verdicts) -> tuple[np.ndarray, np.ndarray]:
    """Covers that both judged, the winner right and the loser wrong: cover_ids (w,), and the loser's predictions (w,).

    Those come first on whose genre's probability the two differ most. Predictions are codes into the loser's classes.
    """
    shared, *rows = np.intersect1d(winner.cover_ids, loser.cover_ids, return_indices=True)
    own = [side.probabilities[row, side.truth[row]] for side, row in zip((winner, loser), rows, strict=True)]
    right, wrong = ((side.predicted == side.truth)[row] for side, row in zip((winner, loser), rows, strict=True))
    chosen = np.flatnonzero(right & ~wrong)
    chosen = chosen[np.argsort((own[1] - own[0])[chosen], kind="stable")]
    return shared[chosen], loser.predicted[rows[1][chosen]]
