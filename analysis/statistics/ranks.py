"""Ranks with uncertainty: between which places does a genre stand, all genres at once? See docs/methods.md."""

import numpy as np

from analysis.statistics.intervals import LEVEL, variance

# Fewer groups than this are too few for a claim: what the intervals promise was tested down to here.
CLAIM_GROUPS = 20


# Of more values pairs are compared a row at a time.
BLOCKWISE = 100


def surely_above(values: np.ndarray, replicates: np.ndarray, *, level: float = LEVEL) -> np.ndarray:
    """Which value is above which other one, all claims together right with probability `level`: bool (c, c).

    values: (c,), NaN for what takes no part. replicates: (resamples, c), of the same resamples.
    A pair differs where its difference exceeds its standard error by more than the `level` quantile of the largest
    such ratio among all pairs of the replicates (a single step of Mogstad, Romano, Shaikh & Wilhelm 2024, Inference for
    Ranks). A pair that no resample tells apart by more than its value claims nothing.
    """
    c = len(values)
    if c > BLOCKWISE:
        return _by_blocks(values, replicates, level)
    first, second = np.nonzero(~np.eye(c, dtype=bool) & np.isfinite(values)[:, None] & np.isfinite(values))
    above = np.zeros((c, c), bool)
    if len(first):
        difference = values[first] - values[second]
        drawn = replicates[:, first] - replicates[:, second]
        error = np.sqrt(variance(drawn))
        ratio = np.abs(drawn - np.nanmean(drawn, axis=0)) / np.where(error > 1e-12, error, np.inf)
        critical = np.quantile(np.nanmax(ratio, axis=1), level)
        above[first, second] = (error > 1e-12) & (difference > critical * error)
    return above


def _by_blocks(values: np.ndarray, replicates: np.ndarray, level: float) -> np.ndarray:
    """The same a row of pairs at a time, since the differences of all pairs of many values fill the memory."""
    taking_part = np.flatnonzero(np.isfinite(values))
    error = np.zeros((len(values), len(values)))
    largest = np.full(len(replicates), -np.inf)
    for place, one in enumerate(taking_part[:-1]):
        others = taking_part[place + 1 :]
        drawn = replicates[:, [one]] - replicates[:, others]
        error[one, others] = error[others, one] = np.sqrt(variance(drawn))
        ratio = np.abs(drawn - np.nanmean(drawn, axis=0)) / np.where(
            error[one, others] > 1e-12, error[one, others], np.inf
        )
        largest = np.fmax(largest, np.nanmax(ratio, axis=1))
    if len(taking_part) < 2:
        return np.zeros_like(error, dtype=bool)
    critical = np.quantile(largest, level)
    return (error > 1e-12) & (np.nan_to_num(values[:, None] - values) > critical * error)


def rank_intervals(above: np.ndarray, taking_part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best and worst place (c,) that each value may have, 1 being the highest; 0 for what takes no part.

    above: (c, c), see `surely_above`. taking_part: (c,) bool.
    """
    best = 1 + above.sum(axis=0)
    worst = int(taking_part.sum()) - above.sum(axis=1)
    return np.where(taking_part, best, 0), np.where(taking_part, worst, 0)
