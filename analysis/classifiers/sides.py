"""The two sides of a split, ready to train on and to test: vectors, genres and duplicate groups of their covers."""

from dataclasses import dataclass

import numpy as np

from data.errors import GenrescopeError
from data.grouping.duplicates import read_groups
from data.grouping.groups import duplicates_behind, read_group_ids
from data.grouping.splits import read_split
from data.store.covers import read_covers
from data.store.runs import Run, get_run
from data.store.workspace import Workspace
from embeddings.vectors import read_vectors


@dataclass(frozen=True)
class Side:
    """m covers: cover_ids (m,) ascending, vectors (m, d) float32, genres (m,), groups (m,)."""

    cover_ids: np.ndarray
    vectors: np.ndarray
    genres: np.ndarray
    groups: np.ndarray


def read_sides(workspace: Workspace, embedding: Run, split: Run) -> tuple[Side, Side]:
    """Training and test side, without the covers that have no vector in this embedding.

    Raises GenrescopeError when training has fewer than two genres or nothing is left to test.
    """
    collection_id, *_ = split.inputs
    genres = read_covers(workspace, get_run(workspace, collection_id)).genre.to_numpy(dtype=object)
    group_ids = read_group_ids(workspace, split)
    cover_ids, vectors = read_vectors(workspace, embedding)
    sides = []
    for ids in read_split(workspace, split):
        kept, rows, _ = np.intersect1d(cover_ids, ids, assume_unique=True, return_indices=True)
        sides.append(Side(kept, vectors[rows], genres[kept], group_ids[kept]))
    training, test = sides
    if len(set(training.genres)) < 2 or not len(test.cover_ids):
        raise GenrescopeError(
            f"split '{split.name}' has {len(set(training.genres))} genres to learn and {len(test.cover_ids)} covers to "
            "test, two genres and one cover are the least: import more covers, then run 'genrescope split'"
        )
    return training, test


def check_same_collection(embedding: Run, split: Run) -> None:
    """Refuse an embedding and a split between which covers were added; both have the collection as first input."""
    if embedding.inputs[0] != split.inputs[0]:
        raise GenrescopeError(
            f"embedding '{embedding.name}' and split '{split.name}' are of different collections, covers were added "
            f"in between: run 'genrescope split' and 'genrescope embed --encoder {embedding.name}' again"
        )


def duplicates_straddle(workspace: Workspace, split: Run) -> bool:
    """Whether some test cover is byte for byte a training cover too."""
    exact_group, _ = read_groups(workspace, duplicates_behind(workspace, split))
    train_ids, test_ids = read_split(workspace, split)
    return bool(np.intersect1d(exact_group[train_ids], exact_group[test_ids]).size)
