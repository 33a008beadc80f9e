"""What separability in an embedding is measured on. See docs/methods.md."""

from typing import NamedTuple

import numpy as np

from analysis.geometry.neighbors import among, embedding_of, read_neighbors
from data.grouping.folds import read_folds
from data.grouping.groups import read_group_ids
from data.store.runs import Run
from data.store.workspace import Workspace
from embeddings.unseen import unseen_rows
from embeddings.vectors import read_vectors


class Measured(NamedTuple):
    """The n covers that separability is measured on, ascending, out of those of the embedding.

    cover_ids: (n,). rows: (n,) of the embedding. vectors: (n, d). listed: (n, k) row numbers of the neighbour graph
    among these, -1 for none. groups: (n,). fold: (repeats, n). seen: covers left out, since the encoder learnt on them.
    """

    cover_ids: np.ndarray
    rows: np.ndarray
    vectors: np.ndarray
    listed: np.ndarray
    groups: np.ndarray
    fold: np.ndarray
    seen: int


def read_measured(workspace: Workspace, neighbors: Run, folds: Run) -> Measured:
    """The covers of a neighbour graph that its encoder was not trained on, with the groups and folds of a folds run."""
    embedding = embedding_of(workspace, neighbors)
    cover_ids, vectors = read_vectors(workspace, embedding)
    rows = unseen_rows(workspace, embedding, cover_ids)
    seen, cover_ids = len(cover_ids) - len(rows), cover_ids[rows]
    listed = among(rows, read_neighbors(workspace, neighbors).rows)
    groups, fold = read_group_ids(workspace, folds)[cover_ids], read_folds(workspace, folds)[:, cover_ids]
    return Measured(cover_ids, rows, vectors[rows], listed, groups, fold, seen)
