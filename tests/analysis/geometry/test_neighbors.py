"""The neighbour graph against a comparison of all with all."""

import json

import numpy as np
import pytest

from analysis.geometry import neighbors
from analysis.geometry.neighbors import (
    NeighborGraph,
    build_neighbors,
    nearest,
    neighbor_graph,
    read_neighbors,
)


def brute_force(vectors, exact_group, k):
    unit = neighbors.normalize(vectors.astype(np.float64))
    similarities = unit @ unit.T
    similarities[exact_group[:, None] == exact_group[None, :]] = -np.inf
    rows = np.argsort(-similarities, axis=1)[:, :k]
    found = np.take_along_axis(similarities, rows, axis=1)
    return np.where(np.isinf(found), -1, rows), np.where(np.isinf(found), np.nan, found)


@pytest.fixture
def vectors():
    return np.random.default_rng(7).normal(size=(300, 12)).astype(np.float32)


@pytest.mark.parametrize("k", [1, 10, 299, 1000])
def test_equals_brute_force(vectors, k):
    rows, similarities = neighbor_graph(vectors, np.arange(300), k=k)
    expected, values = brute_force(vectors, np.arange(300), min(k, 299))
    assert rows.shape == expected.shape
    assert (rows == expected).mean() > 0.999  # pairs nearer than float32 can tell may change places
    np.testing.assert_allclose(similarities, values, atol=2e-6)


def test_exact_duplicates_are_in_nobodys_own_list_and_share_one(vectors):
    vectors[200:203] = vectors[4]
    groups = np.arange(300)
    groups[200:203] = 4
    rows, _ = neighbor_graph(vectors, groups, k=20)
    for member in (4, 200, 201, 202):
        assert not set(rows[member]) & {4, 200, 201, 202}
        assert (rows[member] == rows[4]).all()
        assert (rows[member] >= 0).all()
    assert (np.sort(rows)[:, 1:] != np.sort(rows)[:, :-1]).all()


def test_one_huge_duplicate_group_costs_one_query(vectors, monkeypatch):
    vectors[100:] = vectors[100]
    groups = np.arange(300)
    groups[100:] = 100
    asked = []
    flat = neighbors._flat

    class Counting:
        def __init__(self, unit):
            self.index = flat(unit)

        def search(self, queries, depth):
            asked.append((len(queries), depth))
            return self.index.search(queries, depth)

    monkeypatch.setattr(neighbors, "_flat", Counting)
    rows, _ = neighbor_graph(vectors, groups, k=20)
    assert asked[0] == (100, 37)
    assert asked.count((1, 292)) == 1
    assert sum(queries for queries, _ in asked) < 200  # whoever has the 200 copies within reach is asked deeper
    expected, _ = brute_force(vectors, groups, 20)
    assert (rows[100:] == expected[100]).all()
    assert (rows[:100] >= 0).all()


def test_duplicates_with_vectors_of_their_own_keep_their_own_lists(vectors):
    groups = np.arange(300)
    groups[50:60] = 50
    rows, _ = neighbor_graph(vectors, groups, k=15)
    assert (rows == brute_force(vectors, groups, 15)[0]).all()


def test_short_lists_are_padded(vectors):
    groups = np.zeros(6, int)
    groups[5] = 5
    rows, similarities = neighbor_graph(vectors[:6], groups, k=3)
    np.testing.assert_array_equal(rows[0], [5, -1, -1])
    assert np.isfinite(similarities[0, 0])
    assert np.isnan(similarities[0, 1:]).all()
    assert (rows[5] >= 0).all()


def test_zero_vectors_are_similar_to_nothing(vectors):
    vectors[3] = 0
    rows, similarities = neighbor_graph(vectors, np.arange(300), k=10)
    assert (similarities[3] == 0).all()
    assert 3 not in rows[3]


def test_equally_near_covers_come_by_row_number():
    vectors = np.eye(6, dtype=np.float32)
    rows, _ = neighbor_graph(vectors, np.arange(6), k=5)
    np.testing.assert_array_equal(rows[2], [0, 1, 3, 4, 5])


@pytest.mark.parametrize("n", [0, 1, 2])
def test_next_to_nothing(n):
    rows, similarities = neighbor_graph(np.ones((n, 3), np.float32), np.arange(n), k=5)
    assert rows.shape == similarities.shape == (n, max(n - 1, 0))


def test_large_collections_are_searched_approximately_and_say_how_well(vectors, monkeypatch):
    monkeypatch.setattr(neighbors, "EXACT_UP_TO", 100)
    rows, _, recall = neighbors.search_graph(vectors, np.arange(300), k=10)
    exact, _ = brute_force(vectors, np.arange(300), 10)
    assert recall == pytest.approx((rows[:, :, None] == exact[:, None, :]).any(axis=2).mean(), abs=0.001)
    assert 0.9 < recall <= 1


def test_recall_counts_what_was_missed():
    assert neighbors.recall(np.array([[1, 2], [0, -1]]), np.array([[1, 3], [0, -1]])) == pytest.approx(2 / 3)


def test_nearest(vectors):
    rows, similarities = nearest(vectors, 3 * vectors[17], k=4)
    assert rows[0] == 17
    assert similarities[0] == pytest.approx(1, abs=1e-6)
    np.testing.assert_array_equal(rows[1:], neighbor_graph(vectors, np.arange(300), k=3)[0][17])


def test_graph_is_stored_and_found_again(embedded, monkeypatch):
    workspace, embedding = embedded
    run = build_neighbors(workspace, embedding, k=10)
    assert run.results["exact"]
    assert run.results["recall"] == 1
    assert json.dumps(dict(run.results))
    graph = read_neighbors(workspace, run)
    assert graph.neighbor_ids.shape == graph.similarities.shape == (len(graph.cover_ids), 10)
    assert set(graph.neighbor_ids.ravel()) <= {-1, *graph.cover_ids}
    monkeypatch.setattr(neighbors, "search_graph", None)
    assert build_neighbors(workspace, embedding, k=10) == run


def test_rows_follow_gaps_in_the_cover_ids():
    graph = NeighborGraph(np.array([2, 5, 9]), np.array([[9, 5], [2, -1], [5, 2]]), np.zeros((3, 2)))
    np.testing.assert_array_equal(graph.rows, [[2, 1], [0, -1], [1, 0]])
