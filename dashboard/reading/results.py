"""Results of the analysis package as pages read them, cached by run id: finished runs never change."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.reading import queries
from data.store.about.set_aside import fingerprint
from data.store.disk.remembered import remembered
from data.store.runs import Run
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from analysis.geometry.neighbors import NeighborGraph
    from data.auditing.audit import Audit


def audit(workspace: Workspace) -> "Audit | None":
    """The audit of the collection by its newest groups; None before the covers there are now were grouped.

    Grouping them is left to `genrescope audit`: the dashboard only reads.
    """
    runs = {run.run_id: run for run in queries.runs(workspace)}
    for run in runs.values():
        if run.kind == "groups" and run.finished and _covers_of(runs[run.inputs[0]]) == _now(workspace):
            return _audit(workspace, run.run_id, queries.stamp(workspace))
    return None


def collection_now(workspace: Workspace) -> Run | None:
    """The newest collection of the covers that count now; None before anything was made of them."""
    runs = (run for run in queries.runs(workspace) if run.kind == "collection")
    return next((run for run in runs if _covers_of(run) == _now(workspace)), None)


def _now(workspace: Workspace) -> tuple[int, str]:
    return len(queries.covers(workspace)), fingerprint(queries.set_aside(workspace))


def _covers_of(collection: Run) -> tuple[int, str]:
    """How many covers a collection holds, and what tells which of them are set aside."""
    return collection.params["covers"], collection.params.get("set_aside", "")


@lru_cache(maxsize=2)
def _audit(workspace: Workspace, run_id: str, stamp: Sequence[Any]) -> "Audit":  # noqa: ARG001
    from data.auditing.audit import read_audit

    return read_audit(workspace, run_of(workspace, run_id))


@remembered(maxsize=8)
def graph(workspace: Workspace, run_id: str) -> "NeighborGraph":
    """The neighbour graph of a run."""
    from analysis.geometry.neighbors import read_neighbors

    return read_neighbors(workspace, run_of(workspace, run_id))


def neighbors_of(workspace: Workspace, run_id: str, cover_id: int, *, k: int) -> list[tuple[int, float]]:
    """The k nearest covers in a neighbour graph with their cosine similarity; empty for a cover it has not."""
    found = graph(workspace, run_id)
    row = row_of(found.cover_ids, cover_id)
    if row is None:
        return []
    pairs = zip(found.neighbor_ids[row, :k].tolist(), found.similarities[row, :k].tolist(), strict=True)
    return [(neighbor, similarity) for neighbor, similarity in pairs if neighbor >= 0]


@remembered(maxsize=64)
def border(workspace: Workspace, run_id: str, genre: str, other: str) -> tuple[tuple[int, float], ...]:
    """Covers of a genre that have one of another genre and another group among their neighbours, as a separability run
    counts them: (cover_id, cosine similarity to the nearest of those), the nearest first."""
    from analysis.separability.pure.border import border

    found, groups = _measured_on(workspace, run_id)
    covers = queries.covers(workspace)
    codes = {"of": covers.genres.index(genre), "beside": covers.genres.index(other)}
    pairs = zip(*(part.tolist() for part in border(found, covers.genre, groups, **codes)), strict=True)
    return tuple(pairs)


def _measured_on(workspace: Workspace, run_id: str) -> "tuple[NeighborGraph, np.ndarray]":
    """The neighbour graph of a separability run, and the group of each cover as it counted them."""
    from data.grouping.groups import read_group_ids

    parents = {parent.kind: parent for parent in (run_of(workspace, each) for each in run_of(workspace, run_id).inputs)}
    return graph(workspace, parents["neighbors"].run_id), read_group_ids(workspace, parents["folds"])


def vectors(workspace: Workspace, run_id: str) -> tuple[np.ndarray, np.ndarray]:
    """cover_ids and vectors of an embedding run."""
    from analysis.predicting.near import vectors_of

    return vectors_of(workspace, run_id)


def row_of(cover_ids: np.ndarray, cover_id: int) -> int | None:
    """Row of a cover in an ascending array of ids, None if it is not in it."""
    row = int(np.searchsorted(cover_ids, cover_id))
    return row if row < len(cover_ids) and cover_ids[row] == cover_id else None


def none_if_missing(value: Any) -> Any:
    """None for what pandas made of a NULL."""
    return None if value is None or value != value else value


def run_of(workspace: Workspace, run_id: str) -> Run:
    """The run with this id."""
    return next(run for run in queries.runs(workspace) if run.run_id == run_id)
