"""Runs as MLflow records: each once, with everything that MLflow shows of an experiment."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from analysis.records.contents import (
    MODEL,
    TAG,
    Measured,
    epochs_of,
    figures_of,
    metrics_of,
    params_of,
    scores_of,
    tags_of,
    title_of,
)
from analysis.records.model import NAME, log_fitted, read_fitted
from analysis.records.tracking import experiment_id, tracking
from data.errors import GenrescopeError
from data.store.runs import Run, current_runs
from data.store.workspace import Workspace
from data.texts import no_formula

log = logging.getLogger(__name__)

KINDS = ("classifier", "separability")
# MLflow takes so many metrics at a time, and a hundred parameters or tags.
BATCH, FEW = 500, 100


@dataclass(frozen=True)
class Recorded:
    """A run and its record in MLflow; new: it was not there before."""

    run: Run
    mlflow_run_id: str
    new: bool


def record(workspace: Workspace, runs: Sequence[Run] | None = None, *, experiment: str | None = None) -> list[Recorded]:
    """Record classifier and separability runs in MLflow, by default all current ones; what is there is found.

    experiment: its name, by default the workspace folder's. The store is a file in the workspace, or what
    MLFLOW_TRACKING_URI names. A record that was broken off is made anew. Raises GenrescopeError where MLflow is not
    installed or not reached, and for runs of other kinds or unfinished ones.
    """
    chosen = current(workspace) if runs is None else list(runs)
    for run in chosen:
        if run.kind not in KINDS or not run.finished:
            raise GenrescopeError(f"run {run.run_id} is no finished {' or '.join(KINDS)} run: 'genrescope status'")
    with tracking(workspace) as (mlflow, client):
        place = experiment_id(workspace, client, experiment or workspace.folder.name)
        return [_record(workspace, run, mlflow, client, place) for run in chosen]


def current(workspace: Workspace) -> list[Run]:
    """The runs of all covers there are now, in the order they were made; raises GenrescopeError without any."""
    found = [run for run in reversed(current_runs(workspace)) if run.kind in KINDS]
    if not found:
        raise GenrescopeError("there is nothing to record yet: 'genrescope analyze' and 'genrescope train' make it")
    return found


def _record(workspace: Workspace, run: Run, mlflow: Any, client: Any, place: str) -> Recorded:
    for found in client.search_runs([place], f"tags.`{TAG}` = '{run.run_id}'"):
        if found.info.status == "FINISHED":
            _add_model(workspace, run, mlflow, client, found)
            return Recorded(run, found.info.run_id, new=False)
        client.delete_run(found.info.run_id)  # broken off half-way
    log.info("recording %s", title_of(run))
    made = client.create_run(
        place, start_time=_milliseconds(run.started), tags=tags_of(workspace, run), run_name=title_of(run)
    )
    scores = scores_of(workspace, run)
    _log_numbers(client, made.info.run_id, run, [*metrics_of(scores), *epochs_of(workspace, run)])
    client.log_text(made.info.run_id, scores.map(no_formula).to_csv(index=False), "scores.csv")
    for file, figure in figures_of(workspace, run, scores).items():
        client.log_text(made.info.run_id, figure.svg, file)
    _add_model(workspace, run, mlflow, client, made)
    client.set_terminated(made.info.run_id, "FINISHED", end_time=_milliseconds(run.finished))
    return Recorded(run, made.info.run_id, new=True)


def _add_model(workspace: Workspace, run: Run, mlflow: Any, client: Any, found: Any) -> None:
    """Log the fitted classifier, unless the record has it: one that was not kept at first comes later."""
    if run.kind == "classifier" and MODEL not in found.data.tags and (fitted := read_fitted(workspace, run)):
        log_fitted(fitted, mlflow, found.info.run_id)
        client.set_tag(found.info.run_id, MODEL, NAME)
        client.set_terminated(found.info.run_id, "FINISHED", end_time=_milliseconds(run.finished))


def _log_numbers(client: Any, mlflow_run_id: str, run: Run, measured: Iterable[Measured]) -> None:
    from mlflow.entities import Metric, Param

    entries = [Param(key, value) for key, value in params_of(run).items()]
    for start in range(0, len(entries), FEW):
        client.log_batch(mlflow_run_id, params=entries[start : start + FEW])
    moment = _milliseconds(run.finished)
    metrics = [Metric(name, value, moment, step) for name, value, step in measured]
    for start in range(0, len(metrics), BATCH):
        client.log_batch(mlflow_run_id, metrics=metrics[start : start + BATCH])


def _milliseconds(moment: Any) -> int:
    """Of a time in UTC, as the workspace stores it."""
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)
