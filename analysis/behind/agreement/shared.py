"""Of a cover's nearest in one embedding, how many are its nearest in another one, too?

Pure: arrays in, arrays out. See docs/methods.md.
"""

import numpy as np

from analysis.statistics.intervals import effective_size, share_interval
from analysis.statistics.resampling import bootstrap_weights

# How much of what a cover adds in others' lists counts: another would stand there, and often agree. By simulation all
# of it makes intervals half as wide again as they should be, none of it too narrow (docs/methods.md).
IN_LISTS = 0.5


def shared_share(near: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Share of each cover's neighbours (n, k) that are among its others (n, k): (n,), NaN for one without any.

    Lists are padded with -1, and as long as one another. The Jaccard index of two lists of equal length says the same:
    s / (2 - s).
    """
    count = (near >= 0).sum(axis=1)
    return np.divide(_in_both(near, other).sum(axis=1), count, out=np.full(len(near), np.nan), where=count > 0)


def _in_both(near: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which entries of each list (n, k) are in the other list of the same cover, too: (n, k) bool."""
    cells = np.arange(len(near))[:, None] * (max(near.max(initial=0), other.max(initial=0)) + 1)
    return np.asarray((near >= 0) & np.isin(near + cells, (other + cells)[other >= 0]))


def chance_share(groups: np.ndarray, *, k: int) -> np.ndarray:
    """What `shared_share` is on average for lists of k drawn at random outside each cover's group: (n,)."""
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    possible = len(groups) - sizes[group]
    return np.minimum(k / np.maximum(possible, 1), 1.0)


def mean_shares(
    near: np.ndarray,
    other: np.ndarray,
    genres: np.ndarray,
    groups: np.ndarray,
    *,
    classes: int,
    resamples: int,
    seed: int,
) -> np.ndarray:
    """Mean share over all covers and over those of each genre, with intervals: (1 + classes, 3), value, low, high.

    near, other: (n, k) as in `shared_share`, row numbers. genres: (n,) codes. groups: (n,). Intervals of 95 % from a
    bootstrap of groups within genres of what each cover adds (`_parts`).
    """
    weights = bootstrap_weights(genres, groups, resamples=resamples, seed=seed).astype(float)
    shares, found = shared_share(near, other), []
    known = np.isfinite(shares)
    for member in [known, *(known & (genres == code) for code in range(classes))]:
        if not member.any():
            found.append((np.nan, np.nan, np.nan))
            continue
        value = shares[member].mean(keepdims=True)
        replicates = value + (weights - 1) @ _parts(near, other, shares, member)
        low, high = share_interval(value, replicates[:, None], effective_size(groups[member]))
        found.append((value[0], low[0], high[0]))
    return np.array(found)


def _parts(near: np.ndarray, other: np.ndarray, shares: np.ndarray, member: np.ndarray) -> np.ndarray:
    """What each cover adds to the error of the mean share of some (n,) bool: (n,).

    As one whose lists are compared, and as one that stands in others' lists: in both lists of a cover it adds an
    agreement, less what whoever stood there instead would have added on average (half the mean for each list). Of the
    latter IN_LISTS counts.
    """
    mean, n, k = shares[member].mean(), len(near), near.shape[1]
    both = _in_both(near, other)[member]
    own, others = near[member], other[member]
    shared = np.bincount(own[both], minlength=n)
    listed = sum(np.bincount(each[each >= 0], minlength=n) for each in (own, others))
    compared = np.where(member, np.nan_to_num(shares) - mean, 0)
    return np.asarray((compared + IN_LISTS * (shared - mean * listed / 2) / k) / member.sum())
