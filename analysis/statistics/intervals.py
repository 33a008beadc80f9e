"""Intervals of 95 % that cover at their nominal rate, for twenty covers as for two thousand, and never have width zero.

All take bootstrap replicates, which know how covers hang together and what a measure is made of, and add what a
bootstrap cannot know: that of twenty covers told right every time, the next may still be told wrong.
See docs/methods.md.
"""

import numpy as np

from analysis.statistics.ratios import ratio

# Weight of what a bootstrap may not have seen: a tenth of a cover that varies as an independent one would. Enough for
# shares of 12 out of 12, little enough not to widen the others.
UNSEEN = 0.1
LEVEL = 0.95
# Covers that all genres together count for in the variance of each: next to nothing for twenty of its own.
LENT = 2.0


def effective_size(groups: np.ndarray, weights: np.ndarray | None = None) -> float:
    """How many independent covers some covers in groups (n,) are worth at least: n^2 / sum of squared group sizes.

    weights (n,): what each cover counts, by default 1. Kish (1965), Survey Sampling: exact where the covers of a group
    are all alike. 0 for none.
    """
    sizes = np.bincount(np.unique(groups, return_inverse=True)[1], weights)
    return float(sizes.sum() ** 2 / (sizes**2).sum()) if sizes.any() else 0.0


def joint_size(variances: np.ndarray, sizes: np.ndarray) -> float:
    """How many independent covers a mean of values with these variances and effective sizes, (c,) each, is about.

    One more than the degrees of freedom of Welch (1947) and Satterthwaite (1946): the mean of a genre of 20 covers and
    one of 400 is about as well known as the smaller one allows. At most the sum of the sizes.
    """
    squares = (variances**2 / np.maximum(sizes - 1, 1)).sum()
    total = float(sizes.sum())
    return min(1 + float(variances.sum()) ** 2 / squares, total) if squares > 0 else total


def share_interval(
    values: np.ndarray, replicates: np.ndarray, sizes: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Interval (low, high), each (c,), of values (c,) between 0 and 1: shares, means of shares, AUCs.

    replicates: (resamples, c), from a bootstrap of groups. sizes: (c,), effective sizes (`effective_size`) of the
    covers that each value is about.
    Wilson's score interval (1927) of the share that would vary as much as the replicates do: among
    value (1 - value) / variance covers. Where a bootstrap sees nothing vary, at 0 or 1, the covers count as `sizes`
    says (compare Korn & Graubard 1998 on proportions of few clusters). Student's t in place of the normal quantile.
    NaN where the value is, or without replicates.
    """
    sizes = np.asarray(np.maximum(np.broadcast_to(sizes, values.shape), 1), float)
    return _wilson(values, share_count(values, replicates, sizes), sizes)


def share_count(values: np.ndarray, replicates: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Among how many covers (c,) a share would vary as much as its replicates do; arguments as of `share_interval`."""
    center = np.clip(values, 0, 1)
    binomial = center * (1 - center)
    seen = variance(replicates) * sizes / np.maximum(sizes - 1, 1)
    design = (seen * sizes + UNSEEN / sizes) / (binomial + UNSEEN / sizes)
    return np.asarray(sizes / np.maximum(design, 1e-9))


def _wilson(values: np.ndarray, count: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    z = t_quantile(sizes)
    middle = (values + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(np.clip(values * (1 - values), 0, 1) / count + z**2 / (4 * count**2))
    # Rounding aside, the interval of 0 begins at 0 and that of 1 ends at 1.
    return np.clip(middle - half, 0, values), np.clip(middle + half, values, 1)


def range_interval(
    values: np.ndarray, replicates: np.ndarray, sizes: np.ndarray | float, *, lowest: np.ndarray | float = -1.0
) -> tuple[np.ndarray, np.ndarray]:
    """As `share_interval`, of values between `lowest`, one or (c,), and 1: silhouettes, chance-corrected shares."""
    span = 1 - lowest
    low, high = share_interval((values - lowest) / span, (replicates - lowest) / span, sizes)
    return low * span + lowest, high * span + lowest


def plain_interval(
    values: np.ndarray, replicates: np.ndarray, sizes: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Interval (low, high), each (c,), of means (c,) without bounds, such as log losses: value +- t standard errors.

    Arguments as of `share_interval`. A cover's variance is taken as the others' besides, as if LENT more covers had
    told it (moderated t, Smyth 2004, Linear models and empirical Bayes methods): so one cover has an interval, too.
    """
    freedom = np.maximum(np.broadcast_to(np.asarray(sizes, float), values.shape), 1) - 1
    own = variance(replicates) * (freedom + 1) ** 2 / np.where(freedom > 0, freedom, 1)
    known = own[(freedom > 0) & np.isfinite(own)]
    lent = known.mean() if len(known) else np.nan
    moderated = (own * freedom + LENT * lent) / (freedom + LENT)
    half = t_quantile(freedom + LENT + 1) * np.sqrt(moderated / (freedom + 1))
    return values - half, values + half


def variance(replicates: np.ndarray) -> np.ndarray:
    """Variance (c,) of replicates (resamples, c), those that are NaN left out; NaN without any."""
    known = np.isfinite(replicates)
    if known.all() and len(replicates) > 1:
        return np.asarray(replicates.var(axis=0, ddof=1))
    count = known.sum(axis=0)
    mean = ratio(np.where(known, replicates, 0).sum(axis=0), count, otherwise=np.nan)
    squares = np.where(known, (replicates - mean) ** 2, 0).sum(axis=0)
    return ratio(squares, np.maximum(count - 1, 0), otherwise=np.nan)


def t_quantile(sizes: np.ndarray) -> np.ndarray:
    """The 97.5 % quantile of Student's t for means of so many independent covers."""
    from scipy.special import stdtrit

    return stdtrit(np.maximum(sizes - 1, 1), (1 + LEVEL) / 2)
