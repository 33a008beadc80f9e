"""How good lists of recommended covers are; pure: arrays in, arrays out.

`listed`, throughout: row numbers (n, k), the list of each cover as the one that is liked, padded with -1; never one of
its own group, never two of one. Definitions and limits: docs/methods.md, "Recommendations".
"""

from typing import Any

import numpy as np
import pandas as pd

from analysis.geometry.hubness import hubness_skewness
from analysis.recommending.errors import LEAST, added, added_to_novelty, losses, once, pairs
from analysis.statistics.intervals import effective_size, plain_interval, range_interval, share_interval
from analysis.statistics.resampling import bootstrap_weights

# Of each cover, between 0 and 1, by what is relevant; and by the lists alone.
RELEVANT = ("precision", "recall", "ndcg", "mrr")
OF_LISTS = ("diversity", "novelty")
COLUMNS = ("metric", "genre", "value", "low", "high")
# Of a mean over lists: its value, what each cover adds to its error (n,), and what the lists lose without each cover.
Part = tuple[float, np.ndarray, np.ndarray]


def relevant_groups(codes: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """How many other groups have a cover with the same code, of each cover: (n,); codes, groups: (n,)."""
    pairs = np.unique(np.stack([codes, groups]), axis=1)[0]
    found, counts = np.unique(pairs, return_counts=True)
    return np.asarray(counts[np.searchsorted(found, codes)] - 1)


def relevance(listed: np.ndarray, codes: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """What each place of each list adds to precision, recall, nDCG and MRR: (4, n, k); NaN where nothing is relevant.

    codes: (n,), equal for covers that are relevant to each other. With hits h_r of 0 or 1 at place r of k, and m
    relevant groups, the sums over a list are: sum h / k; sum h / m; sum h_r / log2(r + 1) over that of a list with all
    its first min(m, k) right (Järvelin & Kekäläinen 2002, with gains of 0 and 1); 1 / the place of the first hit.
    """
    hits = (listed >= 0) & (codes[listed] == codes[:, None])
    relevant = relevant_groups(codes, groups)
    k = listed.shape[1]
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[1.0], np.cumsum(discount)])[np.minimum(relevant, k)]
    first = hits & (hits.cumsum(axis=1) == 1)
    found = [hits / k, hits / np.maximum(relevant, 1)[:, None], hits * discount / ideal[:, None]]
    return np.where(relevant[:, None] > 0, np.stack([*found, first / np.arange(1, k + 1)]), np.nan)


def diversity(listed: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """What each place adds to the mean of 1 - cosine over the pairs of its list: (n, k), NaN for fewer than two.

    unit: (n, d) at length 1. Intra-list dissimilarity: Ziegler et al. 2005; Smyth & McClave 2001.
    """
    found = np.zeros(listed.shape)
    for row, each in enumerate(listed):
        some = unit[each[each >= 0]].astype(np.float64)
        if len(some) < 2:
            found[row] = np.nan
            continue
        others = len(some) - 1
        together = some @ some.sum(axis=0) - np.square(some).sum(axis=1)
        found[row, : len(some)] = (1 - together / others) / len(some)
    return found


def novelty(listed: np.ndarray) -> np.ndarray:
    """What each place adds to the mean of -log2 of the share of all lists that its cover stands in, in bits: (n, k).

    Self-information (Zhou et al. 2010): 0 where everybody is given the same, log2(n / k) where everybody else's. NaN
    for an empty list.
    """
    times = np.bincount(listed[listed >= 0], minlength=len(listed))
    bits = np.where(listed >= 0, -np.log2(np.maximum(times, 1)[listed] / len(listed)), 0)
    count = (listed >= 0).sum(axis=1)[:, None]
    return np.where(count > 0, bits / np.maximum(count, 1), np.nan)


def coverage(listed: np.ndarray, groups: np.ndarray) -> float:
    """Share of the groups that have a cover in at least one list (Ge, Delgado-Battenfeld & Jannach 2010)."""
    return len(np.unique(groups[listed[listed >= 0]])) / max(len(np.unique(groups)), 1)


def measure(
    lists: dict[str, np.ndarray],
    unit: np.ndarray,
    codes: np.ndarray,
    groups: np.ndarray,
    *,
    genres: np.ndarray,
    units: np.ndarray,
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    """All measures of several recommenders, over all covers and over those of each genre, as rows of COLUMNS.

    lists: by recommender; the first is held against each other one: rows like ndcg_above@random. metric is
    'measure@recommender'. unit (n, d): where diversity is measured. codes, groups: as in `relevance`. genres (n,) by
    name. units (n,): what is resampled. coverage and hubs are of all lists, and have no interval.
    """
    names, genre = np.unique(genres.astype(str), return_inverse=True)
    members = {None: np.full(len(genre), True)} | {name: genre == code for code, name in enumerate(names)}
    spread = bootstrap_weights(genre, units, resamples=resamples, seed=seed).astype(np.float32) - 1
    relevant, (first, *_) = relevant_groups(codes, groups), lists.values()
    known: dict[str | None, dict[str, Part]] = {}
    rows: list[tuple[Any, ...]] = []
    for name, listed in lists.items():
        places, together = _places(listed, unit, codes, groups), pairs(np.hstack([first, listed]), units)
        lost = losses(places, together[:, first.shape[1] :] >= 0)
        for of, member in members.items():
            asked = member & (relevant > 0)
            own = {metric: _part(places[metric], lost.get(metric), listed, member) for metric in places}
            above = {f"{metric}_above": _less(known[of][metric], own[metric]) for metric in RELEVANT if of in known}
            sizes = effective_size(units[asked]), effective_size(units[member])
            best = best_possible(relevant[asked], listed.shape[1])
            rows += _rows(own | above, name, of, sizes=sizes, best=best, together=together[asked], spread=spread)
            known.setdefault(of, {metric: own[metric] for metric in RELEVANT})
        hubs = hubness_skewness(listed, k=listed.shape[1])
        for metric, value in (("coverage", coverage(listed, groups)), ("hubs", hubs)):
            rows.append((f"{metric}@{name}", None, value, np.nan, np.nan))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"genre": "str"})


