"""Verdicts as a table with the covers' paths, to look through."""

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import read_predictions, verdicts
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
