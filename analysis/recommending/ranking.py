"""Covers ranked for somebody who likes some and dislikes others; pure: arrays in, arrays out.

See docs/methods.md, "Recommendations".
"""

import numpy as np

from analysis.geometry.cosine import STEP, similarities_of

# What disliked covers weigh beside liked ones: 0.15 to 0.75, the advice of Manning, Raghavan & Schütze (2008), 9.1.
AWAY = 0.2
# What nearness weighs in a list; the rest is unlikeness to what stands in it already.
NEARNESS = 0.7
# A list of k is chosen among so many times k covers, the nearest.
POOL = 5
# Float32 products tell who might be near, some more than wanted; their similarities are then computed anew.
SPARE = 32


def taste(liked: np.ndarray, disliked: np.ndarray) -> np.ndarray:
    """What somebody likes as one vector of length 1 (d,), from covers liked (m, d) and disliked (j, d), at length 1.

    The mean of the liked less AWAY times the mean of the disliked (Rocchio 1971, Relevance feedback in information
    retrieval). Zero where these cancel out: then nothing is near.
    """
    wanted = liked.mean(axis=0, dtype=np.float64)
    if len(disliked):
        wanted = wanted - AWAY * disliked.mean(axis=0, dtype=np.float64)
    length = np.linalg.norm(wanted)
    return np.asarray(wanted / length if length > 0 else wanted)


def nearest_to(
    unit: np.ndarray, wanted: np.ndarray, allowed: np.ndarray, *, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows (m,) of the vectors nearest to `wanted` (d,) among those allowed (n,) bool, and their cosine, nearest first.

    unit: (n, d) at length 1. At most `count`; equally near ones by row number, whatever the processor or the threads.
    """
    rough = np.where(allowed, unit @ wanted.astype(unit.dtype), -np.inf)
    among = min(count + SPARE, int(allowed.sum()))
    hits = np.argpartition(-rough, max(among - 1, 0))[:among]
    exact = similarities_of(wanted[None], np.zeros(1, int), unit, hits[None])[0]
    order = np.lexsort((hits, -exact))[:count]
    return hits[order], exact[order]


def one_each(groups: np.ndarray) -> np.ndarray:
    """Places (m,) of the first of each group in a list (n,), in the list's order: two of one album say the same."""
    return np.sort(np.unique(groups, return_index=True)[1])


def diverse(pool: np.ndarray, nearness: np.ndarray, *, k: int) -> np.ndarray:
    """Places (k,) of a list chosen one by one from a pool of vectors (m, d) at length 1, whose nearness is (m,).

    Maximal marginal relevance (Carbonell & Goldstein 1998): the next one has the largest NEARNESS times its nearness
    less (1 - NEARNESS) times its cosine to whichever is most like it in the list. The first is the nearest. Fewer than
    k where the pool holds fewer. Of equal ones the earlier in the pool comes first.
    """
    exact = pool.astype(np.float64)
    alike = np.round(exact @ exact.T / STEP) * STEP
    likest = np.full(len(pool), -1.0)
    left, listed = np.full(len(pool), True), []
    for _ in range(min(k, len(pool))):
        worth = NEARNESS * nearness - (1 - NEARNESS) * likest
        place = int(np.where(left, worth, -np.inf).argmax())
        listed.append(place)
        left[place] = False
        likest = np.maximum(likest, alike[place])
    return np.array(listed, int)


def chosen(unit: np.ndarray, near: np.ndarray, nearness: np.ndarray, groups: np.ndarray, *, k: int) -> np.ndarray:
    """A list of at most k rows from candidates `near` (m,), nearest first, with their nearness (m,).

    unit: (n, d). groups: (n,). Of the first POOL * k the nearest of each group, and of these what `diverse` takes; of
    all candidates where these are of fewer than k groups.
    """
    first = one_each(groups[near[: POOL * k]])
    if len(first) < k:
        first = one_each(groups[near])
    return np.asarray(near[first][diverse(unit[near[first]], nearness[first], k=k)])
