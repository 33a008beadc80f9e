"""Neighbours outside a cover's own group: what counts where covers of one artist are no independent evidence.

See docs/methods.md.
"""

import numpy as np

from analysis.geometry.cosine import normalize, similarities_of
from analysis.geometry.neighbors import MARGIN
from data.progress import progress

BLOCK_CELLS = 4_000_000  # similarities computed at a time: 16 MB, and two or three times that for sorting them


def independent_neighbors(vectors: np.ndarray, graph_rows: np.ndarray, groups: np.ndarray, *, k: int) -> np.ndarray:
    """The k nearest covers of each cover outside its own group, nearest first: (n, k) int32, padded with -1.

    vectors: (n, d). graph_rows: (n, m) row numbers of the neighbour graph, -1 for none. groups: (n,). Groups may hold
    whatever counts as one piece of evidence (near-duplicates, an artist's covers) and are at least as coarse as the
    exact duplicates that the graph leaves out. Where the graph's list runs out (an artist with 100 covers fills the 50
    places alone), the whole collection is compared with the cover, exactly; only who has fewer than k covers outside
    the group keeps fewer. The graph stays as it is.
    """
    found = _outside(graph_rows, groups, k=k)
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    possible = np.minimum(k, len(groups) - sizes[group])
    short = np.flatnonzero((found >= 0).sum(axis=1) < possible)
    if len(short):
        found[short] = _search_outside(normalize(vectors), short, group, k=k)
    return found


def _outside(rows: np.ndarray, groups: np.ndarray, *, k: int) -> np.ndarray:
    """The first k of each list that are outside the group: (n, k), padded with -1."""
    rows = np.pad(rows, ((0, 0), (0, max(k - rows.shape[1], 0))), constant_values=-1)
    barred = (rows < 0) | (groups[rows] == groups[:, None])
    order = np.argsort(barred, axis=1, kind="stable")[:, :k]
    kept = np.where(np.take_along_axis(barred, order, axis=1), -1, np.take_along_axis(rows, order, axis=1))
    return kept.astype(np.int32)


def _search_outside(unit: np.ndarray, asked: np.ndarray, group: np.ndarray, *, k: int) -> np.ndarray:
    """The same for the rows asked for, by comparing them with all: (len(asked), k)."""
    found = np.full((len(asked), k), -1, np.int32)
    step = max(BLOCK_CELLS // len(unit), 1)
    with progress(total=len(asked), what="independent neighbours") as bar:
        for start in range(0, len(asked), step):
            rows = asked[start : start + step]
            hits = _candidates(unit, rows, group, k=k)
            best = _order(unit, rows, hits, group)[:, :k]
            found[start : start + step, : best.shape[1]] = best
            bar.update(len(rows))
    return found


def _candidates(unit: np.ndarray, rows: np.ndarray, group: np.ndarray, *, k: int) -> np.ndarray:
    """Whoever might be among the k nearest outside, as float32 tells no closer than MARGIN: (len(rows), at least k)."""
    similarities = unit[rows] @ unit.T
    similarities[group[rows][:, None] == group[None, :]] = -np.inf
    k = min(k, len(unit))
    kth = -np.partition(-similarities, k - 1, axis=1)[:, k - 1 : k]
    count = max(int((similarities > kth - MARGIN).sum(axis=1).max()), k)
    return np.argpartition(-similarities, count - 1, axis=1)[:, :count]


def _order(unit: np.ndarray, rows: np.ndarray, hits: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Hits nearest first, of equally near ones by row number as in the graph; those of the own group last, as -1."""
    barred = group[hits] == group[rows][:, None]
    order = np.lexsort((hits, -similarities_of(unit, rows, unit, hits), barred), axis=1)
    return np.where(np.take_along_axis(barred, order, axis=1), -1, np.take_along_axis(hits, order, axis=1))
