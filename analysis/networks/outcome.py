"""What a training leaves in the store: rows of epochs as they come, then predictions, networks, curves and facts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.classifiers.divisions import Part, Side
from analysis.classifiers.judging import predictions_of
from analysis.classifiers.outcome import facts_of, prediction_rows
from analysis.networks.learning.fits import Fit
from data.store.kept import KEPT, Kept, kept_rows
from data.store.runs import Outcome, Run

# What stands in a run's results where those of others name an embedding.
ON_COVERS = "covers"
FORMAT = "safetensors"
# The finder's curve, in table curves.
RATE_FINDER = "rate_finder"


def outcome_of(division: Run, side: Side, parts: Sequence[Part], fits: Sequence[Fit], *, left_out: int) -> Outcome:
    """The tables and results of a run, see `train_network`; left_out: covers that cannot be read."""
    classes = sorted({str(genre) for genre in side.genres})
    said = np.concatenate([_in_columns(fit, classes) for fit in fits])
    predictions = predictions_of(side, parts, said.argmax(axis=1), said, classes)
    tables = {"predictions": prediction_rows(predictions), KEPT: kept_rows(kept_of(fits))}
    results = {
        "embedding": ON_COVERS,
        "split": division.name,
        **facts_of(predictions, side, parts),
        **_course_of(fits),
        "left_out": left_out,
    }
    return tables | _curve_rows(fits[0].course.finder), results


def _course_of(fits: Sequence[Fit]) -> dict[str, Any]:
    """How the fits went, for the results: each by itself, how it was computed, and how fast."""
    from analysis.networks.learning.learner import precision

    speeds = [fit.facts["covers_per_second"] for fit in fits if fit.facts["covers_per_second"]]
    return {
        "fitted": [fit.facts for fit in fits],
        "precision": precision(),
        "covers_per_second": round(float(np.mean(speeds)), 1) if speeds else None,
        "seconds": round(sum(fit.facts["seconds"] for fit in fits), 1),
    }


def kept_of(fits: Sequence[Fit]) -> list[Kept]:
    """What is kept: the network of each part of the first repeat."""
    return [Kept(FORMAT, fit.description, fit.content) for fit in fits if fit.facts["repeat"] == 0]


def epoch_rows(part: Part, epoch: int, metrics: Mapping[str, float]) -> pa.Table:
    """An epoch's metrics as rows of table epochs."""
    where = {"repeat": part.repeat, "fold": part.fold, "epoch": epoch}
    columns = {name: pa.array([value] * len(metrics), pa.int16()) for name, value in where.items()}
    return pa.table(columns | {"metric": list(metrics), "value": pa.array(metrics.values(), pa.float64())})


def _in_columns(fit: Fit, classes: Sequence[str]) -> np.ndarray:
    """Probabilities (m, c) in the columns of all genres; 0 for one that the fit's training lacked."""
    probabilities = np.zeros((len(fit.probabilities), len(classes)), np.float32)
    probabilities[:, np.searchsorted(classes, fit.description["classes"])] = fit.probabilities
    return probabilities


def _curve_rows(points: Sequence[Sequence[float]]) -> dict[str, pa.Table]:
    """The finder's curve as rows of table curves; nothing where there was no finder."""
    if not points:
        return {}
    rates, losses = zip(*points, strict=True)
    nothing = pa.nulls(len(points), pa.float64())
    columns = {"curve": [RATE_FINDER] * len(points), "x": rates, "genre": pa.nulls(len(points), pa.string())}
    return {"curves": pa.table(columns | {"value": losses, "low": nothing, "high": nothing})}
