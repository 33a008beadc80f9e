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


def relevant_groups(codes: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """How many other groups have a cover with the same code, of each cover: (n,); codes, groups: (n,)."""
    pairs = np.unique(np.stack([codes, groups]), axis=1)[0]
    found, counts = np.unique(pairs, return_counts=True)
    return np.asarray(counts[np.searchsorted(found, codes)] - 1)


def relevance(listed: np.ndarray, codes: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """precision, recall, nDCG and MRR of each list, in the order of RELEVANT: (n, 4), NaN where nothing is relevant.

    codes: (n,), equal for covers that are relevant to each other. With hits h_r of 0 or 1 at place r of k, and m
    relevant groups: sum h / k; sum h / m; sum h_r / log2(r + 1) over that of a list with all its first min(m, k) right
    (Järvelin & Kekäläinen 2002, with gains of 0 and 1); 1 / the place of the first hit, 0 without one.
    """
    hits = (listed >= 0) & (codes[listed] == codes[:, None])
    relevant = relevant_groups(codes, groups)
    k = listed.shape[1]
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[np.nan], np.cumsum(discount)])[np.minimum(relevant, k)]
    first = np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0)
    found = hits.sum(axis=1)
    table = np.stack([found / k, found / np.maximum(relevant, 1), hits @ discount / ideal, first], axis=1)
    return np.where(relevant[:, None] > 0, table, np.nan)


def diversity(listed: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Mean of 1 - cosine over the pairs of each list (n,), NaN for fewer than two; unit: (n, d) at length 1.

    Intra-list dissimilarity: Ziegler et al. 2005; Smyth & McClave 2001.
    """
    found = np.empty(len(listed))
    for row, each in enumerate(listed):
        some = unit[each[each >= 0]].astype(np.float64)
        pairs = len(some) * (len(some) - 1)
        together = np.square(some.sum(axis=0)).sum() - np.square(some).sum()
        found[row] = 1 - together / pairs if pairs else np.nan
    return found


def novelty(listed: np.ndarray) -> np.ndarray:
    """Mean of -log2 of the share of all lists that a listed cover stands in, in bits: (n,), NaN for an empty list.

    Self-information (Zhou et al. 2010): 0 where everybody is given the same, log2(n / k) where everybody else's.
    """
    times = np.bincount(listed[listed >= 0], minlength=len(listed))
    bits = np.where(listed >= 0, -np.log2(np.maximum(times, 1)[listed] / len(listed)), 0)
    count = (listed >= 0).sum(axis=1)
    return np.divide(bits.sum(axis=1), count, out=np.full(len(listed), np.nan), where=count > 0)


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
    weights = bootstrap_weights(genre, units, resamples=resamples, seed=seed).astype(np.float64)
    members = {None: np.full(len(genre), True)} | {name: genre == code for code, name in enumerate(names)}
    tables = {name: _of_each(listed, unit, codes, groups) for name, listed in lists.items()}
    first = next(iter(tables.values()))
    rows: list[tuple[Any, ...]] = []
    for name, table in tables.items():
        rows += _rows(table, name, members, units, weights)
        if table is not first:
            rows += _rows((first - table)[list(RELEVANT)].add_suffix("_above"), name, members, units, weights)
        rows.append((f"coverage@{name}", None, coverage(lists[name], groups), np.nan, np.nan))
        hubs = hubness_skewness(lists[name], k=lists[name].shape[1])
        rows.append((f"hubs@{name}", None, hubs, np.nan, np.nan))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"genre": "str"})


def _of_each(listed: np.ndarray, unit: np.ndarray, codes: np.ndarray, groups: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame(relevance(listed, codes, groups), columns=list(RELEVANT))
    return table.assign(diversity=diversity(listed, unit), novelty=novelty(listed))


def _rows(
    table: pd.DataFrame, name: str, members: dict[str | None, np.ndarray], units: np.ndarray, weights: np.ndarray
) -> list[tuple[Any, ...]]:
    """Means of a table's columns over the covers of each genre, with their intervals."""
    rows: list[tuple[Any, ...]] = []
    for metric, values in table.items():
        known = np.isfinite(values.to_numpy())
        for genre, member in members.items():
            some = np.flatnonzero(known & member)
            if len(some):
                interval = _interval(str(metric), values.to_numpy()[some], units[some], weights[:, some])
                rows.append((f"{metric}@{name}", genre, *interval))
    return rows


def _interval(metric: str, values: np.ndarray, units: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    mean, size = np.array([values.mean()]), effective_size(units)
    total = weights.sum(axis=1)
    replicates = np.divide(weights @ values, total, out=np.full(len(total), np.nan), where=total > 0)[:, None]
    how = plain_interval if metric in OF_LISTS else range_interval if metric.endswith("_above") else share_interval
    low, high = how(mean, replicates, size)
    return float(mean[0]), float(low[0]), float(high[0])
