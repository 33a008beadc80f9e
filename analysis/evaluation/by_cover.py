"""Cover by cover: what a classifier said of each, how often, and what one of two classifiers alone got right."""

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import Predictions, Verdicts, read_predictions, verdicts
from data.store.covers import collection, read_covers
from data.store.runs import Run
from data.store.workspace import Workspace


def list_verdicts(workspace: Workspace, run: Run) -> pd.DataFrame:
    """What a classifier run said of each cover, all repeats together, the surest errors first, then what is right.

    Columns: cover_id, path, genre, predicted, probability (mean of that genre's), own (mean of its own genre's),
    right (by the mean), times (in how many repeats right) and repeats. Among the first stand the covers whose label may
    be wrong, and those that look like another genre: which it is, only looking tells.
    """
    found = verdicts(read_predictions(workspace, run))
    rows, names = np.arange(len(found.cover_ids)), np.array(found.classes)
    covers = read_covers(workspace, collection(workspace)).set_index("cover_id").loc[found.cover_ids]
    table = pd.DataFrame(
        {
            "cover_id": found.cover_ids,
            "path": covers.path.to_numpy(),
            "genre": names[found.truth],
            "predicted": names[found.predicted],
            "probability": found.probabilities[rows, found.predicted],
            "own": found.probabilities[rows, found.truth],
            "right": found.predicted == found.truth,
            "times": found.right,
            "repeats": found.repeats,
        }
    )
    return table.sort_values(["right", "probability"], ascending=[True, False], kind="stable", ignore_index=True)


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
