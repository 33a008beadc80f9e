"""Sums of squared means without the part that chance alone adds, and their intervals; pure: arrays in, arrays out.

A mean of noise is not 0, and its square never below: whoever adds up squares (gaps between what was said and what was,
bin by bin) finds something where nothing is. See docs/methods.md.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.statistics.intervals import LEVEL

# Beyond this many standard deviations a noncentral chi-square is normal, and its inverse no longer reliable.
FAR = 1e4
# Of more bins than this no matrix (b, b) is made; so many groups are asked then, in blocks of so many.
MANY, ASKED, BLOCK = 1000, 1000, 1000


def squared_means(sums: Any, sizes: np.ndarray, strata: np.ndarray) -> tuple[float, float, float, float]:
    """sum_b sizes_b * mean_b^2 less what chance adds, in the mean over draws; and (value, low, high, chance).

    sums: (g, b), dense or SciPy CSR, a row an independent group: what it adds to each bin's sum of gaps. sizes: (b,),
    what the bins weigh, 1 together; a bin's mean is its sum / its size. strata: (g,) codes; groups vary within these
    only, as in the bootstrap. chance: what was taken off, the variance of the sums as the groups show it, / sizes.
    With one group a bin and cover this is n / (n - 1) * variance, the correction of Brocker 2012, Estimating
    reliability and resolution of probability forecasts through decomposition of the empirical score, of Ferro &
    Fricker 2012, and of Kumar, Liang & Ma 2019, Verified Uncertainty Calibration; here also for dependent covers.
    value may be below 0: that is what makes it right on average. low and high, 0 or more: 95 %, from a noncentral
    chi-square of as many degrees of freedom as the bins' variances are worth (Satterthwaite 1946). Bins of size 0 do
    not count. NaN without a group.
    """
    from scipy.sparse import csr_matrix

    used = sizes > 0
    if not used.any() or not len(strata):
        return (float("nan"),) * 4
    scaled = csr_matrix(sums)[:, used].multiply(1 / np.sqrt(sizes[used])).tocsr()
    chance, squares = _noise(scaled, strata)
    raw = float(np.square(scaled.sum(axis=0)).sum())
    low, high = _interval(raw, chance, squares)
    return raw - chance, low, high, chance


def _noise(rows: Any, strata: np.ndarray) -> tuple[float, float]:
    """Trace and sum of squared eigenvalues of `_covariance`; of very many bins without it, see `_noise_of_many`."""
    if rows.shape[1] > MANY:
        return _noise_of_many(rows, strata)
    spread = _covariance(rows, strata)
    return float(np.trace(spread)), float((spread**2).sum())


def _noise_of_many(rows: Any, strata: np.ndarray) -> tuple[float, float]:
    """The same from the products of the groups' deviations x (g, b), the covariance being x' x: no matrix (b, b).

    The trace is that of x x', and the squared eigenvalues sum up to its squared entries: of more than ASKED groups,
    those of ASKED columns, spread evenly, stand for all.
    """
    order = np.argsort(strata, kind="stable")
    rows, codes = rows[order], np.unique(strata[order], return_inverse=True)[1]
    asked = np.unique(np.linspace(0, len(codes) - 1, ASKED).astype(int))
    columns = np.concatenate([*_deviations(rows, codes, asked)])
    trace = squares = 0.0
    for part in _deviations(rows, codes, np.arange(len(codes))):
        trace += float(np.square(part, dtype=np.float64).sum())
        squares += float(np.square(part @ columns.T, dtype=np.float64).sum())
    return trace, squares * len(codes) / len(asked)


def _deviations(rows: Any, codes: np.ndarray, wanted: np.ndarray) -> Iterator[np.ndarray]:
    """How far some groups lie from the mean of their stratum, blocks (at most BLOCK, b) float32, as far as they vary.

    rows: (g, b) CSR, codes (g,) ascending. Scaled by n / (n - 1); a row that is alone in its stratum stays as it is.
    """
    from scipy.sparse import csr_matrix

    counts = np.bincount(codes)
    member = csr_matrix((np.ones(len(codes)), (codes, np.arange(len(codes)))))
    means = csr_matrix((member @ rows).multiply((np.where(counts > 1, 1, 0) / counts)[:, None]))
    scale = np.sqrt(np.where(counts > 1, counts / np.maximum(counts - 1, 1), 1))
    for start in range(0, len(wanted), BLOCK):
        some = wanted[start : start + BLOCK]
        apart = (rows[some] - means[codes[some]]).toarray() * scale[codes[some]][:, None]
        yield apart.astype(np.float32)


def _covariance(rows: Any, strata: np.ndarray) -> np.ndarray:
    """Covariance (b, b) of the sum of rows (g, b), drawn anew within each stratum; a row alone varies by its square."""
    _, codes, counts = np.unique(strata, return_inverse=True, return_counts=True)
    total = np.zeros((rows.shape[1], rows.shape[1]))
    for code, count in enumerate(counts):
        own = rows[codes == code]
        products = np.asarray((own.T @ own).todense())
        mean = np.asarray(own.sum(axis=0)).ravel() / count
        total += products if count == 1 else (products - count * np.outer(mean, mean)) * count / (count - 1)
    return total


def _interval(raw: float, chance: float, squares: float) -> tuple[float, float]:
    """Bounds of the expected squares from their raw sum, whose noise has this trace and sum of squared eigenvalues."""
    from scipy.special import chdtr

    if squares <= 0:
        return max(raw, 0.0), max(raw, 0.0)
    scale, freedom = squares / chance, chance**2 / squares
    tail = (1 - LEVEL) / 2
    seen = raw / scale
    low = 0.0 if chdtr(freedom, seen) <= 1 - tail else _noncentrality(seen, freedom, 1 - tail)
    # As if chance had added at least what it usually does: no luck makes the interval end at 0.
    return scale * low, scale * _noncentrality(max(seen, freedom), freedom, tail)


def _noncentrality(seen: float, freedom: float, share: float) -> float:
    """The noncentrality with which so large a share of the draws stays below what was seen."""
    from scipy.special import chndtrinc, ndtri

    if seen > FAR:
        center = seen - freedom
        return max(center - float(ndtri(share)) * float(np.sqrt(2 * freedom + 4 * max(center, 0))), 0.0)
    return float(chndtrinc(seen, freedom, share))
