"""Which covers lie near to a picture, which of them taught a classifier, and where on the map that would be.

See docs/methods.md.
"""

from dataclasses import dataclass

import numpy as np

from analysis.evaluation.predictions import division_of
from analysis.geometry.neighbors import nearest
from data.errors import RunNotFound
from data.grouping.folds import read_folds
from data.grouping.splits import read_split
from data.store.disk.remembered import remembered
from data.store.runs import Run, ancestor, get_run
from data.store.workspace import Workspace
from embeddings.vectors import read_vectors

Near = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Reasons:
    """Training covers nearest to a cover, (cover_id, cosine similarity) each, the nearest first.

    speaking_for: those of the genre it was taken for; against: those of any other. among: how many of the `counted`
    nearest of all are of that genre.
    """

    speaking_for: Near
    against: Near
    among: int
    counted: int


def nearest_training_covers(
    workspace: Workspace, embedding: Run, vectors: np.ndarray, training: np.ndarray, *, k: int
) -> list[Near]:
    """For each vector (m, d) the k nearest of the covers with these ids: (cover_id, cosine similarity)."""
    cover_ids, known = vectors_of(workspace, embedding.run_id)
    rows = np.flatnonzero(np.isin(cover_ids, training))
    return [_near(cover_ids[rows], known[rows], vector, k=k) for vector in vectors]


def reasons(workspace: Workspace, run: Run, cover_id: int, predicted: str, genres: np.ndarray, *, k: int) -> Reasons:
    """Why a classifier may have taken a cover for the genre `predicted`: the nearest covers that taught it, for and
    against; genres (n,) of all covers. Empty for a classifier on no embedding, and for a cover without a vector.

    Out of fold those count that taught any of the classifiers which judged the cover: never one of its own group.
    """
    embedding = embedding_behind(workspace, run)
    if embedding is None or run.results.get("train") == 0:
        return Reasons((), (), 0, 0)
    cover_ids, vectors = vectors_of(workspace, embedding.run_id)
    row = np.flatnonzero(cover_ids == cover_id)
    taught = np.flatnonzero(np.isin(cover_ids, teachers(workspace, run, cover_id))) if len(row) else row
    if not len(taught):
        return Reasons((), (), 0, 0)
    same = genres[cover_ids[taught]] == predicted
    query = vectors[row[0]]
    first = _near(cover_ids[taught], vectors[taught], query, k=5 * k)
    speaking_for, against = (
        _near(cover_ids[taught[side]], vectors[taught[side]], query, k=k) for side in (same, ~same)
    )
    among = sum(genres[near] == predicted for near, _ in first)
    return Reasons(speaking_for, against, among=int(among), counted=len(first))


def teachers(workspace: Workspace, run: Run, cover_id: int) -> np.ndarray:
    """Ids of the covers that taught a classifier which judged this one; none if none did, or it was not judged."""
    if run.results.get("train") == 0:
        return np.empty(0, np.int32)
    division = division_of(workspace, run)
    if division.kind == "split":
        training, test = read_split(workspace, division)
        return training if cover_id in test else training[:0]
    folds = read_folds(workspace, division)
    return np.flatnonzero((folds != folds[:, [cover_id]]).any(axis=0))


def embedding_behind(workspace: Workspace, run: Run) -> Run | None:
    """The nearest embedding that a classifier run descends from; None where it looks at the covers themselves."""
    try:
        return ancestor(workspace, run, "embedding")
    except RunNotFound:
        return None


def place_on_map(coordinates: np.ndarray, similarities: np.ndarray) -> tuple[float, float]:
    """Where a picture would lie by its nearest covers: the mean of their coordinates (k, 2), weighted by similarity.

    similarities: (k,), cosine; those below 0 count nothing, unless all are.
    """
    weights = np.maximum(similarities, 0)
    x, y = np.average(coordinates, axis=0, weights=weights if weights.sum() > 0 else None)
    return float(x), float(y)


def _near(cover_ids: np.ndarray, vectors: np.ndarray, query: np.ndarray, *, k: int) -> Near:
    rows, similarities = nearest(vectors, query, k=k)
    return tuple(zip(cover_ids[rows].tolist(), similarities.tolist(), strict=True))


@remembered(maxsize=4)
def vectors_of(workspace: Workspace, run_id: str) -> tuple[np.ndarray, np.ndarray]:
    """cover_ids (m,) and vectors (m, d) of an embedding run, the last few of which stay in memory."""
    return read_vectors(workspace, get_run(workspace, run_id))
