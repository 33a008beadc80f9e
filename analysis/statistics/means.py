"""Intervals of means over genres of any size; pure: arrays in, arrays out. See docs/methods.md."""

import numpy as np


def mean_interval(values: np.ndarray, low: np.ndarray, high: np.ndarray, covariance: np.ndarray) -> tuple[float, float]:
    """Interval (low, high) of the plain mean of values (c,) with intervals low, high (c,) of their own.

    The distances to the bounds add up as standard errors do (Zou & Donner 2008, Construction of confidence limits about
    effect measures: a general approach; for values that hang together Zou 2007): so every genre widens the mean by
    what its own covers leave open, a genre of one cover by nearly all that it could be, and none leaves its range.
    covariance (c, c): of the values; what does not vary in it hangs together with nothing. NaN where a bound is.
    """
    together = correlation(covariance)
    below, above = values - low, high - values
    mean, count = float(values.mean()), len(values)
    return (
        mean - float(np.sqrt(np.maximum(below @ together @ below, 0))) / count,
        mean + float(np.sqrt(np.maximum(above @ together @ above, 0))) / count,
    )


def correlation(covariance: np.ndarray) -> np.ndarray:
    """Correlations (c, c); 0 with what does not vary."""
    spread = np.sqrt(np.maximum(np.diag(covariance), 0))
    scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-12)
    together = covariance * scale[:, None] * scale
    np.fill_diagonal(together, 1)
    return together


def covariance(replicates: np.ndarray) -> np.ndarray:
    """Covariances (c, c) of replicates (resamples, c); zeros without any."""
    centered = replicates - replicates.sum(axis=0) / max(len(replicates), 1)
    return np.asarray(centered.T @ centered / max(len(replicates) - 1, 1))
