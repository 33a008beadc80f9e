"""What uncertainty is measured by: the covers' genres and groups, with resamples, permutations and folds of them.

See docs/methods.md.
"""

from dataclasses import dataclass
from functools import cached_property

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

    names: (c,) sorted. codes: (n,) into sets, which are the genres that each code stands for, (s, c) bool: one each, so
    that codes are those into names; or several, where covers count in each of theirs (`gather_members`). groups: (n,).
    fold: (repeats, n), from 0 to folds - 1. weights: (resamples, n), see `bootstrap_weights`. permuted: (m, n) codes,
    see `permuted_genres`.
    """

    names: np.ndarray
    codes: np.ndarray
    sets: np.ndarray
    groups: np.ndarray
    fold: np.ndarray
    folds: int
    weights: np.ndarray
    permuted: np.ndarray

    @cached_property
    def member(self) -> np.ndarray:
        """Which covers are in which genre: (n, c) bool."""
        return np.asarray(self.sets[self.codes])

    @cached_property
    def plain(self) -> bool:
        """Whether codes are those into names, each cover having one genre."""
        return np.array_equal(self.sets, np.eye(len(self.names), dtype=bool))

    @property
    def group_counts(self) -> np.ndarray:
        """Groups that each genre has covers in: (c,)."""
        cover, genre = np.nonzero(self.member)
        return groups_of_each(genre, self.groups[cover], genres=len(self.names))

    @property
    def sizes(self) -> np.ndarray:
        """How many independent covers each genre's are worth at least: (c,), see `effective_size`."""
        return np.array([effective_size(self.groups[own]) for own in self.member.T])

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
    weights = bootstrap_weights(codes, groups, resamples=resamples, seed=seed)
    permuted = permuted_genres(codes, groups, permutations=_affordable(permutations, codes, names), seed=seed)
    return Evidence(names, codes, np.eye(len(names), dtype=bool), groups, np.atleast_2d(fold), folds, weights, permuted)


def gather_members(
    names: np.ndarray,
    member: np.ndarray,
    groups: np.ndarray,
    fold: np.ndarray,
    *,
    folds: int,
    resamples: int,
    permutations: int,
    seed: int,
) -> Evidence:
    """Evidence where a cover counts in each of its genres; names: (c,); member: (n, c) bool; the others as of `gather`.

    Codes are of the sets of genres that covers have, and permutations deal out these sets, so that genres that go
    together still do. Resamples draw groups from all of them, not genre by genre: a group is in several.
    """
    sets, codes = np.unique(member, axis=0, return_inverse=True)
    codes = codes.ravel().astype(np.int32)
    weights = bootstrap_weights(np.zeros_like(codes), groups, resamples=resamples, seed=seed)
    permuted = permuted_genres(codes, groups, permutations=_affordable(permutations, codes, names), seed=seed)
    return Evidence(names, codes, sets, groups, np.atleast_2d(fold), folds, weights, permuted)


def _affordable(permutations: int, codes: np.ndarray, names: np.ndarray) -> int:
    return min(permutations, max(PERMUTED_CELLS // (len(codes) * len(names)), FEWEST_PERMUTATIONS))
