"""Validation of the comparison: how often does it err where the truth is known?

Covers are drawn anew each time, two learners are fitted out of fold on their own half of the columns, and both halves
tell the genres apart equally well: whoever finds one better is wrong. Groups of five covers are one picture five times.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.evaluation.comparing.contrasts import Contrast, Outputs, contrast, define, group_sums
from analysis.statistics.randomization import inflation
from data.grouping.folds import deal_folds

CLASSES, FOLDS, FLIPS, LEVEL = 3, 5, 400, 0.05
MEASURES = {"balanced accuracy": ("balanced_accuracy", None, None), "AUC of a genre": ("auc", 0, None)}
# Of the coverage: the measures that are shown.
SHOWN = {
    "recall": ("recall", 0, None),
    "precision": ("precision", 0, None),
    "F1": ("f1", 0, None),
    "AUC": ("auc", 0, None),
    "log loss": ("log_loss", 0, None),
    "share of predictions": ("predicted_share", 0, None),
    "cell": ("cell", 0, 1),
    "accuracy": ("accuracy", None, None),
    "balanced accuracy": ("balanced_accuracy", None, None),
    "macro-F1": ("macro_f1", None, None),
    "mean AUC": ("auc", None, None),
}
# Covers of each genre, equal and as unequal as real shelves are.
COLLECTIONS = ((20,) * 3, (100,) * 3, (1000,) * 3, (300, 60, 5, 2), (300, 60, 5, 1))
Learner = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def false_positives(
    *,
    draws: int = 300,
    seed: int = 42,
    covers: Sequence[int] = (300, 1000),
    sizes: Sequence[int] = (1, 5),
    learners: Sequence[str] = ("nearest mean", "3 neighbours"),
    columns: int = 10,
) -> pd.DataFrame:
    """How often equally good procedures are told apart at 5 %: columns scenario, rate, draws.

    A row for each learner, number of covers, group size, repeats (1 and 3) and measure, as `compare` decides; and for
    McNemar's exact test on the first repeat, which knows neither groups nor refitting.
    """
    rows = []
    for learner in learners:
        for n in covers:
            for size in sizes:
                found = _rejections(LEARNERS[learner], n, size, columns, edge=0.0, draws=draws, seed=seed)
                where = f"{learner}, {n:,} covers in groups of {size}"
                rows += [{"scenario": f"{where}: {name}", "rate": rate, "draws": draws} for name, rate in found.items()]
    return pd.DataFrame(rows)


def power(*, draws: int = 300, seed: int = 42, covers: int = 1000, edges: Sequence[float] = (0.1, 0.2)) -> pd.DataFrame:
    """How often a truly better procedure is told at 5 %: columns scenario, rate, draws.

    edges: by how much A's columns are more informative (0.1: the genres' means lie 10 % farther apart).
    """
    rows = []
    for edge in edges:
        found = _rejections(nearest_mean, covers, 1, 10, edge=edge, draws=draws, seed=seed)
        where = f"nearest mean, {covers:,} covers, genres {edge:.0%} farther apart"
        rows += [{"scenario": f"{where}: {name}", "rate": rate, "draws": draws} for name, rate in found.items()]
    return pd.DataFrame(rows)


def coverage(
    *, draws: int = 500, seed: int = 42, covers: Sequence[tuple[int, ...]] = COLLECTIONS, size: int = 1
) -> pd.DataFrame:
    """How often the 95 % interval of a difference holds the true one: columns scenario, rate, draws.

    Two fitted classifiers of unequal skill whose errors are correlated; `covers` are those of each genre, in groups of
    `size` that share their fate (so 100 covers in groups of 5 are 20 facts). What is of one genre is of the first.
    """
    rows = []
    for sizes in covers:
        dice, truth = np.random.default_rng([seed, *sizes]), _true_differences(seed, sizes)
        holds = np.zeros(len(SHOWN))
        for _ in range(draws):
            found = contrast(*_judged(dice, sizes, size), flips=1, seed=0, inflation=1.0)
            chosen = _positions(found, SHOWN.values())
            holds += (found.low[chosen] <= truth) & (truth <= found.high[chosen])
        where = ", ".join(map(str, sizes)) + f" in groups of {size}"
        rows += [
            {"scenario": f"{where}: {name}", "rate": rate, "draws": draws}
            for name, rate in zip(SHOWN, holds / draws, strict=True)
        ]
    return pd.DataFrame(rows)


def mcnemar(only_a: int, only_b: int) -> float:
    """Two-sided p-value of McNemar's exact test, which takes every cover for a fact of its own: shown for contrast."""
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(only_a, only_b), only_a + only_b, 0.5)))


