"""What uncertainty is measured by: the covers' genres and groups, with resamples, permutations and folds of them.

See docs/methods.md.
"""

from dataclasses import dataclass

import numpy as np

from analysis.statistics.intervals import effective_size
from analysis.statistics.ranks import CLAIM_GROUPS
from analysis.statistics.resampling import bootstrap_weights, permuted_genres
from data.grouping.groups import groups_of_each

# Permuted labels in all: fewer permutations for many covers or genres, since each costs a probe of every genre.
PERMUTED_CELLS = 200_000_000
FEWEST_PERMUTATIONS = 99


@dataclass(frozen=True)
class Evidence:
    """The genres of n covers, with what their uncertainty is measured by.

    names: (c,) sorted. codes: (n,) into names. groups: (n,). fold: (repeats, n), from 0 to
    folds - 1. weights: (resamples, n), see `bootstrap_weights`. permuted: (permutations, n) codes, see
    `permuted_genres`.
    """

    names: np.ndarray
    codes: np.ndarray
    groups: np.ndarray
    fold: np.ndarray
    folds: int
    weights: np.ndarray
    permuted: np.ndarray

    @property
    def group_counts(self) -> np.ndarray:
        """Groups that each genre has covers in: (c,)."""
        return groups_of_each(self.codes, self.groups, genres=len(self.names))

    @property
    def sizes(self) -> np.ndarray:
        """How many independent covers each genre's are worth at least: (c,), see `effective_size`."""
        return np.array([effective_size(self.groups[self.codes == code]) for code in range(len(self.names))])

    @property
    def claimable(self) -> np.ndarray:
        """Genres large enough for a claim: (c,) bool."""
        return self.group_counts >= CLAIM_GROUPS

    @property
    def variants(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """(codes, weights), each (m, n): of the collection as it is, its resamples, and its permutations."""
        once = np.ones((1, len(self.codes)), np.uint8)
        return (
            (self.codes[None], once),
            (np.broadcast_to(self.codes, self.weights.shape), self.weights),
            (self.permuted, np.broadcast_to(once, self.permuted.shape)),
        )


def gather(
    genres: np.ndarray,
    groups: np.ndarray,
    fold: np.ndarray,
    *,
    folds: int,
    resamples: int,
    permutations: int,
    seed: int,
) -> Evidence:
    """Evidence from genres by name (n,), groups (n,) and the fold (repeats, n) of so many that each cover is in.

    Resamples and permutations are drawn; of many covers or genres fewer than asked for, see PERMUTED_CELLS.
    """
    names, codes = np.unique(genres.astype(str), return_inverse=True)
    codes = codes.astype(np.int16)
    affordable = max(PERMUTED_CELLS // (len(codes) * len(names)), FEWEST_PERMUTATIONS)
    return Evidence(
        names,
        codes,
        groups,
        np.atleast_2d(fold),
        folds,
        bootstrap_weights(codes, groups, resamples=resamples, seed=seed),
        permuted_genres(codes, groups, permutations=min(permutations, affordable), seed=seed),
    )
