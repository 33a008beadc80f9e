"""Simulations of learning curves: does what is foretold of twice and four times the covers hold the truth?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.behind.learning_curves.curve import Curves, measure_curves
from analysis.behind.learning_curves.extrapolation import AHEAD, extrapolate
from analysis.behind.learning_curves.learning_curve import last_doubling
from analysis.behind.learning_curves.words import HELPS, NOTHING, verdict
from analysis.separability.pure.probes import taught_scores
from analysis.statistics.paired import placements
from analysis.validation.generated import Scenario, draw
from data.grouping.folds import deal_folds

FOLDS, REPEATS = 5, 3
# Covers a genre that the truth is measured on, and collections that teach for it.
JUDGED, TAUGHT = 600, 40

FORETOLD = (
    Scenario("40 a genre", (40, 40, 40), (0.5, 1.0, 2.0), dimensions=64),
    Scenario("150 a genre", (150, 150, 150), (0.5, 1.0, 2.0), dimensions=64),
    Scenario("artists of 3, 50 a genre", (150, 150, 150), (0.5, 1.0, 2.0), group=3, alike=0.5, dimensions=64),
    Scenario("no genres, 60 a genre", (60, 60, 60), (0.0, 0.0, 0.0), dimensions=64),
    Scenario("easily told, 150 a genre", (150, 150, 150), (3.0, 4.0, 5.0), dimensions=16),
)


def foretold(*, draws: int, scenarios: Sequence[Scenario] = FORETOLD) -> pd.DataFrame:
    """Per scenario and genre: what doubling truly gains, how often the intervals hold it, and what is said.

    Columns: collection, genre, reached (true separability), gain (true, by doubling), held_x2, held_x4 (of the gains),
    width (of the interval of the doubled gain), helps, nothing (shares of the draws in which that was said).
    """
    return pd.DataFrame([row for scenario in scenarios for row in _of_scenario(scenario, draws)])


def _of_scenario(scenario: Scenario, draws: int) -> list[dict[str, object]]:
    reached, *later = (_truth(scenario, times) for times in (1.0, *AHEAD))
    gains = [there - reached for there in later]
    classes = len(scenario.sizes)
    held, said, width = np.zeros((len(AHEAD), classes)), np.zeros((2, classes)), np.zeros(classes)
    for seed in range(draws):
        curves = _measured(scenario, seed)
        for code in range(classes):
            parts = (curves.shares, curves.values[:, code], curves.covariance[code])
            _, gained = extrapolate(*parts, np.array(AHEAD))
            held[:, code] += [low <= true[code] <= high for (_, low, high), true in zip(gained, gains, strict=True)]
            width[code] += gained[0, 2] - gained[0, 1]
            found = verdict(gained[0], last_doubling(*parts))
            said[:, code] += [found == HELPS, found == NOTHING]
    return [
        {
            "collection": scenario.name,
            "genre": code,
            "reached": round(float(reached[code]), 2),
            "gain": round(float(gains[0][code]), 3),
            "held_x2": round(float(held[0, code] / draws), 3),
            "held_x4": round(float(held[1, code] / draws), 3),
            "width": round(float(width[code] / draws), 3),
            "helps": round(float(said[0, code] / draws), 2),
            "nothing": round(float(said[1, code] / draws), 2),
        }
        for code in range(classes)
    ]


def _measured(scenario: Scenario, seed: int) -> Curves:
    vectors, genres, groups = draw(scenario, np.random.default_rng([1, seed]))
    codes = np.unique(genres, return_inverse=True)[1]
    fold = np.stack([deal_folds(codes, groups, folds=FOLDS, seed=[seed, repeat]) for repeat in range(REPEATS)])
    return measure_curves(vectors, codes, groups, fold, classes=len(scenario.sizes), seed=seed)


def _truth(scenario: Scenario, times: float) -> np.ndarray:
    """Mean separability (c,) of probes that learn from `times` as many covers as a training part has, on new covers."""
    share = times * (1 - 1 / FOLDS)
    larger = replace(scenario, sizes=[round(size * share) for size in scenario.sizes])
    fresh = replace(scenario, sizes=[JUDGED] * len(scenario.sizes))
    found = []
    for seed in range(TAUGHT):
        vectors, genres, _ = draw(larger, np.random.default_rng([2, seed]))
        judged, labels, _ = draw(fresh, np.random.default_rng([3, seed]))
        names, codes = np.unique(genres, return_inverse=True)
        scores = taught_scores(vectors, codes, judged, classes=len(names))
        found.append([2 * placements(scores[:, code], labels == name)[0] - 1 for code, name in enumerate(names)])
    return np.mean(found, axis=0)
