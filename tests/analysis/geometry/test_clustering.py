"""Clusters: planted heaps are found, strays are noise, numbers follow size."""

import numpy as np
import pytest

from analysis.geometry import clustering
from analysis.geometry.clustering import (
    _by_size,
    cluster,
    cluster_points,
    default_min_cluster_size,
    find_clusters,
    read_clusters,
)
from analysis.geometry.neighbors import NeighborGraph, build_neighbors, neighbor_graph


def clusters_of(vectors, **options):
    rows, similarities = neighbor_graph(vectors, np.arange(len(vectors)), k=50)
    return find_clusters(vectors, NeighborGraph(np.arange(len(vectors)), rows, similarities), **options)


@pytest.fixture(scope="module")
def heaps():
    """300 vectors in heaps of 60, 90 and 150."""
    heap = np.repeat([0, 1, 2], [60, 90, 150])
    noise = np.random.default_rng(5).normal(size=(300, 24))
    return (6 * np.eye(24)[heap] + noise).astype(np.float32), heap


def test_heaps_are_found_the_largest_first(heaps):
    vectors, heap = heaps
    labels, membership = clusters_of(vectors, min_cluster_size=10)
    assert labels.max() == 2
    assert (labels == 2 - heap).mean() > 0.9
    assert ((membership >= 0) & (membership <= 1)).all()
    assert (membership[labels == -1] == 0).all()
    again, _ = clusters_of(vectors, min_cluster_size=10)
    np.testing.assert_array_equal(labels, again)


def test_clusters_are_numbered_by_size_then_by_their_first_cover():
    np.testing.assert_array_equal(_by_size(np.array([1, -1, 0, 0, 2, 2, 2, 1])), [1, -1, 2, 2, 0, 0, 0, 1])
    np.testing.assert_array_equal(_by_size(np.array([-1, -1])), [-1, -1])
    assert len(_by_size(np.array([], int))) == 0


@pytest.mark.parametrize("n", [1, 3, 10, 11, 31])
def test_small_collections_are_noise_or_clusters(n):
    vectors = np.random.default_rng(0).normal(size=(n, 5)).astype(np.float32)
    labels, membership = clusters_of(vectors, min_cluster_size=default_min_cluster_size(n))
    assert len(labels) == len(membership) == n
    assert n > 10 or (labels == -1).all()


def test_clusters_are_stored_and_found_again(embedded, monkeypatch):
    workspace, embedding = embedded
    neighbors = build_neighbors(workspace, embedding)
    run = cluster(workspace, neighbors)
    cover_ids, labels, membership = read_clusters(workspace, run)
    assert 7 not in cover_ids
    assert len(cover_ids) == len(labels) == len(membership) == 119
    assert run.results["clusters"] == labels.max() + 1
    assert run.results["noise_share"] == pytest.approx((labels == -1).mean())
    assert run.params["epochs"] == clustering.EPOCHS
    monkeypatch.setattr(clustering, "find_clusters", None)
    assert cluster(workspace, neighbors) == run


def test_one_islet_does_not_make_everything_else_a_cluster():
    """Three loose groups in one cloud beside a far islet: 'the cloud' is no answer."""
    rng = np.random.default_rng(0)
    cloud = rng.normal(size=(450, 2)) * 0.7 + np.repeat([[0, 0], [3.2, 0], [1.6, 2.8]], 150, axis=0)
    points = np.vstack([cloud, rng.normal(size=(30, 2)) * 0.2 + [60, 60]])
    labels, _ = cluster_points(points, min_cluster_size=20)
    assert np.bincount(labels + 1)[1:].max() <= 0.75 * 480
    assert len(np.unique(labels[labels >= 0])) == 4
