"""Vectors in and out of the store."""

import numpy as np
import pytest

from data.errors import BadVectors
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace
from embeddings.vectors import append_vectors, read_vectors


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return start_run(workspace, "embedding", name="some", params={})


def some(n: int, d: int = 5) -> np.ndarray:
    return np.random.default_rng(n).normal(size=(n, d)).astype(np.float32)


def test_what_goes_in_comes_out_in_order_of_the_covers(workspace: Workspace, run: Run) -> None:
    vectors = some(3000, 7)
    order = np.random.default_rng(0).permutation(3000)
    for part in np.array_split(order, 4):
        append_vectors(workspace, run, part, vectors[part])
    cover_ids, found = read_vectors(workspace, run)
    np.testing.assert_array_equal(cover_ids, np.arange(3000))
    np.testing.assert_array_equal(found, vectors)
    assert (cover_ids.dtype, found.dtype) == (np.int32, np.float32)
    assert found.flags.c_contiguous


def test_covers_may_have_gaps_and_runs_stay_apart(workspace: Workspace, run: Run) -> None:
    other = start_run(workspace, "embedding", name="other", params={})
    append_vectors(workspace, run, np.array([1, 5, 9]), some(3))
    append_vectors(workspace, other, np.array([0, 1]), some(2, 8))
    cover_ids, found = read_vectors(workspace, run)
    assert cover_ids.tolist() == [1, 5, 9]
    np.testing.assert_array_equal(found, some(3))
    assert read_vectors(workspace, other)[1].shape == (2, 8)


def test_a_cover_keeps_its_first_vector(workspace: Workspace, run: Run) -> None:
    append_vectors(workspace, run, np.array([0, 1]), some(2))
    append_vectors(workspace, run, np.array([1, 2]), some(2) + 1)
    cover_ids, found = read_vectors(workspace, run)
    assert cover_ids.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(found[:2], some(2))


def test_an_embedding_without_vectors(workspace: Workspace, run: Run) -> None:
    cover_ids, found = read_vectors(workspace, run)
    assert cover_ids.shape == (0,)
    assert found.shape == (0, 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_refuses_what_is_no_number_and_stores_nothing_of_it(workspace: Workspace, run: Run, bad: float) -> None:
    vectors = some(4)
    vectors[2, 3] = bad
    with pytest.raises(BadVectors, match="1 of 4 vectors of some hold NaN or infinity, the first that of cover 12"):
        append_vectors(workspace, run, np.arange(10, 14), vectors)
    assert len(read_vectors(workspace, run)[0]) == 0


def test_refuses_another_length(workspace: Workspace, run: Run) -> None:
    append_vectors(workspace, run, np.arange(3), some(3, 5))
    with pytest.raises(BadVectors, match="vectors of some have 5 numbers, these have 6"):
        append_vectors(workspace, run, np.arange(3, 6), some(3, 6))
    declared = start_run(workspace, "embedding", name="declared", params={"dimension": 4})
    with pytest.raises(BadVectors, match="have 4 numbers, these have 5"):
        append_vectors(workspace, declared, np.arange(3), some(3, 5))


@pytest.mark.parametrize("shape", [(2, 5), (3,), (3, 5, 1)])
def test_refuses_another_shape(workspace: Workspace, run: Run, shape: tuple[int, ...]) -> None:
    with pytest.raises(BadVectors, match="3 covers need as many vectors"):
        append_vectors(workspace, run, np.arange(3), np.zeros(shape))


def test_a_finished_run_never_changes(workspace: Workspace, run: Run) -> None:
    append_vectors(workspace, run, np.arange(2), some(2))
    finish_run(workspace, run)
    with pytest.raises(ValueError, match="finished and cannot change"):
        append_vectors(workspace, run, np.array([5]), some(1))
