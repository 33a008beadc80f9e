"""Simulations of kinship: is a planted tree found, and how often is one found where there is none?"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.separability.kinship import pairs_measured
from analysis.separability.pure.evidence import gather
from analysis.separability.pure.trees import CLEAR, Tree, clades_of, grow
from analysis.validation.simulations.separability import FOLDS, REPEATS
from data.grouping.folds import deal_folds

GENRES, RESAMPLES = 5, 300
TRUE = (frozenset({0, 1}), frozenset({2, 3}))


class Sample(NamedTuple):
    """vectors (n, d) float32, genres by name (n,), groups (n,)."""

    vectors: np.ndarray
    genres: np.ndarray
    groups: np.ndarray


# Name, covers a genre, distances of all and of kin, covers a group.
SCENARIOS = (
    ("two pairs of kin and one more, 20 a genre", 20, 3.0, 1.0, 1),
    ("two pairs of kin and one more, 60 a genre", 60, 3.0, 1.0, 1),
    ("weaker: 60 a genre", 60, 2.0, 1.2, 1),
    ("weaker: 200 a genre", 200, 2.0, 1.2, 1),
    ("no kin, 20 a genre", 20, 2.0, 2.0, 1),
    ("no kin, 60 a genre", 60, 2.0, 2.0, 1),
    ("no kin, 60 a genre in artists of 4", 60, 2.0, 2.0, 4),
    ("nothing at all, 60 a genre", 60, 0.0, 0.0, 1),
)


def planted(count: int, *, apart: float = 3.0, kin: float = 1.0, group: int = 1, seed: int = 0) -> Sample:
    """So many covers of each of five genres: the first two kin, the next two kin, the last alone.

    apart: how far a genre lies from the middle of all, in standard deviations of a cover. kin: the same of two kin from
    the middle between them; with kin equal to apart there are none. group: covers with half their variance in common.
    """
    dice = np.random.default_rng([seed, count, group])
    means = np.zeros((GENRES, 12))
    means[range(GENRES), range(GENRES)] = kin
    if kin < apart:
        shared = np.sqrt(apart**2 - kin**2)
        means[[0, 1], 5], means[[2, 3], 6], means[4, 4] = shared, shared, apart
    codes = np.repeat(np.arange(GENRES), count)
    groups = np.arange(len(codes)) // group
    alike = 0.5 if group > 1 else 0.0
    common, own = dice.normal(size=(groups.max() + 1, 12))[groups], dice.normal(size=(len(codes), 12))
    vectors = means[codes] + np.sqrt(alike) * common + np.sqrt(1 - alike) * own
    return Sample(vectors.astype(np.float32), np.array([f"genre {code}" for code in codes]), groups)


def grown(sample: Sample, *, seed: int, resamples: int = RESAMPLES) -> Tree:
    """The tree of a collection."""
    codes = np.unique(sample.genres, return_inverse=True)[1]
    folds = [deal_folds(codes, sample.groups, folds=FOLDS, seed=[seed, repeat]) for repeat in range(REPEATS)]
    evidence = gather(
        sample.genres,
        sample.groups,
        np.stack(folds),
        folds=FOLDS,
        resamples=resamples,
        permutations=0,
        seed=seed,
    )
    found = pairs_measured(evidence, sample.vectors)
    return grow(found[0], found[1:])


def support(*, draws: int) -> pd.DataFrame:
    """Per scenario: share of trees with both pairs of kin, their mean support, how often it is clear, and how often any
    other fork is clear, which is wrong (where there are kin, above them, too: the rest of the tree has no truth)."""
    rows = []
    for name, count, apart, kin, group in SCENARIOS:
        drawn = (planted(count, apart=apart, kin=kin, group=group, seed=seed) for seed in range(draws))
        trees = [grown(sample, seed=seed) for seed, sample in enumerate(drawn)]
        found = [dict(zip(clades_of(tree.linkage), tree.support, strict=True)) for tree in trees]
        there = kin < apart
        true = np.array([[clades.get(pair, 0.0) for pair in TRUE] for clades in found])
        wrong = [any(s >= CLEAR for c, s in clades.items() if not (there and c in TRUE)) for clades in found]
        rows.append(
            {
                "collection": name,
                "both pairs in the tree": f"{np.mean([set(TRUE) <= set(c) for c in found]):.3f}" if there else "",
                "mean support": f"{true.mean():.2f}" if there else f"{np.nanmean([t.support for t in trees]):.2f}",
                "clear": f"{(true >= CLEAR).mean():.3f}" if there else "",
                "trees with another clear fork": f"{np.mean(wrong):.3f}",
            }
        )
    return pd.DataFrame(rows)
