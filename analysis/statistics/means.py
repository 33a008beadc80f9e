"""Intervals of means over genres of any size; pure: arrays in, arrays out. See docs/methods.md."""

from typing import Any

import numpy as np


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
    moves each value by, or `deviations` of replicates. No matrix (c, c) is made: d' R d = |moved (d / spread)|^2."""
    squared = moved.power(2) if hasattr(moved, "power") else np.square(moved)
    spread = np.sqrt(np.asarray(squared.sum(axis=0)).ravel())
    scale = _inverse(spread)
    below, above = (
        float(np.sqrt(np.square(moved @ (far * scale)).sum() + np.square(far[scale == 0]).sum()))
        for far in (values - low, high - values)
    )
    mean, count = float(values.mean()), len(values)
    return mean - below / count, mean + above / count


def correlation(covariance: np.ndarray) -> np.ndarray:
    """Correlations (c, c); 0 with what does not vary."""
    scale = _inverse(np.sqrt(np.maximum(np.diag(covariance), 0)))
    together = covariance * scale[:, None] * scale
    np.fill_diagonal(together, 1)
    return together


def deviations(replicates: np.ndarray) -> np.ndarray:
    """Deviations d (resamples, c) of replicates from their means, scaled so that d.T @ d is their covariance."""
    centered = replicates - replicates.sum(axis=0) / max(len(replicates), 1)
    return np.asarray(centered / np.sqrt(max(len(replicates) - 1, 1)))


def _inverse(spread: np.ndarray) -> np.ndarray:
    """1 / spread, 0 for what does not vary."""
    return np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-12)
