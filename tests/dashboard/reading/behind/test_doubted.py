"""What stands beside a doubted label: the covers nearest to it, but no copies."""

import numpy as np

from analysis.geometry.neighbors import build_neighbors
from dashboard.reading.behind import doubted
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.store.runs import finish_run, start_run
from data.store.workspace import Workspace
from embeddings.vectors import read_vectors
from tests.analysis.conftest import fill


def test_nearest_are_of_other_groups_one_of_each_and_in_order(workspace: Workspace) -> None:
    embedding = fill(workspace)  # covers 117 to 119 are copies of 0 to 2
    graph, folds = build_neighbors(workspace, embedding), make_folds(workspace, make_groups(workspace))
    judge = start_run(workspace, "classifier", name="knn", params={}, inputs=[embedding.run_id, folds.run_id])
    finish_run(workspace, judge, results={"embedding": "gaussians"})
    run = start_run(workspace, "labels", params={}, inputs=[judge.run_id, graph.run_id])
    run = finish_run(workspace, run)
    ids, vectors = read_vectors(workspace, embedding)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for cover_id in (1, 4, 30):
        order = np.argsort(-(unit @ unit[ids.tolist().index(cover_id)]), kind="stable")
        pictures = dict.fromkeys(int(ids[row]) % 117 for row in order)  # each once, nearest first
        expected = [picture for picture in pictures if picture != cover_id][:4]
        found = doubted.nearest(workspace, run, cover_id, k=4)
        assert [other % 117 for other, _ in found] == expected