def nearest_mean(vectors: np.ndarray, genres: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Probabilities (m, c) of others (m, d) by their distance to the genres' means."""
    means = np.stack([vectors[genres == genre].mean(axis=0) for genre in range(CLASSES)])
    return _softmax(others @ means.T - (means**2).sum(axis=1) / 2)


def neighbors(vectors: np.ndarray, genres: np.ndarray, others: np.ndarray, *, k: int = 3) -> np.ndarray:
    """Probabilities (m, c) of others (m, d) by the share of each genre among the k nearest."""
    distances = (vectors**2).sum(axis=1) - 2 * others @ vectors.T
    return np.eye(CLASSES)[genres[np.argpartition(distances, k, axis=1)[:, :k]]].mean(axis=1)


LEARNERS: dict[str, Learner] = {"nearest mean": nearest_mean, "3 neighbours": partial(neighbors, k=3)}


def _rejections(
    learner: Learner, n: int, size: int, columns: int, *, edge: float, draws: int, seed: int
) -> dict[str, float]:
    """Share of the draws in which each test tells A and B apart."""
    dice = np.random.default_rng([seed, n, size, columns])
    counts: dict[str, float] = {}
    for draw in range(draws):
        genres, groups, vectors = _covers(dice, n, size, columns, edge)
        folds = [deal_folds(genres, groups, folds=FOLDS, seed=int(dice.integers(2**31))) for _ in range(3)]
        sides = [
            [_out_of_fold(learner, half, genres, fold) for fold in folds]
            for half in (vectors[:, :columns], vectors[:, columns:])
        ]
        for name, p_value in _p_values(genres, groups, sides, seed=draw).items():
            counts[name] = counts.get(name, 0) + (p_value < LEVEL) / draws
    return counts


def _p_values(genres: np.ndarray, groups: np.ndarray, sides: list[list[np.ndarray]], *, seed: int) -> dict[str, float]:
    right_a, right_b = (side[0].argmax(axis=1) == genres for side in sides)
    found = {"McNemar": mcnemar(int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum()))}
    for repeats in (1, 3):
        a, b = (_outputs(genres, groups, side[:repeats]) for side in sides)
        contrasted = contrast(a, b, flips=FLIPS, seed=seed, inflation=inflation(folds=FOLDS))
        chosen = _positions(contrasted, MEASURES.values())
        p_values = contrasted.p_value[chosen]
        found |= {f"{name}, {repeats} x {FOLDS} folds": p for name, p in zip(MEASURES, p_values, strict=True)}
    return found


def _covers(
    dice: np.random.Generator, n: int, size: int, columns: int, edge: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """genres, groups (n,), vectors (n, 2 * columns): both halves have the same means, the first's `edge` farther."""
    facts = n // size
    genres = np.arange(facts) % CLASSES
    means = dice.normal(size=(CLASSES, columns)) * 0.5
    pictures = np.hstack([(1 + edge) * means, means])[genres] + dice.normal(size=(facts, 2 * columns))
    copies = np.repeat(pictures, size, axis=0)
    if size > 1:
        copies += 0.05 * dice.normal(size=copies.shape)
    return np.repeat(genres, size), np.repeat(np.arange(facts), size), copies


def _out_of_fold(learner: Learner, vectors: np.ndarray, genres: np.ndarray, fold: np.ndarray) -> np.ndarray:
    probabilities = np.empty((len(genres), CLASSES))
    for name in range(FOLDS):
        judged = fold == name
        probabilities[judged] = learner(vectors[~judged], genres[~judged], vectors[judged])
    return probabilities


def _outputs(genres: np.ndarray, groups: np.ndarray, repeats: list[np.ndarray]) -> Outputs:
    count, probabilities = len(repeats), np.concatenate(repeats)
    return Outputs(
        np.tile(genres, count),
        probabilities.argmax(axis=1),
        probabilities,
        np.repeat(np.arange(count), len(genres)),
        np.tile(groups, count),
        np.full(len(probabilities), 1 / count),
    )


def _judged(dice: np.random.Generator, sizes: Sequence[int], size: int) -> tuple[Outputs, Outputs]:
    """What two classifiers say of genres of so many covers, sharing half their error; the first is the better one."""
    genres = np.repeat(np.arange(len(sizes)), np.array(sizes) // size)
    shared = dice.normal(size=(len(genres), len(sizes)))
    groups, sides = np.repeat(np.arange(len(genres)), size), []
    for skill in (1.5, 1.2):
        scores = skill * np.eye(len(sizes))[genres] + (shared + dice.normal(size=shared.shape)) / np.sqrt(2)
        sides.append(_outputs(np.repeat(genres, size), groups, [np.repeat(_softmax(scores), size, axis=0)]))
    return sides[0], sides[1]


def _true_differences(seed: int, sizes: Sequence[int], *, n: int = 600_000) -> np.ndarray:
    """The differences on n covers, of genres as unequal as these."""
    measures = define(len(sizes), np.arange(len(sizes)))
    many = [size * (n // sum(sizes)) for size in sizes]
    totals = [
        np.asarray(group_sums(side).sum(axis=0)).reshape(1, -1)
        for side in _judged(np.random.default_rng(seed), many, 1)
    ]
    values = [measures.values(total)[0] for total in totals]
    chosen = [measures.names.index(name) for name in SHOWN.values()]
    return np.asarray((values[0] - values[1])[chosen])


def _positions(found: Contrast, names: Any) -> list[int]:
    return [found.names.index(name) for name in names]


def _softmax(scores: np.ndarray) -> np.ndarray:
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))
