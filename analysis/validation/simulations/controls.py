"""Simulations of controls and confounds: do the intervals hold, is nothing found where nothing is, and all where it is?

An embedding and a confound are drawn, each a block of columns in which genre g lies apart along column g by so many
standard deviations; an embedding may also be made of the confound's own columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.behind.controls.accounting import account
from analysis.geometry.independent import independent_neighbors
from analysis.geometry.neighbors import neighbor_graph
from analysis.separability.pure.evidence import Evidence, gather
from data.grouping.folds import deal_folds

FOLDS, REPEATS, RESAMPLES, COLUMNS = 5, 3, 300, 16
SHOWN = ("difference", "purity_difference", "adds", "left", "lost", "explained")


@dataclass(frozen=True)
class Beside:
    """embedding, confound: how far each genre lies apart in it. sizes: covers of each genre. group: covers a group.

    copied: columns of the embedding that are linear functions of the confound's. aimed: of these only the ones in which
    genres differ. shared: columns that both have in common, in which genres differ as in the embedding.
    """

    name: str
    embedding: Sequence[float]
    confound: Sequence[float]
    sizes: Sequence[int] = (60, 60, 60)
    group: int = 1
    copied: int = 0
    aimed: bool = False
    shared: int = 0


ALIKE, NONE = (1.0, 1.5, 2.0), (0.0, 0.0, 0.0)
SCENARIOS = (
    Beside("as good as each other, 60 a genre", ALIKE, ALIKE),
    Beside("as good as each other, 20 a genre", ALIKE, ALIKE, (20, 20, 20)),
    Beside("as good as each other, 200, 60, 20", (1.5,) * 3, (1.5,) * 3, (200, 60, 20)),
    Beside("as good as each other, 30 artists of 5", ALIKE, ALIKE, (150, 150, 150), 5),
    Beside("half the columns in common", ALIKE, ALIKE, shared=8),
    Beside("neither tells any genre", NONE, NONE),
    Beside("the embedding tells nothing", NONE, ALIKE),
    Beside("it is a function of the confound", NONE, ALIKE, copied=8),
    Beside("it is the telling part of the confound", NONE, ALIKE, copied=3, aimed=True),
    Beside("told by confound, by shape, by both", (0.0, 2.0, 2.0), (2.0, 0.0, 2.0), copied=4),
)


def drawn(scenario: Beside, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Vectors and confound (n, d) each, float32, genres by name (n,) and groups (n,)."""
    facts = np.array(scenario.sizes) // scenario.group
    codes = np.repeat(np.arange(len(facts)), facts)
    vectors, confound = (_block(codes, apart, dice) for apart in (scenario.embedding, scenario.confound))
    if scenario.shared:
        confound[:, : scenario.shared] = vectors[:, : scenario.shared]
    if scenario.copied:
        turned = np.random.default_rng(1).normal(size=(COLUMNS, scenario.copied)) / 4
        own = 3 * confound[:, : scenario.copied] if scenario.aimed else confound @ turned
        vectors = np.hstack([vectors, own])
    group = np.repeat(np.arange(len(codes)), scenario.group)
    noise = 0.3 * (scenario.group > 1)
    vectors, confound = (
        part[group] + noise * dice.normal(size=(len(group), part.shape[1])) for part in (vectors, confound)
    )
    names = np.array([f"genre {code:02}" for code in codes])[group]
    return vectors.astype(np.float32), confound.astype(np.float32), names, group


def measured(scenario: Beside, *, seed: int) -> pd.DataFrame:
    """One collection drawn and measured: rows of `account`."""
    vectors, confound, genres, groups = drawn(scenario, np.random.default_rng(seed))
    lists = [_lists(part, groups) for part in (vectors, confound)]
    return account(_evidence(genres, groups, seed), vectors, confound, neighbors=lists)


def many(scenario: Beside, *, draws: int, permutations: int = 0) -> pd.DataFrame:  # noqa: ARG001
    """The rows of many collections of a scenario, with a column draw."""
    found = [measured(scenario, seed=seed).assign(draw=seed) for seed in range(draws)]
    return pd.concat(found, ignore_index=True)


def rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Per metric and genre (all: the mean): truth (mean over draws), held (by the interval), shown (p < 0.05, above 0).

    The truth is what the measure gives on average for collections of this size.
    """
    keys = [rows.metric, rows.genre.fillna("all")]
    truth = rows.value.groupby(keys).transform("mean")
    held = (rows.low <= truth) & (truth <= rows.high)
    shown = (rows.p_value < 0.05) & (rows.value > 0)
    facts = pd.DataFrame({"truth": truth, "held": held, "shown": shown.where(rows.p_value.notna())})
    return facts.astype(float).groupby(keys).mean().rename_axis(["metric", "genre"]).reset_index()


def table(scenario: Beside, rows: pd.DataFrame) -> pd.DataFrame:
    """Rates of a scenario as a row a metric that is SHOWN."""
    found = rates(rows)
    lines = []
    for metric in SHOWN:
        own = found[(found.metric == metric) & (found.genre != "all")]
        mean = found[(found.metric == metric) & (found.genre == "all")].iloc[0]
        texts = [", ".join(f"{value:.2f}" for value in own[name]) for name in ("truth", "held", "shown")]
        lines.append((scenario.name, metric, *texts, f"{mean.truth:.2f}", f"{mean.held:.2f}"))
    return pd.DataFrame(lines, columns=["collection", "measure", "truths", "held", "shown", "mean", "mean held"])


def _block(codes: np.ndarray, apart: Sequence[float], dice: np.random.Generator) -> np.ndarray:
    block = dice.normal(size=(len(codes), COLUMNS))
    block[np.arange(len(codes)), codes] += np.asarray(apart)[codes]
    return block


def _lists(vectors: np.ndarray, groups: np.ndarray) -> np.ndarray:
    listed, _ = neighbor_graph(vectors, np.arange(len(vectors)), k=min(50, len(vectors) - 1))
    return independent_neighbors(vectors, listed, groups, k=10)


def _evidence(genres: np.ndarray, groups: np.ndarray, seed: int) -> Evidence:
    codes = np.unique(genres, return_inverse=True)[1]
    fold = np.stack([deal_folds(codes, groups, folds=FOLDS, seed=[seed, repeat]) for repeat in range(REPEATS)])
    return gather(genres, groups, fold, folds=FOLDS, resamples=RESAMPLES, permutations=0, seed=seed)
