"""Resamples and permutations, and the p-values that follow from these.

The unit of both is the group, not the file: covers that hang together are no independent evidence.
See docs/methods.md.
"""

import numpy as np

# Groups that exchange their genres have this many partners at least, where there are as many of about their size. Those
# of larger ones are no equals: a genre of large groups would be compared with one of small groups, which varies less.
PARTNERS = 10
LIKE_SIZE = 2.0
# What a float32 can put in another order: a genre that no permutation changes has reached itself every time.
EQUAL = 1e-5


def bootstrap_weights(genres: np.ndarray, groups: np.ndarray, *, resamples: int, seed: int) -> np.ndarray:
    """How often each cover is drawn in each bootstrap resample: (resamples, n) uint8.

    genres: (n,) codes. groups: (n,). Whole groups are drawn with replacement, within each genre (of the group's
    first cover) as many as there are: how many covers a genre has was the collector's choice, not chance.
    """
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    weights = np.empty((resamples, len(first)), np.uint8)
    rng = np.random.default_rng(seed)
    for genre in np.unique(genres):
        members = np.flatnonzero(genres[first] == genre)
        drawn = rng.integers(len(members), size=(resamples, len(members)))
        cells = drawn + np.arange(resamples)[:, None] * len(members)
        weights[:, members] = np.bincount(cells.ravel(), minlength=cells.size).reshape(cells.shape)
    return weights[:, group]


def permuted_genres(genres: np.ndarray, groups: np.ndarray, *, permutations: int, seed: int) -> np.ndarray:
    """Genre codes as they might have fallen had genre nothing to do with the covers: (permutations, n).

    What is exchangeable under that hypothesis are groups of about equal size: those of one genre swap that genre, among
    the groups of their size or, where these are fewer than PARTNERS, of sizes up to LIKE_SIZE times as large. Groups
    that carry several genres swap them as they are, with those of exactly their size. One without a partner keeps its
    own, which costs power, not validity: where size decides the genre, nothing swaps. Genres keep their number of
    groups, and of covers but for the swaps between sizes.
    """
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    starts = np.cumsum(sizes) - sizes
    pure = np.logical_and.reduceat(genres[order] == genres[order][starts][group[order]], starts)
    permuted = np.tile(genres, (permutations, 1))
    rng = np.random.default_rng(seed)
    _swap_pure(permuted, genres[order][starts], group, sizes, pure, rng)
    for size in np.unique(sizes[~pure]):
        of_size = np.flatnonzero(~pure & (sizes == size))
        members = order[starts[of_size][:, None] + np.arange(size)]
        for row in permuted:
            row[members] = genres[rng.permutation(members)]
    return permuted


def _swap_pure(
    permuted: np.ndarray,
    genre: np.ndarray,
    group: np.ndarray,
    sizes: np.ndarray,
    pure: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Permute, row by row, the genres of the groups that have only one, within strata of about equal size."""
    strata = [np.flatnonzero(stratum) for stratum in _strata(sizes, pure)]
    covers = np.flatnonzero(pure[group])
    for row in permuted:
        drawn = genre.copy()
        for stratum in strata:
            drawn[stratum] = genre[rng.permutation(stratum)]
        row[covers] = drawn[group[covers]]


def _strata(sizes: np.ndarray, pure: np.ndarray) -> list[np.ndarray]:
    """Groups that swap with each other, as masks: equal sizes, rare ones together with the next larger alike."""
    strata: list[np.ndarray] = []
    least = 0
    for size in np.unique(sizes[pure]):
        of_size = pure & (sizes == size)
        if strata and strata[-1].sum() < PARTNERS and size <= LIKE_SIZE * least:
            strata[-1] = strata[-1] | of_size
        else:
            strata.append(of_size)
            least = size
    return strata


def permutation_p_values(observed: np.ndarray, permuted: np.ndarray) -> np.ndarray:
    """One-sided p-values (c,) of values (c,) against those of m permutations (m, c): (b + 1) / (m + 1).

    b counts the permutations that reach the observed value; the one that happened counts too, so that no p-value
    is 0 and the test is exact (Phipson & Smyth 2010). So does one that differs by less than EQUAL. NaN where the value
    is.
    """
    reached = (permuted >= observed - EQUAL).sum(axis=0)
    return np.where(np.isfinite(observed), (reached + 1) / (len(permuted) + 1), np.nan)