def best_possible(relevant: np.ndarray, k: int) -> dict[str, float]:
    """Means of precision and recall were all lists (m,) as good as can be: with so many relevant groups, k cannot be
    right of fewer, nor all of more found.
    """
    right = np.minimum(relevant, k)
    return {"precision": float((right / k).mean()), "recall": float((right / relevant).mean())} if len(right) else {}


def _places(listed: np.ndarray, unit: np.ndarray, codes: np.ndarray, groups: np.ndarray) -> dict[str, np.ndarray]:
    """What each place of each list adds to each measure, (n, k) each."""
    of_lists = {"diversity": diversity(listed, unit), "novelty": novelty(listed)}
    return dict(zip(RELEVANT, relevance(listed, codes, groups), strict=True)) | of_lists


def _part(places: np.ndarray, lost: np.ndarray | None, listed: np.ndarray, member: np.ndarray) -> Part:
    """The mean over some lists (n,) bool and its errors. lost: as of `losses`, none of novelty. NaN without a list."""
    member = member & np.isfinite(places[:, 0])
    if not member.any():
        return np.nan, np.zeros(len(member)), np.empty((0, listed.shape[1]))
    values = places.sum(axis=1)
    mean = float(values[member].mean())
    if lost is None:
        return mean, np.sqrt(LEAST) * added_to_novelty(places, listed, member), np.empty(0)
    return mean, added(values, lost, listed, member), lost[member]


def _less(one: Part, other: Part) -> Part:
    return one[0] - other[0], one[1] - other[1], np.hstack([one[2], -other[2]])


def _rows(
    found: dict[str, Part],
    name: str,
    genre: str | None,
    *,
    sizes: tuple[float, float],
    best: dict[str, float],
    together: np.ndarray,
    spread: np.ndarray,
) -> list[tuple[Any, ...]]:
    """The means with their intervals; spread: (resamples, n), draws less one.

    sizes: how many independent covers those of this genre are worth to which anything is relevant, and all of it.
    together: as of `pairs`, of the former's lists by the first recommender, then by this one.
    """
    replicates = spread @ np.stack([adds for _, adds, _ in found.values()], axis=1).astype(np.float32)
    rows = []
    for (metric, (mean, _, lost)), errors in zip(found.items(), replicates.T.astype(np.float64), strict=True):
        if not np.isfinite(mean):
            continue
        if metric in OF_LISTS:
            (low,), (high,) = plain_interval(np.array([mean]), mean + errors[:, None], sizes[1])
            # Neither unlikeness nor bits are below 0, which the interval of a mean does not know.
            low = max(float(low), 0.0)
        else:
            errors = once(errors, together[:, -lost.shape[1] :], lost)
            how = range_interval if metric.endswith("_above") else share_interval
            scale = best.get(metric.removesuffix("_above"), 1.0)
            (low,), (high,) = (
                scale * bound for bound in how(np.array([mean / scale]), (mean + errors)[:, None] / scale, sizes[0])
            )
        rows.append((f"{metric}@{name}", genre, mean, low, high))
    return rows
