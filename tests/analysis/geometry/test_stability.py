"""Stability over seeds and sizes: counted by hand, and stored."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, jaccard_score

from analysis.geometry import stability
from analysis.geometry.clustering import NOISE, cluster, read_clusters
from analysis.geometry.likeness import best_matches, pairwise_ari, stays
from analysis.geometry.neighbors import NeighborGraph, build_neighbors, neighbor_graph
from analysis.geometry.projection import project
from analysis.geometry.stability import compute_variants, measure_stability


def test_best_matches_are_jaccards():
    rng = np.random.default_rng(0)
    labels, others = rng.integers(-1, 4, 60), rng.integers(-1, 3, 60)
    match, likeness = best_matches(labels, others)
    for c in range(4):
        each = [jaccard_score(labels == c, others == o) for o in range(3)]
        assert match[c] == np.argmax(each)
        assert likeness[c] == pytest.approx(max(each))


def test_who_stays_by_hand():
    labels = np.array([0, 0, 0, 1, 1, -1, -1])
    others = np.array([2, 2, 1, 0, -1, -1, 0])
    np.testing.assert_array_equal(best_matches(labels, others)[0], [2, 0])
    np.testing.assert_allclose(best_matches(labels, others)[1], [2 / 3, 1 / 3])
    np.testing.assert_array_equal(stays(labels, others), [True, True, False, True, False, True, False])
    nothing = np.full(7, NOISE)
    np.testing.assert_array_equal(stays(labels, nothing), labels == NOISE)
    np.testing.assert_array_equal(stays(nothing, labels), labels == NOISE)


def test_a_cluster_that_no_cluster_meets_does_not_stay():
    labels = np.array([0, 0, 1, 1])
    others = np.array([0, 0, -1, -1])
    np.testing.assert_array_equal(stays(labels, others), [True, True, False, False])


def test_pairs_of_clusterings():
    labels = [np.array([0, 0, 1, 1, -1]), np.array([1, 1, 0, 0, -1]), np.array([0, 1, 0, 1, -1])]
    found = pairwise_ari(labels)
    assert found[0, 1] == found[1, 0] == 1
    assert found[0, 2] == adjusted_rand_score(labels[0], labels[2]) < 1
    assert np.isnan(found.diagonal()).all()


def curve_of(workspace, run, name):
    with workspace.read() as con:
        return con.execute("SELECT * FROM curves WHERE run_id = ? AND curve = ? ORDER BY x", [run.run_id, name]).df()


def test_stability_is_stored_and_found_again(embedded, monkeypatch):
    workspace, embedding = embedded
    neighbors = build_neighbors(workspace, embedding)
    projection, clustering = project(workspace, neighbors, seed=7), cluster(workspace, neighbors, seed=7)
    run = measure_stability(workspace, neighbors, projection, clustering, seeds=3)

    others = [read_clusters(workspace, cluster(workspace, neighbors, seed=seed))[1] for seed in (7, 8, 9)]
    pairs = [adjusted_rand_score(a, b) for a, b in itertools.combinations(others, 2)]
    assert run.results["ari"] == pytest.approx(np.mean(pairs))
    assert run.results["ari_low"] == pytest.approx(min(pairs))
    assert run.results["clusters_high"] == max(labels.max() for labels in others) + 1
    assert 0.3 < run.results["map_low"] <= run.results["map"] <= run.results["map_high"] < 1

    by_seed = curve_of(workspace, run, "ari_by_seed")
    assert by_seed.x.tolist() == [7, 8, 9]
    assert by_seed.value[0] == pytest.approx((pairs[0] + pairs[1]) / 2)
    assert curve_of(workspace, run, "noise_by_seed").value[0] == pytest.approx((others[0] == NOISE).mean())
    by_size = curve_of(workspace, run, "ari_by_size").set_index("x").value
    assert by_size[clustering.results["min_cluster_size"]] == 1  # the shown clustering itself, found anew
    assert len(by_size) == len(curve_of(workspace, run, "clusters_by_size")) > 5

    cover_ids, shown, kept = read_clusters(workspace, run)
    np.testing.assert_array_equal(cover_ids, read_clusters(workspace, clustering)[0])
    np.testing.assert_array_equal(shown, others[0])
    np.testing.assert_allclose(kept, np.mean([stays(shown, other) for other in others[1:]], axis=0))

    assert run.params["sizes"] == list(stability.SIZES)
    monkeypatch.setattr(stability, "compute_variants", None)
    assert measure_stability(workspace, neighbors, projection, clustering, seeds=3) == run


def test_large_collections_are_not_measured_and_say_so(embedded, monkeypatch):
    monkeypatch.setattr(stability, "UP_TO", 118)
    workspace, embedding = embedded
    neighbors = build_neighbors(workspace, embedding)
    run = measure_stability(workspace, neighbors, project(workspace, neighbors), cluster(workspace, neighbors))
    assert run.results["covers"] == 119
    assert run.results["ari"] is run.results["map"] is None
    assert not len(curve_of(workspace, run, "ari_by_seed"))


@pytest.mark.slow
@pytest.mark.timeout(1200)  # minutes on a machine that others keep busy
def test_worker_processes_find_the_same(monkeypatch):
    vectors = np.random.default_rng(0).normal(size=(150, 12)).astype(np.float32)
    graph = NeighborGraph(np.arange(150), *neighbor_graph(vectors, np.arange(150), k=50))
    found = []
    for workers_from in (1_000, 0):
        monkeypatch.setattr(stability, "WORKERS_FROM", workers_from)
        found.append(compute_variants(vectors, graph, [1, 2, 3], size=10, n_neighbors=15, min_dist=0.1))
    for here, there in zip(*found, strict=True):
        assert here.labels.keys() == there.labels.keys()
        for size, labels in here.labels.items():
            np.testing.assert_array_equal(labels, there.labels[size])
        np.testing.assert_array_equal(here.near, there.near)
    assert not np.array_equal(found[0][0].near, found[0][1].near)
