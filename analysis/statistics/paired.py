"""Intervals of differences between two sides that judged the same covers; pure: arrays in, arrays out.

See docs/methods.md.
"""

import numpy as np


def difference_interval(
    difference: np.ndarray,
    variance: np.ndarray,
    *,
    step: np.ndarray,
    units: np.ndarray,
    shrunk: np.ndarray,
    inflation: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """95 % intervals (low, high), each (q,), of differences (q,) of paired shares and of what behaves like them.

    variance: that of the difference as the groups of covers show it. To it two groups are added that nobody saw, each
    half a one on which only A was right, half a one on which only B was; one moves the difference by `step`. So no
    agreement makes the width zero, and twenty covers are covered like a thousand: Agresti & Min 2005, Simple improved
    confidence intervals for comparing matched proportions; here also for groups of covers and for ratios of sums.
    shrunk: whether the added two count in the whole as well (shares; normal quantile, as theirs) or not (AUC, log
    loss; Student's t). units: independent groups behind each difference. inflation: see `randomization.inflation`.
    """
    from scipy.special import ndtri, stdtrit

    shrink = np.where(shrunk, units / (units + 2), 1.0)
    quantile = np.where(shrunk, ndtri(0.975), stdtrit(np.maximum(units - 1, 2), 0.975))
    half = quantile * inflation * shrink * np.sqrt(variance + step**2)
    center = shrink * difference
    return np.minimum(center - half, difference), np.maximum(center + half, difference)


def placements(scores: np.ndarray, member: np.ndarray) -> tuple[float, np.ndarray]:
    """AUC of scores (n,) for members (n,) against the others, and the part of its error (n,) that each one makes.

    The parts sum to zero, their squares to the AUC's variance (DeLong, DeLong & Clarke-Pearson 1988); sums of them over
    groups are what a group adds (Obuchowski 1997, Nonparametric Analysis of Clustered ROC Curve Data). Ties count half.
    (0.5, zeros) without members or without others.
    """
    own, others = scores[member], scores[~member]
    parts = np.zeros(len(scores))
    if not len(own) or not len(others):
        return 0.5, parts
    above = _share_below(own, others)
    auc = float(above.mean())
    parts[member] = (above - auc) / len(own)
    parts[~member] = (1 - _share_below(others, own) - auc) / len(others)
    return auc, parts


def _share_below(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of `others` (k,) below each score (j,), ties counted half."""
    ranked = np.sort(others)
    return (np.searchsorted(ranked, scores, "left") + np.searchsorted(ranked, scores, "right")) / (2 * len(others))
