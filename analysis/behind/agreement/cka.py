"""How alike two embeddings lay out the same covers, whatever their dimensions: debiased linear CKA.

Pure: arrays in, arrays out. See docs/methods.md.
"""

import numpy as np

from analysis.statistics.intervals import t_quantile

# Parts of the covers left out in turn, for the interval.
PARTS = 50
# Fewer covers than this have no interval worth the name.
FEWEST = 20


def debiased_cka(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Linear CKA of vectors (n, d) and (n, e) of the same n independent covers, with its interval: value, low, high.

    HSIC(X, Y) / sqrt(HSIC(X, X) HSIC(Y, Y)) of the linear kernels (Kornblith, Norouzi, Lee & Hinton 2019), each HSIC by
    the unbiased estimator of Song, Smola, Gretton, Bedo & Borgwardt (2012): the plain one is far above 0 for unrelated
    vectors unless n is much larger than d and e (Murphy, Zylberberg & Fyshe 2024). 1: equal but for rotation, shift and
    scale; about 0, on either side, for unrelated ones. Interval of 95 %: jackknife, one of PARTS parts of the covers
    left out at a time, Student's t. NaN below FEWEST covers and where all vectors are alike.
    """
    n = len(first)
    if n < FEWEST:
        return float("nan"), float("nan"), float("nan")
    left, right = (each - each.mean(axis=0, dtype=np.float64).astype(each.dtype) for each in (first, second))
    part = np.random.default_rng(0).permutation(n) % min(PARTS, n)
    value, *left_out = _ratio(np.array([_hsic(*pair, part) for pair in ((left, right), (left, left), (right, right))]))
    count = len(left_out)
    error = np.sqrt((count - 1) / count * np.square(left_out - np.mean(left_out)).sum())
    half = float(t_quantile(np.array(count)) * error)
    return float(value), float(value - half), float(min(value + half, 1.0))


def _ratio(hsic: np.ndarray) -> np.ndarray:
    """CKA (m,) from the HSIC (3, m) of (X, Y), (X, X) and (Y, Y); NaN where a side does not vary."""
    scale = hsic[1] * hsic[2]
    alike = (hsic[1:] <= 0).any(axis=0)
    return np.divide(hsic[0], np.sqrt(np.abs(scale)), out=np.full(len(scale), np.nan), where=~alike)


def _hsic(one: np.ndarray, other: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Song et al.'s estimator for linear kernels of all covers, then without each part: (1 + parts,).

    (tr(KL) + sum(K) sum(L) / ((n - 1) (n - 2)) - 2 sum(KL) / (n - 2)) / (n (n - 3)), K and L the kernels of n covers
    with empty diagonals; here in terms of the vectors, as all pairs of covers would not fit. part: (n,) from 0.
    """
    traces = _traces(one, other, part)
    kept = np.hstack([np.ones((len(part), 1), bool), part[:, None] != np.arange(part.max() + 1)])
    rows, others = (_row_sums(each, kept) for each in (one, other))
    n = kept.sum(axis=0)
    sums = rows.sum(axis=0) * others.sum(axis=0) / ((n - 1) * (n - 2))
    return np.asarray((traces + sums - 2 * (rows * others).sum(axis=0) / (n - 2)) / (n * (n - 3)))


def _row_sums(vectors: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Sums over the rows of the kernel with an empty diagonal, of each subset (n, m) of the covers: (n, m) float64."""
    totals = vectors.T @ kept.astype(vectors.dtype)
    own = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)[:, None]
    return np.where(kept, (vectors @ totals).astype(np.float64) - own, 0)


def _traces(one: np.ndarray, other: np.ndarray, part: np.ndarray) -> np.ndarray:
    """tr(KL) with empty diagonals of all covers, then without each part: (1 + parts,).

    The whole is |X'Y|^2 less the diagonal. A part takes away what its covers have with all others, twice, and gives
    back what they have with each other.
    """
    product = one.T @ other
    own = np.einsum("ij,ij->i", one, one, dtype=np.float64) * np.einsum("ij,ij->i", other, other, dtype=np.float64)
    with_all = np.einsum("ij,ij->i", one @ product, other, dtype=np.float64) - own
    whole, found = with_all.sum(), []
    for number in range(part.max() + 1):
        out = np.flatnonzero(part == number)
        within = (one[out] @ one[out].T * (other[out] @ other[out].T)).sum(dtype=np.float64) - own[out].sum()
        found.append(whole - 2 * with_all[out].sum() + within)
    return np.array([whole, *found])
