"""Trees of genres, pure: from the separability of pairs to forks with support. See docs/methods.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.separability.pure.measures import COLUMNS
from analysis.statistics.intervals import range_interval
from data.listing import enumerated

# From this support on genres are said to be kin: see the simulations in docs/methods.md.
CLEAR = 0.95
# So many forks are named in a sentence.
KIN = 12


@dataclass(frozen=True)
class Tree:
    """A tree of c genres.

    linkage: (c - 1, 4), as scipy's: two parts, height, genres; part i < c is a genre, c + j what fork j joined.
    support: (c - 1,), NaN of the last, which holds all. order: (c,), the genres side by side, the nearest kin next to
    each other. cophenetic: how well the heights agree with the pairs, NaN where these are all alike.
    """

    linkage: np.ndarray
    support: np.ndarray
    order: np.ndarray
    cophenetic: float


def grow(values: np.ndarray, replicates: np.ndarray) -> Tree:
    """The tree of c genres whose pairs have these separabilities, by average linkage (Sokal & Michener 1958).

    values: (p,), pairs in the order of `combinations`. replicates: (m, p). Support of a fork: the share of the trees of
    the replicates in which the same genres, and no others, hang together (Felsenstein 1985). A pair that is told worse
    than chance counts as not told apart.
    """
    from scipy.cluster.hierarchy import cophenet, leaves_list

    linkage = _linkage(values)
    count = len(linkage) + 1
    clades = clades_of(linkage)
    drawn = [set(clades_of(_linkage(row))) for row in replicates]
    support = np.array([np.mean([clade in found for found in drawn]) for clade in clades])
    support[-1] = np.nan
    distances = np.maximum(values, 0)
    agreement = cophenet(linkage, distances)[0] if np.ptp(distances) > 0 and count > 2 else np.nan
    return Tree(linkage, support, leaves_list(linkage), float(agreement))


def clades_of(linkage: np.ndarray) -> list[frozenset[int]]:
    """The genres below each fork of a linkage (c - 1, 4)."""
    below = [frozenset([leaf]) for leaf in range(len(linkage) + 1)]
    for one, other in linkage[:, :2].astype(int):
        below.append(below[one] | below[other])
    return below[len(linkage) + 1 :]


def sides_of(linkage: np.ndarray) -> list[tuple[frozenset[int], frozenset[int]]]:
    """The two sets of genres that each fork of a linkage joins."""
    below = [*(frozenset([leaf]) for leaf in range(len(linkage) + 1)), *clades_of(linkage)]
    return [(below[one], below[other]) for one, other in linkage[:, :2].astype(int)]


def heights(
    tree: Tree, names: Sequence[str], values: np.ndarray, replicates: np.ndarray, sizes: np.ndarray
) -> pd.DataFrame:
    """Rows with COLUMNS: of each fork its height, the mean separability across it, with an interval, and its support.

    values: (p,). replicates: (m, p). sizes: (c,), effective sizes of the genres.
    """
    pairs = {pair: column for column, pair in enumerate(combinations(range(len(names)), 2))}
    rows = []
    for (left, right), support in zip(sides_of(tree.linkage), tree.support, strict=True):
        across = [pairs[min(one, other), max(one, other)] for one in left for other in right]
        value, drawn = values[across].mean(keepdims=True), replicates[:, across].mean(axis=1, keepdims=True)
        low, high = range_interval(value, drawn, sizes[[*left, *right]].min())
        sides = [", ".join(names[code] for code in sorted(side)) for side in (left, right)]
        rows.append(("fork_height", *sides, value[0], low[0], high[0]))
        rows.append(("fork_support", *sides, support, np.nan, np.nan))
    table = pd.DataFrame(rows, columns=list(COLUMNS[:6]))
    return table.assign(p_value=np.nan, p_adjusted=np.nan, rank_low=0, rank_high=0)


def sentence_of(tree: Tree | None, names: Sequence[str]) -> str:
    """What the tree shows: the genres that are kin with a support of CLEAR or more, the most alike first."""
    if tree is None:
        return "There are too few genres for a tree."
    clear = [
        (clade, share)
        for clade, share in zip(clades_of(tree.linkage), tree.support, strict=True)
        if share >= CLEAR  # not of the last, which is NaN
    ]
    if not clear:
        return "No genres are shown to be nearer kin than others."
    said = [f"{enumerated([names[code] for code in sorted(clade)])} ({share:.0%})" for clade, share in clear]
    more = f"; and {len(said) - KIN} more" if len(said) > KIN else ""
    return f"Nearer kin to each other than to the rest, with support: {'; '.join(said[:KIN])}{more}."


def _linkage(values: np.ndarray) -> np.ndarray:
    from scipy.cluster.hierarchy import linkage

    return np.asarray(linkage(np.maximum(values, 0), method="average"))
