"""Cosine similarity that does not depend on the processor or the number of threads."""

import numpy as np

# Similarities are rounded to these steps: covers that differ by less count as equally near. The float32 vectors
# themselves are no more exact than this.
STEP = 2.0**-20
PRODUCT_CELLS = 2_000_000  # float64 numbers multiplied at a time: 16 MB


def normalize(vectors: np.ndarray) -> np.ndarray:
    """The vectors at length 1, contiguous; a zero vector stays zero and so is similar to nothing."""
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))[:, None].astype(vectors.dtype)
    return np.ascontiguousarray(vectors / np.where(lengths > 0, lengths, 1))


def similarities_of(unit: np.ndarray, rows: np.ndarray, others: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Cosine similarities of some rows (m,) of `unit` with their hits (m, h) among `others`, rounded to STEP: (m, h).

    unit, others: vectors of length 1. Computed in float64 without BLAS, so the same for any number of threads; a
    hit of -1 gives whatever the last one would.
    """
    found = np.empty(hits.shape)
    step = max(PRODUCT_CELLS // max(hits.shape[1] * unit.shape[1], 1), 1)
    for start in range(0, len(rows), step):
        some = slice(start, start + step)
        queries, near = unit[rows[some]].astype(np.float64), others[hits[some]].astype(np.float64)
        found[some] = np.einsum("id,ihd->ih", queries, near)
    return np.clip(np.round(found / STEP) * STEP, -1, 1)
