"""Simulations of membership: five symmetric genres, two labels a cover; do intervals cover, are p-values uniform?"""

from itertools import combinations

import numpy as np
import pandas as pd

from analysis.geometry.neighbors import neighbor_graph
from analysis.separability.memberships import membership
from analysis.separability.pure.evidence import gather_members
from analysis.validation.simulations.separability import FOLDS, REPEATS, RESAMPLES, coverage, false_positives
from data.grouping.folds import deal_folds

GENRES = 5
# Name, groups of each two genres, distance, covers a group.
COVERAGE = (
    ("five genres, two each, 10 a pair", 10, 2.0, 1),
    ("five genres, two each, 40 a pair", 40, 1.5, 1),
    ("the same, artists of 4 covers", 10, 2.0, 4),
)
NULL = (("no genres, two each, 10 a pair", 10, 0.0, 1), ("no genres, artists of 4 covers", 10, 0.0, 4))
Kind = tuple[str, int, float, int]


def symmetric(
    count: int, distance: float, dice: np.random.Generator, *, group: int = 1, dimensions: int = 16
) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (n, d) float32 and member (n, 5) bool: so many groups of every two genres, each cover between its two.

    distance: of a genre's mean, in standard deviations of a cover; a group's covers have half their variance in common.
    """
    pairs = np.repeat(list(combinations(range(GENRES), 2)), count * group, axis=0)
    member = np.zeros((len(pairs), GENRES), bool)
    np.put_along_axis(member, pairs, values=True, axis=1)
    common = dice.normal(size=(len(pairs) // group, dimensions)).repeat(group, axis=0)
    alike = 0.5 if group > 1 else 0.0
    vectors = np.sqrt(alike) * common + np.sqrt(1 - alike) * dice.normal(size=(len(pairs), dimensions))
    vectors[:, :GENRES] += distance * member
    return vectors.astype(np.float32), member


def measured(kind: Kind, *, seed: int, permutations: int = 0) -> pd.DataFrame:
    """One collection drawn and measured: rows of `membership`."""
    _, count, distance, group = kind
    vectors, member = symmetric(count, distance, np.random.default_rng(seed), group=group)
    groups, first = np.repeat(np.arange(len(member) // group), group), member.argmax(axis=1)
    fold = np.stack([deal_folds(first, groups, folds=FOLDS, seed=[seed, repeat]) for repeat in range(REPEATS)])
    names = np.array([f"genre {code:02}" for code in range(GENRES)])
    evidence = gather_members(
        names, member, groups, fold, folds=FOLDS, resamples=RESAMPLES, permutations=permutations, seed=seed
    )
    listed, _ = neighbor_graph(vectors, np.arange(len(vectors)), k=min(50, len(vectors) - 1))
    return membership(evidence, vectors, listed)[0]


def held(*, draws: int) -> pd.DataFrame:
    """Per kind of collection and measure: truths, and how often intervals hold them, of genres, average and pairs."""
    rows = []
    for kind in COVERAGE:
        found = coverage(_many(kind, draws))
        for metric in ("membership_separability", "membership_purity"):
            own = found[found.metric == metric]
            genres, pairs = own[(own.genre != "all") & (own.other_genre == "")], own[own.other_genre != ""]
            rows.append(
                {
                    "collection": kind[0],
                    "measure": metric,
                    "truths": f"{genres.truth.min():.2f} to {genres.truth.max():.2f}",
                    "genres": f"{genres.held.min():.3f} to {genres.held.max():.3f}",
                    "average": f"{own[own.genre == 'all'].held.iloc[0]:.3f}",
                    "pairs": f"{pairs.held.min():.3f} to {pairs.held.max():.3f}" if len(pairs) else "",
                }
            )
    return pd.DataFrame(rows)


def alarms(*, draws: int) -> pd.DataFrame:
    """Share of p-values below 0.05, and that of the worst genre, where membership says nothing of a cover."""
    found = [false_positives(_many(kind, draws, permutations=99)).assign(collection=kind[0]) for kind in NULL]
    return pd.concat(found)[["collection", "metric", "below_0.05", "worst"]].round(3)


def _many(kind: Kind, draws: int, *, permutations: int = 0) -> pd.DataFrame:
    found = [measured(kind, seed=seed, permutations=permutations).assign(draw=seed) for seed in range(draws)]
    return pd.concat(found, ignore_index=True)
