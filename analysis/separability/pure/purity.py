"""kNN purity: how many of a cover's neighbours carry its genre."""

import numpy as np

from analysis.statistics.ratios import ratio


def genre_purity(neighbors: np.ndarray, genres: np.ndarray, weights: np.ndarray, *, classes: int) -> np.ndarray:
    """Mean share of a genre's covers' neighbours that carry the genre, anew for each of m variants: (m, classes).

    neighbors: (n, k) row numbers, -1 for none. genres: (m, n) codes. weights: (m, n), of a cover both as one whose
    neighbours are counted and as a neighbour: which covers are the hubs is as much an accident of the collection.
    A cover without a neighbour does not count. NaN for a genre without covers.
    """
    variants = zip(genres, weights, strict=True)
    return np.array([_purity(neighbors, *variant, classes) for variant in variants]).reshape(-1, classes)


def _purity(neighbors: np.ndarray, genres: np.ndarray, weights: np.ndarray, classes: int) -> np.ndarray:
    counted = np.where(neighbors < 0, 0, weights[neighbors]).astype(np.float32)
    total = counted.sum(axis=1)
    alike = (counted * (genres[neighbors] == genres[:, None])).sum(axis=1)
    own = weights * (total > 0)
    share = ratio(alike, total)
    return ratio(np.bincount(genres, own * share, classes), np.bincount(genres, own, classes), otherwise=np.nan)


def expected_purity(genres: np.ndarray, groups: np.ndarray, *, classes: int) -> np.ndarray:
    """The purity of neighbours drawn at random, anew for each of m labellings: (m, classes), NaN without covers.

    genres: (m, n) codes. groups: (n,). Averaged over a genre's covers, the share of its genre among the covers outside
    the cover's own group. Permuted genres have other expectations: where groups differ in size their covers do too.
    """
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    others = len(groups) - sizes[group]
    return np.array([_expected(labels, group, others, classes) for labels in genres]).reshape(-1, classes)


def _expected(genres: np.ndarray, group: np.ndarray, others: np.ndarray, classes: int) -> np.ndarray:
    cells = group * classes + genres
    counts = np.bincount(genres, minlength=classes)
    share = ratio(counts[genres] - np.bincount(cells)[cells], others)
    return ratio(np.bincount(genres, share, classes), counts, otherwise=np.nan)


def above_chance(purity: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Purity above chance, (..., classes): (purity - expected) / (1 - expected); 0 is chance, 1 is perfect.

    The correction for chance of Cohen's kappa (1960): unlike purity and its ratio to chance, comparable between genres
    of different sizes. expected: of the same labelling, see `expected_purity`.
    """
    return ratio(purity - expected, 1 - expected, otherwise=np.nan)


def settled(replicates: np.ndarray, value: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Bootstrap replicates of purity (m, c), spread about its value (c,) as far as purity really varies.

    A resample that draws covers twice adds noise to every short list of neighbours, on top of the noise that is in the
    list already, while neighbours that are missing from a collection are replaced by the next nearest. In simulations
    (docs/methods.md) the true variance was a third of the bootstrap's where genres are alike and most of it where
    they are apart: 1/3 + 0.6 times the root of the purity above chance (c,).
    """
    share = 1 / 3 + 0.6 * np.sqrt(np.clip(np.nan_to_num(above), 0, 1))
    return value + np.sqrt(np.minimum(share, 1)) * (replicates - value)


def nearest_accuracy(neighbors: np.ndarray, genres: np.ndarray) -> float:
    """Share of covers whose nearest neighbour carries their genre; neighbors: (n, k), -1 for none; genres: (n,) codes.

    The accuracy of a 1-nearest-neighbour classifier that leaves out each cover's own group.
    """
    known = neighbors[:, 0] >= 0
    return float((genres[neighbors[known, 0]] == genres[known]).mean()) if known.any() else float("nan")
