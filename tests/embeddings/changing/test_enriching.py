"""Facts that are taken in make another collection, to which embeddings are carried over without encoding."""

import numpy as np

from data.store.runs import current_runs
from data.store.workspace import Workspace
from embeddings.changing.enriching import take_in
from embeddings.embed import embed
from embeddings.vectors import read_vectors


def test_embeddings_are_carried_over(filled: Workspace) -> None:
    color = embed(filled, "color")
    count, (carried,) = take_in(filled, [(3, {"artist": "A"}, "by hand"), (4, {"artist": ""}, "by hand")])
    assert count == 1
    assert carried.results["backend"] == "copied"
    assert [run.run_id for run in current_runs(filled, "embedding")] == [carried.run_id] != [color.run_id]
    for before, after in zip(read_vectors(filled, color), read_vectors(filled, carried), strict=True):
        assert np.array_equal(before, after)
    assert take_in(filled, [(3, {"artist": "B"}, "again")]) == (0, [])
