"""The list of every cover when it alone is liked, by an embedding and by what that has to be better than.

Pure: arrays in, lists out: row numbers (n, k), padded with -1. None holds a cover of the own group, none two of one
group. groups: (n,). See docs/methods.md, "Recommendations".
"""

from collections.abc import Iterable

import numpy as np

from analysis.geometry.cosine import normalize, similarities_of
from analysis.geometry.independent import independent_neighbors
from analysis.recommending.ranking import POOL, chosen, nearest_to, one_each
from data.progress import progress

# So many times as many as wanted are drawn at once; whoever has too few groups among them draws from all.
DRAWN = 4


def by_embedding(vectors: np.ndarray, graph_rows: np.ndarray, groups: np.ndarray, *, k: int) -> np.ndarray:
    """What `recommend` gives for each cover, by nearness and diversity; vectors: (n, d), graph_rows: (n, m)."""
    unit = normalize(vectors)
    near = independent_neighbors(vectors, graph_rows, groups, k=POOL * k)
    nearness = similarities_of(unit, np.arange(len(unit)), unit, near)
    found = []
    with progress(total=len(unit), what="recommending") as bar:
        for row, (some, cosines) in enumerate(zip(near, nearness, strict=True)):
            some, cosines = some[some >= 0], cosines[some >= 0]
            if len(one_each(groups[some])) < k:
                some, cosines = nearest_to(unit, unit[row], groups != groups[row], count=len(unit))
            found.append(chosen(unit, some, cosines, groups, k=k))
            bar.update(1)
    return _padded(found, k)


def nearest_only(vectors: np.ndarray, graph_rows: np.ndarray, groups: np.ndarray, *, k: int) -> np.ndarray:
    """The nearest covers whether or not they are like each other: what diversity costs is the difference to these."""
    near = independent_neighbors(vectors, graph_rows, groups, k=POOL * k)
    return _padded((row[row >= 0][one_each(groups[row[row >= 0]])][:k] for row in near), k)


def most_popular(near: np.ndarray, groups: np.ndarray, *, k: int) -> np.ndarray:
    """To everybody the covers that stand in most of the lists `near` (n, k): the hubs. Of equal ones the first."""
    times = np.bincount(near[near >= 0], minlength=len(near))
    order = np.lexsort((np.arange(len(near)), -times))
    first = order[one_each(groups[order])][: k + 1]
    return _padded((first[groups[first] != group][:k] for group in groups), k)


def at_random(groups: np.ndarray, *, k: int, seed: int) -> np.ndarray:
    """To everybody others, drawn at random."""
    dice, n = np.random.default_rng(seed), len(groups)

    def draw(group: int) -> np.ndarray:
        for count in (min(DRAWN * k, n), n):
            drawn = dice.choice(n, count, replace=False)
            others = drawn[groups[drawn] != group]
            found = others[one_each(groups[others])][:k]
            if len(found) == k:
                break
        return np.asarray(found)

    return _padded((draw(group) for group in groups), k)


def _padded(lists: Iterable[np.ndarray], k: int) -> np.ndarray:
    return np.array([np.pad(each, (0, k - len(each)), constant_values=-1) for each in lists], np.int32).reshape(-1, k)
