"""Simulations of a classifier's scores: do their intervals hold the truth, for few covers and near certainty too?"""

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import score

RESAMPLES = 300
# Covers a genre, covers a group, and how often a classifier is right: the 12 of 12 among them.
CASES = ((12, 1, 0.95), (20, 1, 0.6), (20, 1, 0.95), (100, 1, 0.6), (100, 5, 0.8), (1000, 1, 0.99))
CLASSES = ("a", "b", "c")


def coverage(*, draws: int, seed: int = 42) -> pd.DataFrame:
    """How often 95 % intervals hold the truth: columns scenario, recall, precision, f1, accuracy, macro_f1, no_width.

    A classifier is right with a known probability and else says one of the two other genres, whole groups together.
    The truth of every score is that of infinitely many covers: the probability, as mistakes are shared out evenly.
    recall, precision and f1 are of the first of three genres; no_width is the share of intervals of width zero.
    """
    rows = []
    for covers, size, skill in CASES:
        found = [_held(covers, size, skill, seed=[seed, draw]) for draw in range(draws)]
        name = f"{covers:,} covers a genre in groups of {size}, right with {skill:.0%}"
        rows.append({"scenario": name, **pd.DataFrame(found).mean().round(3)})
    return pd.DataFrame(rows)


def _held(covers: int, size: int, skill: float, *, seed: list[int]) -> dict[str, float]:
    dice = np.random.default_rng(seed)
    table = score(_judged(covers, size, skill, dice), resamples=RESAMPLES, seed=seed[-1])
    table = table[~table.metric.isin(("support",)) & table.genre.isin((None, "a"))]
    held = dict(zip(table.metric, (table.low <= skill) & (skill <= table.high), strict=True))
    shown = ("recall", "precision", "f1", "accuracy", "macro_f1")
    return {name: float(held[name]) for name in shown} | {"no_width": float((table.high <= table.low).mean())}


def _judged(covers: int, size: int, skill: float, dice: np.random.Generator) -> Predictions:
    """Three genres of so many covers, judged by a classifier that is right with probability `skill`."""
    groups = np.arange(3 * covers) // size
    truth = np.repeat(np.arange(3), covers)
    right = (dice.random(groups.max() + 1) < skill)[groups]
    shift = dice.integers(1, 3, groups.max() + 1)[groups]
    predicted = np.where(right, truth, (truth + shift) % 3)
    probabilities = 0.1 + 0.7 * np.eye(3)[predicted]
    ids = np.arange(3 * covers)
    return Predictions(ids, np.zeros_like(ids), truth, predicted, probabilities, list(CLASSES), groups)
