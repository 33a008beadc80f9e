"""Divisions: which covers teach and which are judged, fold by fold or once, with their vectors, genres and groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data.errors import GenrescopeError, TooLittle
from data.grouping.duplicates import read_groups
from data.grouping.folds import read_folds
from data.grouping.groups import duplicates_behind, read_group_ids
from data.grouping.splits import read_split
from data.store.covers import counting, read_covers
from data.store.runs import Run, get_run
from data.store.workspace import Workspace
from embeddings.unseen import unseen_rows
from embeddings.vectors import read_vectors


@dataclass(frozen=True)
class Side:
    """m covers: cover_ids (m,) ascending, vectors (m, d) float32, genres (m,), groups (m,)."""

    cover_ids: np.ndarray
    vectors: np.ndarray
    genres: np.ndarray
    groups: np.ndarray

    def take(self, rows: np.ndarray) -> "Side":
        """The covers of these rows, ascending."""
        return Side(self.cover_ids[rows], self.vectors[rows], self.genres[rows], self.groups[rows])


@dataclass(frozen=True)
class Part:
    """One fit: the rows of a Side that teach, and those that are judged by what has not seen them, ascending."""

    repeat: int
    fold: int
    training: np.ndarray
    test: np.ndarray


def read_division(workspace: Workspace, embedding: Run, division: Run) -> tuple[Side, list[Part]]:
    """The covers that have a vector in this embedding, and the fits that a folds run or a split asks for.

    embedding: or the collection, whose covers count but for those set aside, with vectors of no numbers. Raises
    TooLittle when there are fewer than two genres to learn or nothing to judge.
    """
    if embedding.kind == "collection":
        cover_ids = np.flatnonzero(counting(workspace, embedding)).astype(np.int32)
        vectors = np.zeros((len(cover_ids), 0), np.float32)
    else:
        cover_ids, vectors = read_vectors(workspace, embedding)
    genres, groups, parts = divide(workspace, division, cover_ids)
    return Side(cover_ids, vectors, genres, groups), parts


def divide(workspace: Workspace, division: Run, cover_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[Part]]:
    """Genres (m,) and groups (m,) of these covers, and the fits that a folds run or a split asks for among them.

    Raises TooLittle when there are fewer than two genres to learn or nothing to judge.
    """
    collection_id, *_ = division.inputs
    genres = read_covers(workspace, get_run(workspace, collection_id)).genre.to_numpy(dtype=object)[cover_ids]
    parts = [part for part in _parts(workspace, division, cover_ids) if len(part.test)]
    learnt = max((len(set(genres[part.training])) for part in parts), default=len(set(genres)))
    groups = read_group_ids(workspace, division)[cover_ids]
    if learnt < 2 or not parts:
        raise TooLittle(_too_little(division, genres, groups))
    return genres, groups, parts


def _too_little(division: Run, genres: np.ndarray, groups: np.ndarray) -> str:
    """Why nothing can be learnt from these covers, and what would help."""
    names = sorted(set(genres))
    if len(names) < 2:
        which = f"all covers ({len(genres):,}) are of one genre, {names[0]}" if names else "there are no covers"
        return f"{which}, so that there is nothing to tell apart: import covers of another genre"
    return (
        f"{len(genres):,} covers, {len(set(groups.tolist())):,} where copies and one artist's covers count as one, are "
        f"too few for '{division.name}' to judge any by what has learnt two genres from others: import more, no copies"
    )


def is_circular(workspace: Workspace, embedding: Run, division: Run) -> bool:
    """Whether a division judges covers whose genres the embedding's encoder, being trained itself, has learnt from."""
    covers = np.flatnonzero(counting(workspace, get_run(workspace, division.inputs[0])))
    judged = read_split(workspace, division)[1] if division.kind == "split" else covers
    return bool(np.setdiff1d(judged, unseen_rows(workspace, embedding, covers)).size)


def check_same_collection(embedding: Run, division: Run) -> None:
    """Refuse an embedding and a division between which covers were added; both have the collection as first input."""
    if embedding.inputs[0] != division.inputs[0]:
        again = "" if division.kind == "folds" else "'genrescope split' and "
        raise GenrescopeError(
            f"embedding '{embedding.name}' and '{division.name}' are of different collections, covers were added "
            f"or set aside in between: run {again}'genrescope embed --encoder {embedding.name}' again"
        )


def duplicates_straddle(workspace: Workspace, division: Run) -> bool:
    """Whether some cover is judged by what was trained on one that is byte for byte the same."""
    exact_group, _ = read_groups(workspace, duplicates_behind(workspace, division))
    parts = _parts(workspace, division, np.arange(len(exact_group)))
    return any(np.intersect1d(exact_group[part.training], exact_group[part.test]).size for part in parts)


def training_size(parts: Sequence[Part]) -> int:
    """How many covers teach, in the mean over the fits."""
    return round(float(np.mean([len(part.training) for part in parts])))


def taught(parts: Sequence[Part]) -> np.ndarray:
    """Rows that teach in any part, ascending: what the classifier that is kept learns from."""
    return np.unique(np.concatenate([part.training for part in parts]))


def _parts(workspace: Workspace, division: Run, cover_ids: np.ndarray) -> Iterator[Part]:
    """The parts of a folds run or of a split, as rows of these covers."""
    if division.kind == "split":
        train, test = (np.flatnonzero(np.isin(cover_ids, ids)) for ids in read_split(workspace, division))
        yield Part(0, 0, train, test)
        return
    for repeat, folds in enumerate(read_folds(workspace, division)):
        own = folds[cover_ids]
        for fold in range(division.results["folds"]):
            yield Part(repeat, fold, np.flatnonzero(own != fold), np.flatnonzero(own == fold))
