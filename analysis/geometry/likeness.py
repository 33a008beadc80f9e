"""How like several clusterings, or several maps, of the same covers are. See docs/methods.md."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from analysis.geometry.trust import map_overlap


def pairwise_ari(clusterings: Sequence[np.ndarray]) -> np.ndarray:
    """Adjusted Rand index of each clustering (n,) with each other: (m, m), NaN on the diagonal.

    0 is what chance gives, 1 the same clusters under whatever names (Hubert & Arabie 1985). -1, noise, is a cluster
    as the others are.
    """
    from sklearn.metrics import adjusted_rand_score

    return _pairwise(clusterings, adjusted_rand_score)


def pairwise_overlap(maps: Sequence[np.ndarray]) -> np.ndarray:
    """`map_overlap` of each map's neighbours (n, k) with each other's: (m, m), NaN on the diagonal."""
    return _pairwise(maps, map_overlap)


def _pairwise(items: Sequence[np.ndarray], alike: Callable[[Any, Any], float]) -> np.ndarray:
    found = np.full((len(items), len(items)), np.nan)
    for i, j in itertools.combinations(range(len(items)), 2):
        found[i, j] = found[j, i] = alike(items[i], items[j])
    return found


def best_matches(labels: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each cluster of one clustering (n,) the most like cluster of another (n,): its label (c,), and how like (c,).

    Likeness is Jaccard's: the covers in both over the covers in either (Hennig 2007). Noise, -1, is no cluster and
    matches none; where the other has no cluster, label -1 and likeness 0. Of equally like ones the first.
    """
    both = np.zeros((labels.max(initial=-1) + 1, others.max(initial=-1) + 1))
    kept = (labels >= 0) & (others >= 0)
    np.add.at(both, (labels[kept], others[kept]), 1)
    if not both.size:
        return np.full(len(both), -1), np.zeros(len(both))
    sizes, other_sizes = (
        np.bincount(x[x >= 0], minlength=m) for x, m in zip((labels, others), both.shape, strict=True)
    )
    jaccard = both / (sizes[:, None] + other_sizes - both)
    best = jaccard.argmax(axis=1)
    return best, jaccard[np.arange(len(best)), best]


def stays(labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether a cover of a cluster is in that cluster's best match, and a cover of noise is noise again: (n,) bool."""
    match = np.append(best_matches(labels, others)[0], -1)  # the last, for label -1
    known = (labels < 0) | (match[labels] >= 0)
    return known & (match[labels] == others)
