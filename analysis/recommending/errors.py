"""How far means over lists of recommended covers may be off: what each cover adds, and each two; pure.

A cover adds to the error of a mean as the one that is liked, and as one that stands in others' lists, where another
would stand without it. Arguments as in `measures`: listed (n, k), places (n, k) what each place adds to its list's
value, units (n,) what is resampled. Definitions and limits: docs/methods.md, "Recommendations".
"""

import numpy as np

# What two covers share is counted with both: once, at least half of the variance is left, and by simulation a little
# more where lists are long for a small collection (docs/methods.md).
LEAST = 0.6


def losses(places: dict[str, np.ndarray], others: np.ndarray) -> dict[str, np.ndarray]:
    """What each list loses without the cover at a place, less what it loses without one of its covers on average.

    (n, k) by measure, of all in `places` but novelty. others: (n, k) bool, places of covers of other units; of the own
    unit none is without the other. A list is known to go on as it is: so covers of one kind have each other's places.
    """
    k = others.shape[1]
    raw = {
        **{metric: places[metric] for metric in ("precision", "recall", "ndcg")},
        "mrr": _reciprocal_lost(places["precision"] > 0),
        "diversity": 2 * places["diversity"],
    }
    weights = {"ndcg": 1 / np.log2(np.arange(2, k + 2))}
    return {metric: _centered(each, weights.get(metric, np.ones(k)) * others) for metric, each in raw.items()}


def _centered(raw: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Values (n, k) less what each place would have were a list's sum spread as its weights (n, k); 0 without one."""
    known = np.where(weights > 0, np.nan_to_num(raw), 0)
    mean = known.sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
    return np.asarray(known - mean[:, None] * weights)


def _reciprocal_lost(hits: np.ndarray) -> np.ndarray:
    """What 1 over the place of the first hit (n, k) bool falls by when a cover is gone and all behind it move up."""
    place = np.arange(1, hits.shape[1] + 1)
    count = hits.cumsum(axis=1)
    first, second = (((hits & (count == rank)) * place).sum(axis=1, keepdims=True) for rank in (1, 2))
    after = np.where(second > 0, 1 / np.maximum(second - 1, 1), 0)
    then = np.where(
        place < first, 1 / np.maximum(first - 1, 1), np.where(place == first, after, 1 / np.maximum(first, 1))
    )
    return np.where(first > 0, 1 / np.maximum(first, 1) - then, 0)


def added(values: np.ndarray, lost: np.ndarray, listed: np.ndarray, member: np.ndarray) -> np.ndarray:
    """What each cover adds to the error of the mean value (n,) of some lists (n,) bool: (n,); lost as of `losses`."""
    liked = np.where(member, values - values[member].mean(), 0)
    known = member[:, None] & (listed >= 0)
    return np.asarray((liked + np.bincount(listed[known], lost[known], len(listed))) / member.sum())


def added_to_novelty(places: np.ndarray, listed: np.ndarray, member: np.ndarray) -> np.ndarray:
    """The same for the mean of the bits of some lists, which hang on all lists: (n,).

    The more lists a cover is in, the fewer its bits: -log2(t / n) falls by 1 / (t ln 2) a list. So one more list takes
    this from all that hold the same covers, and without a cover it is taken by those who stand in its places.
    """
    n, k = listed.shape
    here, own = listed >= 0, member[:, None] & (listed >= 0)
    times, ours = (np.bincount(listed[each], minlength=n) for each in (here, own))
    taken = np.where(here, (ours / np.maximum(times, 1))[listed], 0) / (k * np.log(2))
    values = places.sum(axis=1)
    liked = np.where(member, values - values[member].mean(), 0) - taken.sum(axis=1)
    lost = np.where(own, places - (values / k)[:, None], 0) + taken.mean(axis=1, keepdims=True)
    return np.asarray((liked + np.bincount(listed[here], lost[here], n)) / member.sum())


def pairs(listed: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Which two units, the liked and the listed one, a place brings together: (n, k), the same either way round.

    Numbered from 0 without gaps; -1 where nothing is listed, or one of the own unit.
    """
    _, unit = np.unique(units, return_inverse=True)
    both = np.sort(np.stack([np.broadcast_to(unit[:, None], listed.shape), unit[listed]]), axis=0)
    known = (listed >= 0) & (both[0] != both[1])
    found = np.full(listed.shape, -1)
    found[known] = np.unique(both[0][known] * (unit.max() + 1) + both[1][known], return_inverse=True)[1]
    return found


def once(replicates: np.ndarray, together: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """Replicates (r,) about 0, as they vary when what two units share is counted once: (r,).

    together, lost: (m, k) as of `pairs` and `losses`, of the lists that a mean is about. The variance of a sum over
    pairs that hang together where they share a unit (Fafchamps & Gubert 2007; Aronow, Samii & Assenova 2015): that of
    the units' sums, less the squares of what each two share, which both units' sums hold; LEAST of it where lists hold
    so much of a collection that no more would be left.
    """
    shared = np.bincount(together[together >= 0], lost[together >= 0]) / len(lost)
    seen = replicates.var()
    left = 1 - np.square(shared).sum() / seen if seen > 0 else 1.0
    return np.asarray(replicates * np.sqrt(max(left, LEAST)))
