"""Uncertainty: bootstrap weights, permuted genres, p-values and their correction.

The unit of both is the duplicate group, not the file: copies of one picture are no independent evidence.
"""

from dataclasses import dataclass

import numpy as np

# What measures range over: shares and AUCs, silhouettes and differences, ratios and losses, anything.
RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, np.inf), (-np.inf, np.inf))


@dataclass(frozen=True)
class Genres:
    """The genres of n covers, with the resamples and permutations that uncertainty is measured by.

    names: (c,) sorted. codes: (n,) into names. groups: (n,) duplicate groups. weights: (resamples, n), see
    `bootstrap_weights`. permuted: (permutations, n) codes, see `permuted_genres`.
    """

    names: np.ndarray
    codes: np.ndarray
    groups: np.ndarray
    weights: np.ndarray
    permuted: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """Covers of each genre: (c,)."""
        return np.bincount(self.codes, minlength=len(self.names))

    @property
    def variants(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """(codes, weights), each (m, n): of the collection as it is, its resamples, and its permutations."""
        once = np.ones((1, len(self.codes)), np.uint8)
        return (
            (self.codes[None], once),
            (np.broadcast_to(self.codes, self.weights.shape), self.weights),
            (self.permuted, np.broadcast_to(once, self.permuted.shape)),
        )


def resample(genres: np.ndarray, groups: np.ndarray, *, resamples: int, permutations: int, seed: int) -> Genres:
    """Genres by name (n,) and duplicate groups (n,), with their bootstrap resamples and permutations drawn."""
    names, codes = np.unique(genres.astype(str), return_inverse=True)
    codes = codes.astype(np.int16)
    return Genres(
        names,
        codes,
        groups,
        bootstrap_weights(codes, groups, resamples=resamples, seed=seed),
        permuted_genres(codes, groups, permutations=permutations, seed=seed),
    )


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

    What is exchangeable under that hypothesis are groups of equal size: they swap their genres as a whole, so
    that copies that agree go on agreeing, groups that carry several genres go on doing so, and every genre keeps
    its number of covers. A group of a size of its own keeps its genres, which costs power, not validity.
    """
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    by_group = np.lexsort((np.arange(len(group)), group, sizes[group]))
    permuted = np.tile(genres, (permutations, 1))
    rng = np.random.default_rng(seed)
    for size in np.unique(sizes):
        members = by_group[sizes[group[by_group]] == size].reshape(-1, size)
        for row in permuted:
            row[members] = genres[rng.permutation(members)]
    return permuted


def interval(values: np.ndarray, replicates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval (low, high), each (c,), of values (c,) from their bootstrap replicates (resamples, c).

    The percentiles of the replicates, less their bias: drawing covers twice shifts some measures as a whole, and
    a shift is no uncertainty. Within the narrowest of RANGES that holds value and replicates. Replicates of NaN
    do not count; NaN without any.
    """
    low, high = np.full((2, len(values)), np.nan)
    for i in np.flatnonzero(np.isfinite(values)):
        own = replicates[np.isfinite(replicates[:, i]), i]
        if len(own):
            least, most = min(own.min(), values[i]), max(own.max(), values[i])
            bounds = next((start, end) for start, end in RANGES if start <= least and most <= end)
            low[i], high[i] = np.clip(np.percentile(own - own.mean() + values[i], [2.5, 97.5]), *bounds)
    return low, high


def permutation_p_values(observed: np.ndarray, permuted: np.ndarray) -> np.ndarray:
    """One-sided p-values (c,) of values (c,) against those of m permutations (m, c): (b + 1) / (m + 1).

    b counts the permutations that reach the observed value; the one that happened counts too, so that no p-value
    is 0 and the test is exact (Phipson & Smyth 2010). NaN where the value is.
    """
    reached = (permuted >= observed - 1e-12).sum(axis=0)
    return np.where(np.isfinite(observed), (reached + 1) / (len(permuted) + 1), np.nan)


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """p-values adjusted for their number, so that 5 % of those called significant at 0.05 are false on average.

    Benjamini & Hochberg (1995). NaNs stay and do not count.
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known])]
    scaled = p_values[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return adjusted
