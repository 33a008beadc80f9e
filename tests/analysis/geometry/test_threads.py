"""The same seed gives the same graph, map and clusters, whatever the number of threads."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from analysis.classifiers.estimators.knn import FaissKNN
from analysis.geometry.clustering import find_clusters
from analysis.geometry.layout import _principal_components
from analysis.geometry.neighbors import NeighborGraph, neighbor_graph
from analysis.geometry.projection import lay_out

ROOT = Path(__file__).resolve().parents[3]


def cover_like(n: int, d: int = 512) -> np.ndarray:
    """Vectors as ResNet's: not negative, of low rank with noise, without a gap between groups; a tenth are copies."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(20, d))[rng.integers(20, size=n)]
    vectors = 0.7 * centres + 0.3 * rng.normal(size=(n, 30)) @ rng.normal(size=(30, d)) + 0.3 * rng.normal(size=(n, d))
    vectors[: n // 10] = vectors[0]
    return np.maximum(vectors, 0).astype(np.float32)


def digests(n: int) -> dict[str, str]:
    """What must not depend on threads, each by a hash of its bytes."""
    vectors = cover_like(n)
    rows, similarities = neighbor_graph(vectors, np.arange(n), k=50)
    graph = NeighborGraph(np.arange(n), rows, similarities)
    clusters, membership = find_clusters(vectors, graph, min_cluster_size=10)
    probabilities = FaissKNN(10).fit(vectors[::2], np.arange(n)[::2] % 5).predict_proba(vectors[1::2])
    arrays = {"rows": rows, "similarities": similarities, "map": lay_out(vectors, graph), "clusters": clusters}
    arrays |= {"membership": membership, "probabilities": probabilities}
    return {name: hashlib.sha256(np.ascontiguousarray(array)).hexdigest() for name, array in arrays.items()}


def digests_with(threads: int) -> str:
    """`digests` in a process of its own, where every library has so many threads from the start."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    environment = os.environ | {f"{name}_NUM_THREADS": str(threads) for name in names} | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
@pytest.mark.timeout(1200)  # minutes on a machine that others keep busy
def test_processes_with_one_and_two_threads_agree():
    one = digests_with(1)
    assert len(one) > 100
    assert one == digests_with(2)


def test_start_and_graph_do_not_depend_on_threads():
    vectors = cover_like(700)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append([*neighbor_graph(vectors, np.arange(700), k=50), _principal_components(vectors, 10, seed=0)])
    for one, two in zip(*found, strict=True):
        np.testing.assert_array_equal(one, two)


def test_start_does_not_depend_on_how_its_products_are_rounded():
    vectors = cover_like(700)
    order = np.random.default_rng(1).permutation(512)
    start = _principal_components(vectors, 10, seed=0)
    np.testing.assert_array_equal(start, _principal_components(np.ascontiguousarray(vectors[:, order]), 10, seed=0))


if __name__ == "__main__":
    sys.stdout.write(str(digests(1_000)))
