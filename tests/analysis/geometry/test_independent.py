"""Neighbours outside the own group against a comparison of all with all."""

import numpy as np
import pytest

from analysis.geometry import independent
from analysis.geometry.independent import independent_neighbors
from analysis.geometry.neighbors import neighbor_graph


def brute_force(vectors, groups, k):
    unit = vectors / np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    similarities = unit @ unit.T
    similarities[groups[:, None] == groups[None, :]] = -np.inf
    rows = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
    return np.where(np.isinf(np.take_along_axis(similarities, rows, axis=1)), -1, rows)


@pytest.fixture(scope="module")
def vectors():
    """400 vectors, of which the first 200 lie close together."""
    vectors = np.random.default_rng(7).normal(size=(400, 12)).astype(np.float32)
    vectors[:200] += 4 * np.eye(12, dtype=np.float32)[0]
    return vectors


@pytest.fixture(scope="module")
def graph(vectors):
    return neighbor_graph(vectors, np.arange(400), k=50)[0]


def groups_of(size):
    """One group of the first `size` covers, four of five covers each, the others by themselves."""
    groups = np.arange(400)
    groups[:size] = 0
    groups[300:320] = 1000 + np.arange(20) % 4
    return groups


@pytest.mark.parametrize("block_cells", [4_000_000, 3_000])
@pytest.mark.parametrize("size", [1, 30, 120, 200])
@pytest.mark.parametrize("k", [1, 10, 60])
def test_equals_brute_force(vectors, graph, monkeypatch, block_cells, size, k):
    monkeypatch.setattr(independent, "BLOCK_CELLS", block_cells)
    found = independent_neighbors(vectors, graph, groups_of(size), k=k)
    assert found.shape == (400, k)
    assert found.dtype == np.int32
    assert (found == brute_force(vectors, groups_of(size), k)).mean() > 0.999  # pairs nearer than STEP come by row


def test_only_the_lists_that_ran_out_are_searched(vectors, graph, monkeypatch):
    asked = []
    search = independent._search_outside
    monkeypatch.setattr(independent, "_search_outside", lambda *a, **b: asked.extend(a[1]) or search(*a, **b))
    independent_neighbors(vectors, graph, np.arange(400), k=10)
    assert not asked
    independent_neighbors(vectors, graph, groups_of(200), k=10)
    assert asked
    assert set(asked) <= set(range(200))


def test_who_has_too_few_outside_keeps_fewer(vectors):
    groups = np.array([5, 5, 5, 9])
    rows = neighbor_graph(vectors[:4], np.arange(4), k=3)[0]
    found = independent_neighbors(vectors[:4], rows, groups, k=2)
    np.testing.assert_array_equal(found[:3], [[3, -1]] * 3)
    np.testing.assert_array_equal(found[3], brute_force(vectors[:4], groups, 2)[3])
    assert (independent_neighbors(vectors[:4], rows, np.zeros(4, int), k=2) == -1).all()


def test_equally_near_covers_come_by_row_number_however_many():
    vectors = np.zeros((300, 3), np.float32)
    vectors[:, 0] = 1
    vectors[:100, 1] = 0.1
    groups = np.where(np.arange(300) < 100, 0, np.arange(300))
    rows = neighbor_graph(vectors, np.arange(300), k=50)[0]
    found = independent_neighbors(vectors, rows, groups, k=10)
    np.testing.assert_array_equal(found[:100], np.tile(np.arange(100, 110), (100, 1)))
    np.testing.assert_array_equal(found[299], np.arange(100, 110))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_next_to_nothing(n):
    found = independent_neighbors(np.ones((n, 3), np.float32), np.zeros((n, 0), int), np.arange(n), k=5)
    assert found.shape == (n, 5)
    assert (found >= 0).sum() == n * max(n - 1, 0)
