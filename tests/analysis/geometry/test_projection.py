"""The map, and the measures of how far it can be trusted against scikit-learn's."""

import warnings

import numpy as np
import pytest
from sklearn.manifold import trustworthiness as reference

from analysis.geometry import projection, trust
from analysis.geometry.layout import umap_layout
from analysis.geometry.neighbors import NeighborGraph, build_neighbors, neighbor_graph, normalize
from analysis.geometry.projection import lay_out, project
from analysis.geometry.trust import map_neighbors, map_overlap, map_trust


def graph_of(vectors, groups=None, *, k=50):
    rows, similarities = neighbor_graph(vectors, np.arange(len(vectors)) if groups is None else groups, k=k)
    return NeighborGraph(np.arange(len(vectors)), rows, similarities)


@pytest.fixture
def blobs():
    """200 vectors in four far apart heaps, and which heap each is in."""
    rng = np.random.default_rng(3)
    heap = np.arange(200) % 4
    return (4 * np.eye(20)[heap] + rng.normal(size=(200, 20))).astype(np.float32), heap


@pytest.mark.parametrize("block_cells", [2_000_000, 1_000])
def test_trust_averages_to_scikit_learns(monkeypatch, block_cells):
    monkeypatch.setattr(trust, "BLOCK_CELLS", block_cells)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(151, 9))
    points = vectors[:, :2] + rng.normal(size=(151, 2))
    trustworthiness, continuity = map_trust(vectors, points, k=15)
    assert trustworthiness.mean() == pytest.approx(reference(vectors, points, n_neighbors=15, metric="cosine"))
    assert continuity.mean() == pytest.approx(reference(points, normalize(vectors), n_neighbors=15))
    assert 0 <= trustworthiness.min() < trustworthiness.max() <= 1


def test_a_point_put_among_strangers_is_not_trusted(blobs):
    vectors, heap = blobs
    points = 10.0 * np.eye(4)[heap][:, :2] + np.random.default_rng(0).normal(size=(200, 2))
    points[0] = points[heap != heap[0]].mean(axis=0)
    trustworthiness, continuity = map_trust(vectors, points)
    assert trustworthiness[0] < np.percentile(trustworthiness, 5)
    assert continuity[0] < np.percentile(continuity, 5)


def test_beyond_the_limit_trust_is_measured_at_a_random_part_of_the_points(monkeypatch):
    rng = np.random.default_rng(0)
    vectors, points = rng.normal(size=(90, 9)), rng.normal(size=(90, 2))
    whole, _ = map_trust(vectors, points)
    monkeypatch.setattr(trust, "EXACT_UP_TO", 30)
    part, _ = map_trust(vectors, points)
    assert np.isfinite(part).sum() == 30
    np.testing.assert_array_equal(part[np.isfinite(part)], whole[np.isfinite(part)])


def test_overlap_of_maps():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(400, 2))
    turned = points @ [[0, 1], [-1, 0]]
    near = map_neighbors(points)
    assert near.shape == (400, 15)
    assert not (near == np.arange(400)[:, None]).any()
    assert map_overlap(near, map_neighbors(turned)) == 1
    assert map_overlap(near, map_neighbors(rng.normal(size=(400, 2)))) == pytest.approx(15 / 399, abs=0.02)
    heap = map_neighbors(np.zeros((50, 2)))
    assert map_overlap(heap, heap) == 1
    np.testing.assert_array_equal(map_neighbors(np.array([[0.0, 0], [1, 0], [3, 0]]), k=1), [[1], [0], [1]])
    assert map_overlap(np.array([[1, 2], [0, 2], [0, 1], [1, 2]]), np.array([[1, 3], [2, 0], [3, 3], [1, 2]])) == 5 / 8


def test_map_keeps_heaps_apart_and_is_the_same_for_the_same_seed(blobs):
    vectors, heap = blobs
    graph = graph_of(vectors)
    points = lay_out(vectors, graph)
    trustworthiness, _ = map_trust(vectors, points)
    assert trustworthiness.mean() > 0.85
    centres = np.stack([points[heap == i].mean(axis=0) for i in range(4)])
    own = np.linalg.norm(points[:, None] - centres, axis=2).argmin(axis=1)
    assert (own == heap).mean() > 0.95
    np.testing.assert_array_equal(points, lay_out(vectors, graph))
    assert not np.array_equal(points, lay_out(vectors, graph, seed=43))


@pytest.mark.parametrize("n", [1, 2, 3, 5, 15, 16, 20])
def test_small_collections_have_a_map(n):
    vectors = np.random.default_rng(n).normal(size=(n, 8)).astype(np.float32)
    points = lay_out(vectors, graph_of(vectors))
    assert points.shape == (n, 2)
    assert np.isfinite(points).all()
    trustworthiness, continuity = map_trust(vectors, points)
    assert np.isfinite(trustworthiness).all() == np.isfinite(continuity).all() == (n > 2)


@pytest.mark.parametrize("copies", [60, 50])
def test_duplicates_do_not_break_the_map(copies):
    vectors = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
    vectors[:copies] = vectors[0]
    groups = np.where(np.arange(60) < copies, 0, np.arange(60))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        points = lay_out(vectors, graph_of(vectors, groups))
    assert np.isfinite(points).all()


def test_layout_does_not_change_the_graph(blobs):
    vectors, _ = blobs
    rows, similarities = neighbor_graph(vectors, np.arange(200), k=50)
    before = rows.copy(), similarities.copy()
    umap_layout(vectors, rows, similarities, dimensions=2, n_neighbors=15, min_dist=0.1, seed=1, epochs=20)
    np.testing.assert_array_equal(rows, before[0])
    np.testing.assert_array_equal(similarities, before[1])


def test_map_is_stored_with_its_trust_and_found_again(embedded, monkeypatch):
    workspace, embedding = embedded
    run = project(workspace, build_neighbors(workspace, embedding))
    with workspace.read() as con:
        stored = con.execute("SELECT * FROM projections WHERE run_id = ? ORDER BY cover_id", [run.run_id]).df()
    assert len(stored) == 119
    assert stored[["x", "y", "trustworthiness", "continuity"]].notna().all().all()
    assert run.results["trustworthiness"] == pytest.approx(stored.trustworthiness.mean(), abs=1e-6)
    assert run.results["trust_points"] == 119
    monkeypatch.setattr(projection, "lay_out", None)
    assert project(workspace, build_neighbors(workspace, embedding)) == run
