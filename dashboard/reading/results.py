"""Results of the analysis package as pages read them, cached by run id: finished runs never change."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.reading import queries
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from analysis.evaluation.predictions import Predictions
    from analysis.geometry.neighbors import NeighborGraph
    from data.auditing.audit import Audit


@dataclass(frozen=True)
class Score:
    """One metric of a classifier with its 95 % interval; genre None is over all."""

    metric: str
    genre: str | None
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Judgement:
    """What one classifier said about one cover of the test side; probabilities by genre, highest first."""

    predicted: str
    right: bool
    probabilities: tuple[tuple[str, float], ...]


def audit(workspace: Workspace) -> "Audit | None":
    """The audit of the collection; None before duplicates were sought among the covers there are now.

    Looking for them is left to `genrescope audit`: the dashboard only reads.
    """
    runs = {run.run_id: run for run in queries.runs(workspace)}
    sought = next((run for run in runs.values() if run.kind == "duplicates" and run.finished), None)
    if sought is None or runs[sought.inputs[0]].params["covers"] != len(queries.covers(workspace)):
        return None
    return _audit(workspace, queries.stamp(workspace))


@lru_cache(maxsize=2)
def _audit(workspace: Workspace, stamp: Sequence[Any]) -> "Audit":  # noqa: ARG001
    from data.auditing.audit import audit

    return audit(workspace)


@lru_cache(maxsize=8)
def graph(workspace: Workspace, run_id: str) -> "NeighborGraph":
    """The neighbour graph of a run."""
    from analysis.geometry.neighbors import read_neighbors

    return read_neighbors(workspace, _run(workspace, run_id))


def neighbors_of(workspace: Workspace, run_id: str, cover_id: int, *, k: int) -> list[tuple[int, float]]:
    """The k nearest covers in a neighbour graph with their cosine similarity; empty for a cover it has not."""
    found = graph(workspace, run_id)
    row = row_of(found.cover_ids, cover_id)
    if row is None:
        return []
    pairs = zip(found.neighbor_ids[row, :k].tolist(), found.similarities[row, :k].tolist(), strict=True)
    return [(neighbor, similarity) for neighbor, similarity in pairs if neighbor >= 0]


@lru_cache(maxsize=64)
def border(workspace: Workspace, run_id: str, genre: str, other: str) -> tuple[tuple[int, float], ...]:
    """Covers of a genre that have one of another genre among their neighbours: (cover_id, cosine similarity to the
    nearest of those), the nearest first."""
    found, covers = graph(workspace, run_id), queries.covers(workspace)
    own = np.flatnonzero(covers.genre[found.cover_ids] == covers.genres.index(genre))
    near = found.neighbor_ids[own]
    crossing = (near >= 0) & (covers.genre[near.clip(min=0)] == covers.genres.index(other))
    nearest = np.where(crossing, found.similarities[own], -np.inf).max(axis=1, initial=-np.inf)
    ranked = [row for row in np.argsort(-nearest, kind="stable") if np.isfinite(nearest[row])]
    return tuple((int(found.cover_ids[own[row]]), float(nearest[row])) for row in ranked)


@lru_cache(maxsize=32)
def predictions(workspace: Workspace, run_id: str) -> "Predictions":
    """What a classifier run predicted on its test side."""
    from analysis.evaluation.predictions import read_predictions

    return read_predictions(workspace, _run(workspace, run_id))


def accuracy(workspace: Workspace, run_id: str) -> float:
    """Share of the test covers that a classifier run told right."""
    found = predictions(workspace, run_id)
    return float((found.predicted == found.truth).mean())


def confusion(workspace: Workspace, run_id: str) -> np.ndarray:
    """Counts of a classifier run: rows are true genres, columns predicted ones."""
    from analysis.evaluation.scores import confusion

    return confusion(predictions(workspace, run_id))


def cell(workspace: Workspace, run_id: str, truth: str, predicted: str) -> list[tuple[int, str, float]]:
    """Covers in a cell of the confusion matrix: (cover_id, predicted genre, its probability), the surest first."""
    found = predictions(workspace, run_id)
    code = {genre: i for i, genre in enumerate(found.classes)}
    inside = (found.truth == code.get(truth, -1)) & (found.predicted == code.get(predicted, -1))
    return _surest(found, inside)


def surest_errors(workspace: Workspace, run_id: str) -> list[tuple[int, str, float]]:
    """Covers told wrong: (cover_id, predicted genre, its probability), the surest first."""
    found = predictions(workspace, run_id)
    return _surest(found, found.predicted != found.truth)


def only_right(workspace: Workspace, winner_id: str, loser_id: str) -> dict[int, str]:
    """Covers that the winner told right and the loser wrong, with what the loser took each for."""
    winner, loser = predictions(workspace, winner_id), predictions(workspace, loser_id)
    rows = np.flatnonzero((winner.predicted == winner.truth) & (loser.predicted != loser.truth))
    return {int(winner.cover_ids[row]): loser.classes[loser.predicted[row]] for row in rows}


@lru_cache(maxsize=64)
def scores(workspace: Workspace, run_id: str) -> tuple[Score, ...]:
    """Every metric of a classifier run, over all and per genre."""
    from analysis.evaluation.scores import score

    return tuple(
        Score(row["metric"], none_if_missing(row["genre"]), row["value"], row["low"], row["high"])
        for row in score(predictions(workspace, run_id)).to_dict("records")
    )


def score_of(scores: Sequence[Score], metric: str, genre: str | None = None) -> Score | None:
    """One metric out of many, None where it is missing."""
    return next((row for row in scores if row.metric == metric and row.genre == genre), None)


@lru_cache(maxsize=32)
def comparison(workspace: Workspace, run_id: str, other_id: str) -> tuple[dict[str, Any], ...]:
    """Two classifier runs against each other on the covers both judged: over all (genre None) and per genre."""
    from analysis.evaluation.comparison import compare

    found = compare(predictions(workspace, run_id), predictions(workspace, other_id))
    rows = found.primary().merge(found.overlap.drop(columns="covers"), on="genre").to_dict("records")
    return tuple({**row, "genre": none_if_missing(row["genre"])} for row in rows)


@lru_cache(maxsize=2)
def vectors(workspace: Workspace, run_id: str) -> tuple[np.ndarray, np.ndarray]:
    """cover_ids and vectors of an embedding run."""
    from embeddings.vectors import read_vectors

    return read_vectors(workspace, _run(workspace, run_id))


def judgement(workspace: Workspace, run_id: str, cover_id: int) -> Judgement | None:
    """What a classifier run said about a cover; None for a cover that is not on its test side."""
    found = predictions(workspace, run_id)
    row = row_of(found.cover_ids, cover_id)
    if row is None:
        return None
    probabilities = found.probabilities[row]
    ranked = np.argsort(-probabilities, kind="stable")
    return Judgement(
        predicted=found.classes[found.predicted[row]],
        right=bool(found.predicted[row] == found.truth[row]),
        probabilities=tuple((found.classes[i], float(probabilities[i])) for i in ranked),
    )


def row_of(cover_ids: np.ndarray, cover_id: int) -> int | None:
    """Row of a cover in an ascending array of ids, None if it is not in it."""
    row = int(np.searchsorted(cover_ids, cover_id))
    return row if row < len(cover_ids) and cover_ids[row] == cover_id else None


def none_if_missing(value: Any) -> Any:
    """None for what pandas made of a NULL."""
    return None if value is None or value != value else value


def _surest(found: "Predictions", inside: np.ndarray) -> list[tuple[int, str, float]]:
    rows = np.flatnonzero(inside)
    probabilities = found.probabilities[rows, found.predicted[rows]]
    ranked = np.argsort(-probabilities, kind="stable")
    genres = [found.classes[code] for code in found.predicted[rows]]
    return [(int(found.cover_ids[rows[i]]), genres[i], float(probabilities[i])) for i in ranked]


def _run(workspace: Workspace, run_id: str) -> Any:
    return next(run for run in queries.runs(workspace) if run.run_id == run_id)
