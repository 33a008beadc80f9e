"""An embedding as a separability run measured it: its covers, vectors and evidence, for what is measured beside it.

See docs/methods.md.
"""

from dataclasses import dataclass

import numpy as np

from analysis.geometry.neighbors import among, embedding_of, read_neighbors
from analysis.separability.pure.evidence import Evidence, gather
from data.grouping.folds import read_folds
from data.grouping.groups import groups_behind, read_group_ids
from data.store.covers import read_covers
from data.store.runs import Run, ancestor, current_runs, get_run
from data.store.workspace import Workspace
from embeddings.unseen import unseen_rows
from embeddings.vectors import read_vectors


@dataclass(frozen=True)
class Measured:
    """Of n covers: ids ascending, vectors (n, d), and the graph's lists (n, k) of row numbers, -1 for none."""

    cover_ids: np.ndarray
    vectors: np.ndarray
    listed: np.ndarray

    def only(self, cover_ids: np.ndarray) -> "Measured":
        """The same of those covers, all of which must be among its own."""
        rows = np.searchsorted(self.cover_ids, cover_ids)
        return Measured(cover_ids, self.vectors[rows], among(rows, self.listed))


def measured(workspace: Workspace, separability: Run) -> Measured:
    """The covers that a separability run was measured on, as its embedding and its neighbour graph have them."""
    graph = read_neighbors(workspace, neighbors_of(workspace, separability))
    embedding = embedding_of(workspace, neighbors_of(workspace, separability))
    cover_ids, vectors = read_vectors(workspace, embedding)
    rows = unseen_rows(workspace, embedding, cover_ids)
    return Measured(cover_ids[rows], vectors[rows], among(rows, graph.rows))


def evidence_of(workspace: Workspace, separability: Run, cover_ids: np.ndarray) -> Evidence:
    """The evidence that a separability run gathers, without permutations, of these of its covers."""
    folds = folds_of(workspace, separability)
    covers = read_covers(workspace, ancestor(workspace, separability, "collection"))
    return gather(
        covers.genre.to_numpy()[cover_ids],
        read_group_ids(workspace, groups_behind(workspace, folds))[cover_ids],
        read_folds(workspace, folds)[:, cover_ids],
        folds=folds.results["folds"],
        resamples=separability.params["resamples"],
        permutations=0,
        seed=separability.seed or 0,
    )


def neighbors_of(workspace: Workspace, separability: Run) -> Run:
    """The neighbour graph of a separability run."""
    return get_run(workspace, separability.inputs[0])


def folds_of(workspace: Workspace, separability: Run) -> Run:
    """The folds run of a separability run."""
    return get_run(workspace, separability.inputs[2])


def newest_measured(workspace: Workspace) -> list[Run]:
    """The newest current separability run of each encoder that has the folds of the newest of all, oldest first."""
    found = current_runs(workspace, "separability")
    same = [run for run in found if run.inputs[2] == found[0].inputs[2]]
    return list({run.name: run for run in reversed(same)}.values())
