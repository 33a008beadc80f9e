"""Intervals of means over genres of any size; pure: arrays in, arrays out. See docs/methods.md."""

from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.statistics.intervals import variance


def mean_interval(values: np.ndarray, low: np.ndarray, high: np.ndarray, covariance: np.ndarray) -> tuple[float, float]:
    """Interval (low, high) of the plain mean of values (c,) with intervals low, high (c,) of their own.

    The distances to the bounds add up as standard errors do (Zou & Donner 2008, Construction of confidence limits about
    effect measures: a general approach; for values that hang together Zou 2007): so every genre widens the mean by
    what its own covers leave open, a genre of one cover by nearly all that it could be, and none leaves its range.
    covariance (c, c): of the values; what does not vary in it hangs together with nothing. NaN where a bound is.
    """
    together = correlation(covariance)
    below, above = (float(np.sqrt(np.maximum(far @ together @ far, 0))) for far in (values - low, high - values))
    mean, count = float(values.mean()), len(values)
    return mean - below / count, mean + above / count


def mean_interval_of(values: np.ndarray, low: np.ndarray, high: np.ndarray, moved: Any) -> tuple[float, float]:
    """The same where the covariance is moved.T @ moved, of moved (g, c), dense or SciPy sparse: what each of g groups
    moves each value by. No matrix (c, c) is made: d' R d = |moved (d / spread)|^2, and d^2 of what does not vary."""
    return _joined(values, low, high, np.sqrt(column_squares(moved)), lambda far: np.square(moved @ far).sum())


def mean_interval_resampled(
    values: np.ndarray, low: np.ndarray, high: np.ndarray, replicates: np.ndarray
) -> tuple[float, float]:
    """The same where the covariance is that of replicates (resamples, c), as many as there are; 0 without any."""
    freedom = max(len(replicates) - 1, 1)
    spread = np.sqrt(variance(replicates)) if len(replicates) > 1 else np.zeros(len(values))

    def joined(far: np.ndarray) -> float:
        drawn = replicates @ far
        return float(np.square(drawn - drawn.sum() / max(len(drawn), 1)).sum()) / freedom

    return _joined(values, low, high, spread, joined)


def _joined(
    values: np.ndarray, low: np.ndarray, high: np.ndarray, spread: np.ndarray, variance_of: Callable[[np.ndarray], Any]
) -> tuple[float, float]:
    """The interval from spreads (c,) and the variance of a weighted sum of the values."""
    scale = _inverse(spread)
    below, above = (
        float(np.sqrt(variance_of(far * scale) + np.square(far[scale == 0]).sum()))
        for far in (values - low, high - values)
    )
    mean, count = float(values.mean()), len(values)
    return mean - below / count, mean + above / count


def column_squares(columns: Any) -> np.ndarray:
    """Sums of squares (c,) of columns (g, c), dense or SciPy sparse."""
    if isinstance(columns, np.ndarray):
        return np.einsum("ij,ij->j", columns, columns)
    return np.asarray(columns.power(2).sum(axis=0)).ravel()


def correlation(covariance: np.ndarray) -> np.ndarray:
    """Correlations (c, c); 0 with what does not vary."""
    scale = _inverse(np.sqrt(np.maximum(np.diag(covariance), 0)))
    together = covariance * scale[:, None] * scale
    np.fill_diagonal(together, 1)
    return together


def _inverse(spread: np.ndarray) -> np.ndarray:
    """1 / spread, 0 for what does not vary."""
    return np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-12)
