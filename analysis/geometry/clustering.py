"""Clusters: HDBSCAN on a UMAP made for clustering, not for looking at. See docs/methods.md."""

import numpy as np
import pyarrow as pa

from analysis.geometry.layout import LAYOUT, umap_layout
from analysis.geometry.neighbors import NeighborGraph, embedding_of, read_neighbors
from data.store.runs import Outcome, Run, compute_run
from data.store.workspace import Workspace
from embeddings.vectors import read_vectors

# More dimensions and neighbours than a map and no minimum distance: dense regions stay dense, and fine
# structure that is mostly noise is smoothed away (UMAP's own advice for clustering).
DIMENSIONS = 10
N_NEIGHBORS = 30
EPOCHS = 200
MIN_SAMPLES = 5  # neighbours that make a place dense: HDBSCAN's default, min_cluster_size, calls far more noise
# A "cluster" of more of the covers than this is the collection, not a group in it. Without the bound it depends on the
# seed whether HDBSCAN stops at "everything but one islet" (2 clusters) or goes on to the groups inside (15).
MAX_SHARE = 0.75
NOISE = -1


def cluster(workspace: Workspace, neighbors: Run, *, min_cluster_size: int | None = None, seed: int = 42) -> Run:
    """Cluster an embedding's covers, or find the clusters.

    min_cluster_size: by default a hundredth of the covers, at least 10. Results: clusters (how many),
    noise_share (of the covers that belong to none), min_cluster_size.
    """
    params = {"min_cluster_size": min_cluster_size, "min_samples": MIN_SAMPLES, "max_share": MAX_SHARE}
    params |= {"dimensions": DIMENSIONS, "n_neighbors": N_NEIGHBORS, "epochs": EPOCHS, "layout": LAYOUT}
    return compute_run(
        workspace,
        "clustering",
        lambda: _compute(workspace, neighbors, min_cluster_size=min_cluster_size, seed=seed),
        name=neighbors.name,
        params=params,
        inputs=[neighbors.run_id],
        seed=seed,
    )


def _compute(workspace: Workspace, neighbors: Run, *, min_cluster_size: int | None, seed: int) -> Outcome:
    cover_ids, vectors = read_vectors(workspace, embedding_of(workspace, neighbors))
    size = min_cluster_size or default_min_cluster_size(len(vectors))
    labels, membership = find_clusters(vectors, read_neighbors(workspace, neighbors), min_cluster_size=size, seed=seed)
    results = {
        "clusters": int(labels.max(initial=NOISE)) + 1,
        "noise_share": float((labels == NOISE).mean()) if len(labels) else 0.0,
        "min_cluster_size": size,
    }
    rows = pa.table({"cover_id": cover_ids, "cluster": labels, "membership": membership})
    return {"clusters": rows}, results


def read_clusters(workspace: Workspace, run: Run) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cover ids (m,) ascending, clusters (m,) with -1 for noise, and memberships (m,) from 0 to 1."""
    with workspace.read() as con:
        found = con.execute(
            "SELECT cover_id, cluster, membership FROM clusters WHERE run_id = ? ORDER BY cover_id", [run.run_id]
        ).fetchnumpy()
    return found["cover_id"], found["cluster"], found["membership"]


def default_min_cluster_size(covers: int) -> int:
    """The smallest group worth calling a cluster: a hundredth of the covers, at least 10."""
    return max(10, covers // 100)


def find_clusters(
    vectors: np.ndarray, graph: NeighborGraph, *, min_cluster_size: int, seed: int = 42
) -> tuple[np.ndarray, np.ndarray]:
    """Clusters (m,) int32, the largest being 0 and noise -1, and how strongly each cover belongs (m,) float32.

    Membership is HDBSCAN's: 1 in the core of a cluster, falling to 0 at its edge, 0 for noise.
    """
    if len(vectors) <= min_cluster_size:
        return cluster_points(np.zeros((len(vectors), DIMENSIONS)), min_cluster_size=min_cluster_size)
    return cluster_points(lay_out_for_clusters(vectors, graph, seed=seed), min_cluster_size=min_cluster_size)


def lay_out_for_clusters(vectors: np.ndarray, graph: NeighborGraph, *, seed: int = 42) -> np.ndarray:
    """The coordinates (m, DIMENSIONS) that clusters are found in; vectors: (m, d), in the graph's order."""
    return umap_layout(
        vectors,
        graph.rows,
        graph.similarities,
        dimensions=DIMENSIONS,
        n_neighbors=N_NEIGHBORS,
        min_dist=0.0,
        seed=seed,
        epochs=EPOCHS,
    )


def cluster_points(points: np.ndarray, *, min_cluster_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Clusters and memberships, as `find_clusters` gives them, of points (m, DIMENSIONS)."""
    if len(points) <= min_cluster_size:
        return np.full(len(points), NOISE, np.int32), np.zeros(len(points), np.float32)
    import hdbscan

    found = hdbscan.HDBSCAN(
        min_cluster_size,
        min_samples=MIN_SAMPLES,
        max_cluster_size=int(len(points) * MAX_SHARE),
        core_dist_n_jobs=1,
    ).fit(points)
    return _by_size(found.labels_), found.probabilities_.astype(np.float32)


def _by_size(labels: np.ndarray) -> np.ndarray:
    """The same clusters, numbered by size; of equal ones the one with the earliest cover comes first."""
    names, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    ranked = names[order][names[order] != NOISE]
    numbers = np.full(int(labels.max(initial=NOISE)) + 2, NOISE, np.int32)
    numbers[ranked] = np.arange(len(ranked))
    return numbers[labels]
