"""Simulations of how sure a classifier is: calibration, consistency band and prediction sets, with known truth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.sure.calibration import bins_of, calibration
from analysis.evaluation.sure.conformal import LEVEL, p_values, thresholds
from analysis.evaluation.sure.reliability import reliability

# Collections on which probabilities are drawn and genres by these: covers, shares of the genres, covers a group.
CALIBRATED = {
    "120 covers, ten genres": (120, (0.1,) * 10, 1),
    "60 covers, three genres": (60, (1 / 3,) * 3, 1),
    "1,000 covers, five genres": (1000, (0.2,) * 5, 1),
    "300 covers in groups of 5, five genres": (300, (0.2,) * 5, 5),
    "400 covers, genres of 70, 20, 7 and 3 %": (400, (0.7, 0.2, 0.07, 0.03), 1),
}
# A classifier that is too sure: its probabilities are those of half the temperature.
TOO_SURE = 0.5


@dataclass(frozen=True)
class Sets:
    """A kind of collection for prediction sets: groups of each genre, covers a group, and how alike these are.

    known: in each genre one group in ten has so many covers, which are told more easily than others; 0 for none.
    """

    name: str
    groups: tuple[int, ...]
    size: int = 1
    alike: float = 0.0
    known: int = 0


SETS = (
    Sets("100 covers a genre", (100,) * 3),
    Sets("genres of 300, 30, 15 and 4 covers", (300, 30, 15, 4)),
    Sets("40 artists of 5 like covers a genre", (40,) * 3, size=5, alike=0.8),
    Sets("30 a genre, three of them artists of 40 easy covers", (30,) * 3, alike=0.5, known=40),
)
NEW = 100  # covers of new groups asked about, a genre


def calibrated(*, draws: int, seed: int = 42) -> pd.DataFrame:
    """What a perfectly calibrated classifier scores, and whether intervals hold the truth of one that is too sure.

    Columns: scenario; plain_error, its expected calibration error as usual (15 bins, nothing taken off), and error,
    ours, in the mean; miscalibration likewise; false, the share of intervals of the error that begin above 0; band,
    the share of points inside the consistency band; held, how often the intervals of error and miscalibration of the
    one too sure hold the truth, which is that of 60,000 covers.
    """
    rows = []
    for name, (covers, shares, size) in CALIBRATED.items():
        truth = calibration(judged(60_000, shares, 1, TOO_SURE, np.random.default_rng(seed)))
        found = [_one(covers, shares, size, truth.error[0], [seed, draw]) for draw in range(draws)]
        rows.append({"scenario": name, **pd.DataFrame(found).mean().round(4)})
    return pd.DataFrame(rows)


def covered(*, draws: int, seed: int = 42) -> pd.DataFrame:
    """How often sets hold the genre of a cover of a new group: columns scenario, new, least, inside, plain, size.

    new: mean over genres; least: the genre where it is least; inside: covers of the collection itself, by p_values;
    plain: the least genre where groups are ignored and one threshold serves all genres; size: genres in a set.
    """
    rows = []
    for scenario in SETS:
        found = np.mean([_sets(scenario, np.random.default_rng([seed, draw])) for draw in range(draws)], axis=0)
        new, inside, plain, size = found
        values = (new.mean(), new.min(), inside.mean(), plain.min(), size.mean())
        names = ("new", "least", "inside", "plain", "size")
        rows.append({"scenario": scenario.name, **dict(zip(names, np.round(values, 3), strict=True))})
    return pd.DataFrame(rows)


def judged(
    covers: int, shares: tuple[float, ...], size: int, temperature: float, dice: np.random.Generator
) -> Predictions:
    """Groups of covers whose genres are drawn by their probabilities, which are then told at another temperature.

    The probabilities are those of equally frequent genres; genres occur in the collection as often as `shares` says.
    """
    scores = dice.normal(size=(4 * covers // size, len(shares)))
    right = _softmax(scores)
    odds = right * np.array(shares)
    kept = np.flatnonzero(dice.random(len(odds)) < odds.sum(axis=1) / max(shares))[: covers // size]
    steps = np.cumsum(odds[kept] / odds[kept].sum(axis=1, keepdims=True), axis=1)[:, :-1]
    truth = (dice.random((len(kept), 1)) > steps).sum(axis=1)
    told = np.repeat(_softmax(scores[kept] / temperature), size, axis=0)
    ids = np.arange(len(told))
    return Predictions(
        cover_ids=ids,
        repeat=np.zeros_like(ids),
        truth=np.repeat(truth, size),
        predicted=told.argmax(axis=1),
        probabilities=told,
        classes=[f"genre {code:02}" for code in range(len(shares))],
        groups=np.repeat(np.arange(len(kept)), size),
    )


def _one(covers: int, shares: tuple[float, ...], size: int, truth: float, seed: list[int]) -> dict[str, float]:
    dice = np.random.default_rng(seed)
    right, sure = (judged(covers, shares, size, each, dice) for each in (1.0, TOO_SURE))
    found, other, points = calibration(right), calibration(sure), reliability(right, resamples=2, seed=seed[-1])
    inside = points.right.between(points.band_low - 1e-9, points.band_high + 1e-9)
    return {
        "plain_error": plain_error(right),
        "error": found.error[0],
        "miscalibration": found.miscalibration[0],
        "false": float(found.error[1] > 0),
        "band": float(inside.mean()),
        "held": float(other.error[1] <= truth <= other.error[2]),
    }


def plain_error(predictions: Predictions) -> float:
    """The expected calibration error as usual (Guo et al. 2017): 15 equal bins, nothing taken off."""
    confidence = predictions.probabilities.max(axis=1)
    gaps = confidence - (predictions.predicted == predictions.truth)
    return float(np.abs(np.bincount(bins_of(confidence, 15), gaps)).sum() / len(gaps))


def _sets(scenario: Sets, dice: np.random.Generator) -> np.ndarray:
    """Of each genre the share of new covers in their set, of the collection's own, of new ones plainly, and sizes."""
    told, truth, groups = _told(scenario, dice)
    new, genres, _ = _told(Sets("", (NEW,) * len(scenario.groups), alike=scenario.alike), dice)
    least, rows = thresholds(told, truth, groups), np.arange(len(genres))
    own = told[np.arange(len(truth)), truth]
    # The usual way: one threshold, every cover counts.
    usual = np.quantile(own, 1 - LEVEL * (1 + 1 / len(own)), method="lower")
    inside = p_values(told, truth, groups)[np.arange(len(truth)), truth] > 1 - LEVEL + 1e-9
    parts = (new[rows, genres] >= least[genres], new[rows, genres] >= usual, (new >= least).sum(axis=1))
    new_, plain, size = (np.bincount(genres, part) / NEW for part in parts)
    _, first = np.unique(groups, return_index=True)
    held = np.bincount(groups, inside) / np.bincount(groups)
    return np.array([new_, np.bincount(truth[first], held) / np.bincount(truth[first]), plain, size])


def _told(scenario: Sets, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities (n, c), genres (n,) and groups (n,) of a collection."""
    count = len(scenario.groups)
    genre = np.repeat(np.arange(count), scenario.groups)
    easy = (np.arange(len(genre)) % 10 == 0) & (scenario.known > 0)
    groups = np.repeat(np.arange(len(genre)), np.where(easy, scenario.known, scenario.size))
    common, own = dice.normal(size=(len(genre), count)), dice.normal(size=(len(groups), count))
    scores = (1.5 + 2 * easy)[groups, None] * np.eye(count)[genre[groups]]
    scores = scores + np.sqrt(scenario.alike) * common[groups] + np.sqrt(1 - scenario.alike) * own
    return _softmax(scores), genre[groups], groups


def _softmax(scores: np.ndarray) -> np.ndarray:
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))
