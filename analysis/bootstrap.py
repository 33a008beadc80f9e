"""The bootstrap: how much a number would move had other duplicate groups come into the collection."""

import numpy as np

# Resamples drawn at once: bounds the memory of the weights to some 100 x groups numbers.
BLOCK = 100


def resampled_sums(values: np.ndarray, groups: np.ndarray, *, resamples: int, seed: int) -> np.ndarray:
    """Column sums of `values` over bootstrap resamples, as (resamples, s) float64.

    values: (m, s), one row a cover. groups: (m,) group of each cover; whole groups are drawn with replacement,
    as many as there are, because covers of one duplicate group are no independent evidence. Anything that is a
    function of sums over covers (a confusion matrix, a mean, a difference) follows from these without a loop.
    """
    _, codes = np.unique(groups, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sums = np.add.reduceat(values[order].astype(np.float64), starts, axis=0)
    rng = np.random.default_rng(seed)
    blocks = [_draw(rng, len(sums), min(BLOCK, resamples - done)) @ sums for done in range(0, resamples, BLOCK)]
    return np.concatenate([np.empty((0, values.shape[1])), *blocks])


def percentile_interval(replicates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % percentile interval (low, high) of bootstrap replicates along their first axis; NaN without any."""
    if not len(replicates):
        unknown = np.full(replicates.shape[1:], np.nan)
        return unknown, unknown
    low, high = np.percentile(replicates, [2.5, 97.5], axis=0)
    return low, high


def _draw(rng: np.random.Generator, groups: int, resamples: int) -> np.ndarray:
    """How often each group is drawn in each resample: (resamples, groups)."""
    draws = [np.bincount(rng.integers(groups, size=groups), minlength=groups) for _ in range(resamples)]
    return np.stack(draws).astype(np.float64)
