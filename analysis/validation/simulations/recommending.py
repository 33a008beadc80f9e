"""Simulations of recommendations: do the intervals hold, is nothing called better than chance that is not?

The lists are those of `recommend`, in drawn collections whose genres lie apart and whose artists are alike as planned.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.geometry.cosine import normalize
from analysis.geometry.neighbors import neighbor_graph
from analysis.recommending.evaluation import NEAREST, RANDOM, K
from analysis.recommending.lists import at_random, by_embedding, nearest_only
from analysis.recommending.measures import OF_LISTS, RELEVANT, measure
from analysis.validation.generated import Scenario, draw

RESAMPLES = 300
OWN = "own"
# Whose intervals are shown: of the lists themselves, and held against the nearest alone and against chance.
OF_OWN = tuple(f"{metric}@{OWN}" for metric in (*RELEVANT, *OF_LISTS))
ABOVE = tuple(f"{metric}_above@{RANDOM}" for metric in RELEVANT)
SHOWN = (*OF_OWN, *ABOVE, f"precision_above@{NEAREST}")


@dataclass(frozen=True)
class Sought:
    """Collections of a scenario in which covers of the same genre are right, or with `artists` those of one group."""

    scenario: Scenario
    artists: bool = False

    @property
    def name(self) -> str:
        """Of the collection and of what is right in it."""
        return f"{self.scenario.name}{': artists sought' if self.artists else ''}"


COVERAGE = (
    Sought(Scenario("20 a genre, apart", (20, 20, 20), (1.5, 3.0, 5.0))),
    Sought(Scenario("60 a genre, apart", (60, 60, 60), (1.0, 2.0, 4.0))),
    Sought(Scenario("200 a genre, apart", (200, 200, 200), (0.5, 1.0, 3.0))),
    Sought(Scenario("unbalanced: 20, 60, 200", (20, 60, 200), (2.0, 2.0, 2.0))),
    Sought(Scenario("artists of 5, 30 a genre", (150, 150, 150), (0.5, 1.5, 3.0), group=5, alike=0.5)),
    Sought(Scenario("artists of 5, 12 a genre", (60, 60, 60), (0.5, 1.5, 3.0), group=5, alike=0.5), artists=True),
)
NULL = (
    Sought(Scenario("no genres, 20 a genre", (20, 20, 20), (0.0, 0.0, 0.0))),
    Sought(Scenario("no genres, 60 a genre", (60, 60, 60), (0.0, 0.0, 0.0))),
    Sought(Scenario("artists' palettes, 12 of 5", (60, 60, 60), (0.0, 0.0, 0.0), group=5, alike=0.9)),
    Sought(Scenario("artists of 5 like all others", (60, 60, 60), (0.0, 0.0, 0.0), group=5), artists=True),
)


def measured(sought: Sought, *, seed: int) -> pd.DataFrame:
    """One collection drawn, its covers liked one by one, and the lists measured: rows as of `measure`."""
    vectors, genres, groups = draw(sought.scenario, np.random.default_rng(seed))
    every = np.arange(len(groups))
    codes, apart = (groups, every) if sought.artists else (np.unique(genres, return_inverse=True)[1], groups)
    graph, _ = neighbor_graph(vectors, every, k=min(50, len(every) - 1))
    lists = {
        OWN: by_embedding(vectors, graph, apart, k=K),
        NEAREST: nearest_only(vectors, graph, apart, k=K),
        RANDOM: at_random(apart, k=K, seed=seed),
    }
    return measure(lists, normalize(vectors), codes, apart, genres=genres, units=groups, resamples=RESAMPLES, seed=seed)


def many(sought: Sought, *, draws: int, permutations: int = 0) -> pd.DataFrame:  # noqa: ARG001
    """The rows of many collections, with a column draw."""
    found = [measured(sought, seed=seed).assign(draw=seed) for seed in range(draws)]
    return pd.concat(found, ignore_index=True)


def rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Per metric and genre (all: over all): truth, held by the interval, real (called other than 0), width zero.

    The truth is the mean over the draws: what the measure gives on average for collections of this size.
    """
    keys = [rows.metric, rows.genre.astype(object).where(rows.genre.notna(), "all")]
    truth = rows.value.groupby(keys).transform("mean")
    facts = {
        "truth": truth,
        "held": (rows.low <= truth) & (truth <= rows.high),
        "real": (rows.low > 0) | (rows.high < 0),
        "no_width": rows.high <= rows.low,
    }
    return pd.DataFrame(facts).astype(float).groupby(keys).mean().rename_axis(["metric", "genre"]).reset_index()


def held(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """A row a collection and measure that is SHOWN: truths and how often intervals hold them, of genres and overall."""
    lines = []
    for sought in COVERAGE:
        own = rates(found[sought.name])
        for metric in SHOWN:
            one = own[own.metric == metric]
            genres, overall = one[one.genre != "all"], one[one.genre == "all"].iloc[0]
            facts = (
                ", ".join(f"{value:.2f}" for value in genres.truth),
                f"{genres.held.min():.3f} to {genres.held.max():.3f}",
            )
            lines.append((sought.name, metric, *facts, f"{overall.truth:.2f}", f"{overall.held:.3f}"))
    return pd.DataFrame(lines, columns=["collection", "measure", "truths", "genres", "overall", "held"])


def alarms(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Where there is none: share of differences to chance called real, overall, of all genres and of the worst one."""
    lines = []
    for sought in NULL:
        own = rates(found[sought.name])
        for metric in ABOVE:
            one = own[own.metric == metric].set_index("genre").real
            genres = one.drop("all")
            lines.append((sought.name, metric, round(one["all"], 3), round(genres.mean(), 3), round(genres.max(), 3)))
    return pd.DataFrame(lines, columns=["collection", "measure", "overall", "genres", "worst"])
