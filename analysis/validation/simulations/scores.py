"""Simulations of a classifier's scores: do their intervals hold the truth, for few covers and near certainty too?"""

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import score

RESAMPLES = 300
# Covers of each genre, covers a group, and how often a classifier is right: 12 of 12 among them, and unequal genres.
CASES = (
    ((12,) * 3, 1, 0.95),
    ((20,) * 3, 1, 0.6),
    ((20,) * 3, 1, 0.95),
    ((100,) * 3, 1, 0.6),
    ((100,) * 3, 5, 0.8),
    ((1000,) * 3, 1, 0.99),
    ((300, 60, 5, 2), 1, 0.6),
    ((300, 60, 5, 1), 1, 0.6),
    ((300, 60, 5, 5), 5, 0.6),
)
SHOWN = ("recall", "precision", "f1", "accuracy", "balanced_accuracy", "macro_f1", "balanced_log_loss")
SURE = 0.8  # probability of the genre that a classifier says


def coverage(*, draws: int, seed: int = 42) -> pd.DataFrame:
    """How often 95 % intervals hold the truth: columns scenario, those SHOWN, and no_width.

    A classifier is right with a known probability and else says one of the other genres, whole groups together. The
    truth of every score is that of infinitely many covers in these shares. recall, precision and f1 are of the first
    genre; no_width is the share of intervals of width zero.
    """
    rows = []
    for covers, size, skill in CASES:
        found = [_held(covers, size, skill, seed=[seed, draw]) for draw in range(draws)]
        name = f"{', '.join(map(str, covers))} covers in groups of {size}, right with {skill:.0%}"
        rows.append({"scenario": name, **pd.DataFrame(found).mean().round(3)})
    return pd.DataFrame(rows)


def _held(covers: tuple[int, ...], size: int, skill: float, *, seed: list[int]) -> dict[str, float]:
    table = score(_judged(covers, size, skill, np.random.default_rng(seed)), resamples=RESAMPLES, seed=seed[-1])
    table = table[(table.metric != "support") & table.genre.isin((None, "0"))].set_index("metric")
    held = {name: float(table.low[name] <= true <= table.high[name]) for name, true in _truth(covers, skill).items()}
    return held | {"no_width": float((table.high <= table.low).mean())}


def _truth(covers: tuple[int, ...], skill: float) -> dict[str, float]:
    """Every score SHOWN of so many covers if of each genre the share `skill` is told right, the others evenly wrong."""
    others = len(covers) - 1
    shares = skill * np.eye(len(covers)) + (1 - skill) / others * (1 - np.eye(len(covers)))
    cells = np.array(covers)[:, None] * shares
    f1 = 2 * cells.diagonal() / (cells.sum(axis=0) + cells.sum(axis=1))
    precision, loss = skill * covers[0] / cells[:, 0].sum(), -np.log([SURE, (1 - SURE) / others]) @ [skill, 1 - skill]
    return dict(zip(SHOWN, (skill, precision, f1[0], skill, skill, f1.mean(), loss), strict=True))


def _judged(covers: tuple[int, ...], size: int, skill: float, dice: np.random.Generator) -> Predictions:
    """Genres of so many covers, judged by a classifier that is right with probability `skill`."""
    classes, groups = len(covers), np.arange(sum(covers)) // size
    truth = np.repeat(np.arange(classes), covers)
    right = (dice.random(groups.max() + 1) < skill)[groups]
    shift = dice.integers(1, classes, groups.max() + 1)[groups]
    predicted = np.where(right, truth, (truth + shift) % classes)
    probabilities = np.where(np.eye(classes)[predicted] > 0, SURE, (1 - SURE) / (classes - 1))
    ids = np.arange(len(truth))
    names = [str(code) for code in range(classes)]
    return Predictions(ids, np.zeros_like(ids), truth, predicted, probabilities, names, groups)
