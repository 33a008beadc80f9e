"""How far a map can be trusted, point by point. See docs/methods.md."""

import numpy as np

from analysis.geometry.cosine import normalize
from data.progress import progress

TRUST_K = 15  # neighbours looked at, in the vectors and in the map
EXACT_UP_TO = 20_000  # covers; beyond it only this many points, drawn at random, are measured
BLOCK_CELLS = 2_000_000  # entries of a block of the distance matrix: bounds the memory to some 30 MB


def map_trust(
    vectors: np.ndarray, points: np.ndarray, *, k: int = TRUST_K, seed: int = 42
) -> tuple[np.ndarray, np.ndarray]:
    """Trustworthiness and continuity of each point of a map, (n,) each, from 0 (worst) to 1.

    Trustworthiness: 1 less a penalty for each of the point's k nearest on the map that is none of its k nearest
    by cosine similarity, the larger the higher its rank there. Continuity: the same with map and vectors
    swapped, so a penalty for each true neighbour that the map tears away (Venna & Kaski 2001; their average over
    points is scikit-learn's `trustworthiness`, by cosine and from map to vectors respectively). Ranks are among
    all covers; of equally distant ones each gets the best rank. k is capped below n / 2, where the measure ends.
    Beyond EXACT_UP_TO points, NaN for all but that many drawn at random.
    """
    n = len(vectors)
    k = min(k, (n - 1) // 2)
    trustworthiness, continuity = np.full((2, n), np.nan, np.float32)
    if k < 1:
        return trustworthiness, continuity
    asked = np.arange(n)
    if n > EXACT_UP_TO:
        asked = np.sort(np.random.default_rng(seed).choice(n, EXACT_UP_TO, replace=False))
    unit = normalize(vectors)
    scale = 2 / (k * (2 * n - 3 * k - 1))
    step = max(BLOCK_CELLS // n, 1)
    with progress(total=len(asked), what="map trust") as bar:
        for start in range(0, len(asked), step):
            rows = asked[start : start + step]
            true, shown = _cosine_distances(unit, rows), _map_distances(points, rows)
            trustworthiness[rows] = 1 - scale * _excess_ranks(true, _nearest(shown, k))
            continuity[rows] = 1 - scale * _excess_ranks(shown, _nearest(true, k))
            bar.update(len(rows))
    return trustworthiness, continuity


def map_neighbors(points: np.ndarray, *, k: int = TRUST_K) -> np.ndarray:
    """Row numbers of each point's k nearest on a map (n, 2), in no order: (n, k), k capped at n - 1."""
    from scipy.spatial import cKDTree

    own = np.arange(len(points))[:, None]
    k = min(k, len(points) - 1)
    found = cKDTree(points).query(points, k + 1)[1].reshape(len(points), k + 1)
    last = np.argsort(found == own, axis=1, kind="stable")[:, :k]  # the point itself comes last, and drops out
    return np.take_along_axis(found, last, axis=1)


def map_overlap(near: np.ndarray, others: np.ndarray) -> float:
    """Mean share of a point's nearest on one map (n, k) that are among its nearest on another; NaN without any."""
    cells = np.arange(len(near))[:, None] * len(near)
    return float(np.isin(near + cells, others + cells).mean()) if near.size else float("nan")


def _cosine_distances(unit: np.ndarray, rows: np.ndarray) -> np.ndarray:
    distances = 1 - unit[rows] @ unit.T
    distances[np.arange(len(rows)), rows] = np.inf
    return distances


def _map_distances(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
    distances = sum((points[rows, axis, None] - points[None, :, axis]) ** 2 for axis in range(points.shape[1]))
    distances[np.arange(len(rows)), rows] = np.inf
    return distances


def _nearest(distances: np.ndarray, k: int) -> np.ndarray:
    return np.argpartition(distances, k - 1, axis=1)[:, :k]


def _excess_ranks(distances: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Sum over a row's k columns of how far their rank by distance, 1 being the nearest, exceeds k."""
    limits = np.take_along_axis(distances, columns, axis=1)
    ranked = np.sort(distances, axis=1)
    ranks = 1 + np.stack([np.searchsorted(*row) for row in zip(ranked, limits, strict=True)])
    return np.maximum(ranks - columns.shape[1], 0).sum(axis=1)
