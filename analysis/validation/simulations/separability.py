"""Simulations of separability: do intervals cover, are p-values uniform, do ranks hold, is what is there found?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.geometry.independent import independent_neighbors
from analysis.geometry.neighbors import neighbor_graph
from analysis.separability.pure.evidence import gather
from analysis.separability.pure.measures import purity_rows, separability_rows
from analysis.validation.generated import Scenario, draw
from data.grouping.folds import deal_folds
from data.progress import progress

FOLDS, REPEATS, RESAMPLES, K = 5, 3, 400, 10

COVERAGE = (
    Scenario("20 a genre, apart", (20, 20, 20), (1.5, 3.0, 5.0)),
    Scenario("20 a genre, alike", (20, 20, 20), (0.0, 0.0, 0.0)),
    Scenario("60 a genre, apart", (60, 60, 60), (1.0, 2.0, 4.0)),
    Scenario("200 a genre, apart", (200, 200, 200), (0.5, 1.0, 3.0)),
    Scenario("unbalanced: 20, 60, 400", (20, 60, 400), (2.0, 2.0, 2.0)),
    Scenario("unbalanced: 300, 60, 5", (300, 60, 5), (2.0, 2.0, 2.0)),
    Scenario("artists of 5 covers, 30 a genre", (150, 150, 150), (0.5, 1.5, 3.0), group=5, alike=0.5),
    Scenario("artists of 1.2, 3, 6 by genre", (150, 150, 150), (0.5, 1.5, 3.0), (1.2, 3, 6), skewed=True, alike=0.5),
    Scenario("artists of several genres", (150, 150, 150), (0.5, 1.5, 3.0), 3, skewed=True, alike=0.5, mixed=0.2),
    Scenario("nearly perfect, 60 a genre", (60, 60, 60), (6.0, 7.0, 8.0)),
)
NULL = (
    Scenario("no genres, 40 a genre", (40, 40, 40), (0.0, 0.0, 0.0)),
    Scenario("artists' palettes, 30 artists of 5", (50, 50, 50), (0.0, 0.0, 0.0), group=5, alike=0.9),
    Scenario("no genres, 20, 60, 200", (20, 60, 200), (0.0, 0.0, 0.0)),
    Scenario("no genres, 300, 60, 5", (300, 60, 5), (0.0, 0.0, 0.0)),
    Scenario("artists of 1.5, 3, 10 by genre", (60, 60, 60), (0.0, 0.0, 0.0), (1.5, 3, 10), skewed=True, alike=0.5),
    Scenario(
        "no genres, artists of several", (120, 90, 60), (0.0, 0.0, 0.0), (2, 3, 4), skewed=True, alike=0.5, mixed=0.2
    ),
)
POWER = (
    Scenario("20 a genre, one apart by 2", (20, 20, 20), (2.0, 0.0, 0.0)),
    Scenario("60 a genre, one apart by 1", (60, 60, 60), (1.0, 0.0, 0.0)),
)


def measured(scenario: Scenario, *, seed: int, permutations: int = 0) -> pd.DataFrame:
    """One collection drawn and measured: rows of separability and purity, as `separability` has them."""
    vectors, genres, groups = draw(scenario, np.random.default_rng(seed))
    codes = np.unique(genres, return_inverse=True)[1]
    fold = np.stack([deal_folds(codes, groups, folds=FOLDS, seed=[seed, repeat]) for repeat in range(REPEATS)])
    evidence = gather(genres, groups, fold, folds=FOLDS, resamples=RESAMPLES, permutations=permutations, seed=seed)
    rows, _ = separability_rows(evidence, vectors)
    listed, _ = neighbor_graph(vectors, np.arange(len(vectors)), k=min(50, len(vectors) - 1))
    purity = purity_rows(evidence, independent_neighbors(vectors, listed, groups, k=K))
    return pd.concat([rows, purity], ignore_index=True)


def many(scenario: Scenario, *, draws: int, permutations: int = 0) -> pd.DataFrame:
    """The rows of many collections of a scenario, with a column draw."""
    found = []
    with progress(total=draws, what=scenario.name, unit=" draws") as bar:
        for seed in range(draws):
            found.append(measured(scenario, seed=seed, permutations=permutations).assign(draw=seed))
            bar.update()
    return pd.concat(found, ignore_index=True)


def coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Per metric and genre: truth (mean over the draws), its interval's rate of holding it, mean width, width zero.

    The truth is what the measure gives on average for collections of this size: what an interval of 95 % should hold
    in 95 of 100 collections.
    """
    keys = [rows.metric, rows.genre.fillna("all"), rows.other_genre.fillna("")]
    truth = rows.value.groupby(keys).transform("mean")
    facts = pd.DataFrame(
        {
            "truth": truth,
            "held": (rows.low <= truth) & (truth <= rows.high),
            "width": rows.high - rows.low,
            "no_width": rows.high - rows.low <= 0,
        }
    )
    return facts.groupby(keys).mean().rename_axis(["metric", "genre", "other_genre"]).reset_index()


def false_positives(rows: pd.DataFrame) -> pd.DataFrame:
    """Per metric: share of p-values below 0.05, of all genres (below_0.05) and of the genre that has most (worst).

    The latter because errors of genres whose groups differ in size may make up for each other.
    """
    genres = rows[rows.genre.notna() & rows.p_value.notna()]
    low = (genres.p_value < 0.05).groupby([genres.metric, genres.genre]).mean()
    shares = {"below_0.05": low.groupby("metric").mean(), "worst": low.groupby("metric").max()}
    return pd.DataFrame(shares).reset_index()


def ranks_held(rows: pd.DataFrame, true_order: Sequence[int]) -> tuple[float, float]:
    """Share of draws in which every genre's places hold its true one, and mean number of places claimed possible.

    true_order: (c,) the true place of each genre, 1 the best; equal ones share the better place.
    """
    own = rows[(rows.metric == "separability") & rows.genre.notna() & rows.other_genre.isna()]
    place = np.tile(true_order, own.draw.nunique())
    held = ((own.rank_low <= place) & (place <= own.rank_high)).groupby(own.draw).all()
    return float(held.mean()), float((own.rank_high - own.rank_low + 1).mean())
