"""Intervals of differences between two sides that judged the same covers; pure: arrays in, arrays out.

See docs/methods.md.
"""

from collections.abc import Iterator

import numpy as np

# With so many scores each of the others is compared, and so many genres at once.
FEW, AT_ONCE = 16, 32


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


def placements_of_each(
    scores: np.ndarray, rows: np.ndarray, truth: np.ndarray
) -> Iterator[tuple[np.ndarray | slice, np.ndarray, np.ndarray]]:
    """`placements` of every genre's scores against the rest: genres (b,), their AUCs (b,), their parts (b, n).

    scores (m, c); rows (n,): those that count; truth (n,): their codes. The scores of a genre of a few covers are
    compared with all others, together with those of the genres that have as many; of one of more than FEW it is
    quicker to sort.
    """
    counts = np.bincount(truth, minlength=scores.shape[1])
    order, starts = np.argsort(truth, kind="stable"), np.cumsum(counts) - counts
    for count in np.unique(counts):
        few = 0 < count <= FEW and count < len(rows)
        alike, size = np.flatnonzero(counts == count), AT_ONCE if few else 1
        for genres in (alike[start : start + size] for start in range(0, len(alike), size)):
            if few:
                members = order[starts[genres][:, None] + np.arange(count)]
                if genres[-1] - genres[0] < len(genres):  # beside each other
                    columns = slice(int(genres[0]), int(genres[-1]) + 1)
                    yield columns, *_compared(np.ascontiguousarray(scores[rows, columns].T), members)
                else:
                    yield genres, *_compared(np.ascontiguousarray(scores[np.ix_(rows, genres)].T), members)
            else:
                auc, parts = placements(scores[rows, genres[0]], truth == genres[0])
                yield genres, np.array([auc]), parts[None]


def _compared(scores: np.ndarray, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AUCs (b,) and parts (b, n), as of `placements`, of scores (b, n) with k members each: columns (b, k)."""
    (_, n), k, rows = scores.shape, members.shape[1], np.arange(len(scores))[:, None]
    own = scores[rows, members]
    halves, above = np.zeros(scores.shape, np.uint8), np.empty(own.shape)
    for place, score in enumerate(own.T[:, :, None]):
        # 2 for a score above this member's, 1 for an equal one.
        here = (scores > score).view(np.uint8) + (scores >= score).view(np.uint8)
        halves += here
        above[:, place] = n - here.sum(axis=1, dtype=np.uint32) / 2
    among = (own[:, None] < own[:, :, None]).sum(axis=2) + (own[:, None] <= own[:, :, None]).sum(axis=2)
    above = (above - among / 2) / (n - k)  # less the members themselves
    auc = above.mean(axis=1)
    parts = halves * (-0.5 / k / (n - k)) + ((1 - auc) / (n - k))[:, None]
    parts[rows, members] = (above - auc[:, None]) / k
    return auc, parts


def _share_below(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of `others` (k,) below each score (j,), ties counted half."""
    ranked = np.sort(others)
    return (np.searchsorted(ranked, scores, "left") + np.searchsorted(ranked, scores, "right")) / (2 * len(others))
