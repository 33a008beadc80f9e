"""The map: a UMAP of the neighbour graph in two dimensions, with a measure of how far each point can be trusted.

See docs/methods.md.
"""

import numpy as np
import pyarrow as pa

from analysis.geometry.layout import LAYOUT, umap_layout
from analysis.geometry.neighbors import NeighborGraph, embedding_of, read_neighbors
from analysis.geometry.trust import map_trust
from data.store.runs import Outcome, Run, compute_run
from data.store.workspace import Workspace
from embeddings.vectors import read_vectors


def project(
    workspace: Workspace, neighbors: Run, *, n_neighbors: int = 15, min_dist: float = 0.1, seed: int = 42
) -> Run:
    """Make the map of an embedding from its neighbour graph, or find it.

    Results: trustworthiness and continuity, averages of the per-point values (`analysis.geometry.trust.map_trust`);
    trust_points, the number of points that trust was measured at. What other seeds would have shown is measured by
    `analysis.geometry.stability`.
    """
    params = {"n_neighbors": n_neighbors, "min_dist": min_dist, "layout": LAYOUT}
    return compute_run(
        workspace,
        "projection",
        lambda: _compute(workspace, neighbors, n_neighbors=n_neighbors, min_dist=min_dist, seed=seed),
        name=neighbors.name,
        params=params,
        inputs=[neighbors.run_id],
        seed=seed,
    )


def _compute(workspace: Workspace, neighbors: Run, *, n_neighbors: int, min_dist: float, seed: int) -> Outcome:
    cover_ids, vectors = read_vectors(workspace, embedding_of(workspace, neighbors))
    graph = read_neighbors(workspace, neighbors)
    points = lay_out(vectors, graph, n_neighbors=n_neighbors, min_dist=min_dist, seed=seed)
    trustworthiness, continuity = map_trust(vectors, points, seed=seed)
    columns = {"x": points[:, 0], "y": points[:, 1], "trustworthiness": trustworthiness, "continuity": continuity}
    rows = {"cover_id": cover_ids} | {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
    measured = np.isfinite(trustworthiness)
    results = {
        "trustworthiness": _mean(trustworthiness[measured]),
        "continuity": _mean(continuity[measured]),
        "trust_points": int(measured.sum()),
    }
    return {"projections": pa.table(rows)}, results


def lay_out(
    vectors: np.ndarray, graph: NeighborGraph, *, n_neighbors: int = 15, min_dist: float = 0.1, seed: int = 42
) -> np.ndarray:
    """Map coordinates (m, 2) of a graph's covers; vectors: (m, d), in the graph's order."""
    return umap_layout(
        vectors,
        graph.rows,
        graph.similarities,
        dimensions=2,
        n_neighbors=n_neighbors,
        min_dist=min_dist,
        seed=seed,
    )


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean(dtype=np.float64)) if len(values) else None
