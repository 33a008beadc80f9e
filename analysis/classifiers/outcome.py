"""What a classifier run leaves: its predictions and searches as rows, and the facts in its results.

See docs/methods.md.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.classifiers.divisions import Part, Side, duplicates_straddle, training_size
from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import chance, score, value_of
from analysis.evaluation.sure.sets import make_sets
from data.store.runs import Run
from data.store.workspace import Workspace

FACTS = ("balanced_accuracy", "accuracy", "macro_f1", "log_loss", "balanced_log_loss")


def facts_of(predictions: Predictions, covers: Side, parts: Sequence[Part]) -> dict[str, Any]:
    """What a classifier run says of itself in its results, see `train`."""
    scores = score(predictions, resamples=0)
    training = np.concatenate([covers.genres[part.training] for part in parts])
    guess = chance(training, np.array(predictions.classes)[predictions.truth])
    never = np.setdiff1d(predictions.truth, predictions.predicted)
    return {
        "classes": predictions.classes,
        "repeats": predictions.repeats,
        "train": training_size(parts),
        "test": len(np.unique(predictions.cover_ids)),
        **{name: value_of(scores, name)[0] for name in FACTS},
        "never_predicted": [predictions.classes[code] for code in never],
        "chance": guess.majority,
        "chance_by_shares": guess.shares,
        "balanced_chance": guess.balanced,
    }


def with_sets(workspace: Workspace, run: Run, division: Run) -> Run:
    """The classifier run, of which there are prediction sets now, unless it judged covers whose copies taught it."""
    if not duplicates_straddle(workspace, division):
        make_sets(workspace, run)
    return run


def search_rows(fitted: Sequence[dict[str, Any]]) -> dict[str, pa.Table]:
    """The tables of the searches that fits bring along, taken out of these, as rows of `searches`; {} without one."""
    rows = [
        {"repeat": fit["repeat"], "fold": fit["fold"], **row, "params": json.dumps(row["params"])}
        for fit in fitted
        for row in fit.pop("search", [])
    ]
    return {"searches": pa.Table.from_pylist(rows)} if rows else {}


def prediction_rows(predictions: Predictions) -> pa.Table:
    """Predictions as rows of their table."""
    probabilities = pa.FixedSizeListArray.from_arrays(predictions.probabilities.ravel(), len(predictions.classes))
    predicted = [predictions.classes[code] for code in predictions.predicted]
    repeat = predictions.repeat.astype(np.int16)
    columns = {"cover_id": predictions.cover_ids, "repeat": repeat, "predicted": predicted}
    return pa.table(columns | {"probabilities": probabilities})
