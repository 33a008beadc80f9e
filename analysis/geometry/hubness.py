"""Hubs: covers that are the neighbours of very many others, and neighbour lists corrected for them.

See docs/methods.md.
"""

import numpy as np

HUBNESS_K = 10


def hubness_skewness(rows: np.ndarray, *, k: int = HUBNESS_K) -> float:
    """Skewness of N_k, the number of lists of k nearest neighbours that a cover is in (Radovanovic et al. 2010).

    About 0: every cover is as often a neighbour as any other. Well above 1: a few hubs are neighbours of very
    many, and some covers ("anti-hubs") of none; the graph then says more about the hubs than about likeness.
    """
    nearest_rows = rows[:, :k]
    counts = np.bincount(nearest_rows[nearest_rows >= 0], minlength=len(rows)).astype(np.float64)
    deviations = counts - counts.mean()
    spread = np.sqrt((deviations**2).mean())
    return float((deviations**3).mean() / spread**3) if spread > 0 else 0.0


def corrected_neighbors(rows: np.ndarray, similarities: np.ndarray, *, k: int = HUBNESS_K) -> np.ndarray:
    """The graph's lists (n, m) in another order, in which a hub must be nearer than to its usual admirers: (n, m).

    Cross-domain similarity local scaling (Conneau et al. 2018), 2 s(x, y) - r(x) - r(y), where s is the cosine
    similarity and r a cover's mean similarity to its k nearest: whoever is near to everybody has a high r(y), and
    falls back. r(x) is the same along a list. Of equal ones the lower row number comes first; -1 stays at the end.
    rows, similarities: (n, m) as `analysis.geometry.neighbors.neighbor_graph` gives them, nearest first. Only what
    is among the m can come forward, so the first few of many are to be read: 10 of 50.
    """
    near = np.nan_to_num(similarities[:, :k].astype(np.float64), nan=0.0)
    usual = near.sum(axis=1) / np.maximum((rows[:, :k] >= 0).sum(axis=1), 1)
    scaled = np.where(rows < 0, -np.inf, 2 * np.nan_to_num(similarities, nan=0.0) - usual[rows])
    order = np.lexsort((rows, -scaled), axis=1)
    return np.take_along_axis(rows, order, axis=1)
