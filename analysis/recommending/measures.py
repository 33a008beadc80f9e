"""How good lists of recommended covers are; pure: arrays in, arrays out.

`listed`, throughout: row numbers (n, k), the list of each cover as the one that is liked, padded with -1; never one of
its own group, never two of one. Definitions and limits: docs/methods.md, "Recommendations".
"""

from typing import Any

import numpy as np
import pandas as pd

from analysis.geometry.hubness import hubness_skewness
from analysis.statistics.intervals import effective_size, plain_interval, range_interval, share_interval
from analysis.statistics.resampling import bootstrap_weights

# Of each cover, between 0 and 1, by what is relevant; and by the lists alone.
RELEVANT = ("precision", "recall", "ndcg", "mrr")
OF_LISTS = ("diversity", "novelty")
COLUMNS = ("metric", "genre", "value", "low", "high")
# How much of what a cover adds in others' lists counts, by simulation (docs/methods.md); of a pair's two covers each.
IN_LISTS = 0.7
# By measure the mean, and what each cover adds to its error.
Parts = dict[str, tuple[float, np.ndarray]]


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
    asked = relevant_groups(codes, groups) > 0
    spread = bootstrap_weights(genre, units, resamples=resamples, seed=seed).astype(np.float32) - 1
    first: dict[str | None, Parts] = {}
    rows: list[tuple[Any, ...]] = []
    for name, listed in lists.items():
        places = _places(listed, unit, codes, groups)
        for of, member in members.items():
            own = {
                metric: _parts(each, listed, member, IN_LISTS * (1 + (metric == "diversity")))
                for metric, each in places.items()
            }
            above = {f"{metric}_above": _less(first[of][metric], own[metric]) for metric in RELEVANT if of in first}
            rows += _rows(own | above, name, of, (units[member & asked], units[member]), spread)
            first.setdefault(of, own)
        hubs = hubness_skewness(listed, k=listed.shape[1])
        for metric, value in (("coverage", coverage(listed, groups)), ("hubs", hubs)):
            rows.append((f"{metric}@{name}", None, value, np.nan, np.nan))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"genre": "str"})


def _places(listed: np.ndarray, unit: np.ndarray, codes: np.ndarray, groups: np.ndarray) -> dict[str, np.ndarray]:
    """What each place of each list adds to each measure, (n, k) each."""
    of_lists = {"diversity": diversity(listed, unit), "novelty": novelty(listed)}
    return dict(zip(RELEVANT, relevance(listed, codes, groups), strict=True)) | of_lists


def _parts(places: np.ndarray, listed: np.ndarray, member: np.ndarray, in_lists: float) -> tuple[float, np.ndarray]:
    """The mean over some lists (n,) bool, and what each cover adds to its error (n,).

    As the one that is liked, and by `in_lists` as one that stands in others' lists: there it adds what its place adds,
    less what that place adds on average. NaN without a list.
    """
    member = member & np.isfinite(places[:, 0])
    if not member.any():
        return np.nan, np.zeros(len(member))
    values, here = places.sum(axis=1), listed[member]
    mean = values[member].mean()
    beside = (places[member] - places[member].mean(axis=0))[here >= 0]
    standing = np.bincount(here[here >= 0], weights=beside, minlength=len(member))
    return float(mean), (np.where(member, values - mean, 0) + in_lists * standing) / member.sum()


def _less(one: tuple[float, np.ndarray], other: tuple[float, np.ndarray]) -> tuple[float, np.ndarray]:
    return one[0] - other[0], one[1] - other[1]


def _rows(
    found: Parts, name: str, genre: str | None, units: tuple[np.ndarray, np.ndarray], spread: np.ndarray
) -> list[tuple[Any, ...]]:
    """The means with their intervals; spread: (resamples, n), draws less one.

    units: of the covers of this genre to which anything is relevant, which alone are asked what is right; and of all.
    """
    replicates = spread @ np.stack([parts for _, parts in found.values()], axis=1).astype(np.float32)
    (of_relevant, of_lists), rows = (effective_size(each) for each in units), []
    for (metric, (mean, _)), errors in zip(found.items(), replicates.T, strict=True):
        if np.isfinite(mean):
            how = plain_interval if metric in OF_LISTS else range_interval if metric not in RELEVANT else share_interval
            size = of_lists if metric in OF_LISTS else of_relevant
            (low,), (high,) = how(np.array([mean]), mean + errors[:, None].astype(np.float64), size)
            # Neither unlikeness nor bits are below 0, which the interval of a mean does not know.
            rows.append((f"{metric}@{name}", genre, mean, max(float(low), 0.0) if metric in OF_LISTS else low, high))
    return rows
