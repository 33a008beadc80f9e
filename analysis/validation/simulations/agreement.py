"""Simulations of agreement: embeddings that are the same, half the same, or unrelated; do the intervals hold?"""

import numpy as np
import pandas as pd

from analysis.behind.agreement.agreement import K, agreement
from analysis.geometry.independent import independent_neighbors
from analysis.geometry.neighbors import neighbor_graph

# Covers and groups of them, dimensions of both embeddings.
COVERS, GROUP, DIMENSIONS = 300, 2, 32
# How much of the second embedding's variance is the first one's, turned round.
ALIKE = {"the same, turned": 1.0, "half shared": 0.5, "unrelated": 0.0}


def agreements(*, draws: int) -> pd.DataFrame:
    """Per kind of pair: mean shared neighbours, what chance gives, mean CKA, and how often the intervals hold.

    Truth is the mean over the draws. Columns: embeddings, shared, by_chance, shared_held, cka, cka_held.
    """
    return pd.DataFrame([_kind(name, alike, draws) for name, alike in ALIKE.items()])


def pair(alike: float, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Vectors of both (n, d), genres and groups (n,): groups of two covers that lie near each other in both."""
    groups = np.arange(COVERS) // GROUP
    first, other = (
        dice.normal(size=(COVERS, DIMENSIONS)) + dice.normal(size=(COVERS, DIMENSIONS))[groups] for _ in range(2)
    )
    turn = np.linalg.qr(dice.normal(size=(DIMENSIONS, DIMENSIONS)))[0]
    second = np.sqrt(alike) * first @ turn + np.sqrt(1 - alike) * other
    genres = np.array(["jazz", "punk"])[groups % 2]
    return first.astype(np.float32), second.astype(np.float32), genres, groups


def measured(alike: float, seed: int) -> pd.DataFrame:
    """The rows of one drawn pair of embeddings, over all."""
    *vectors, genres, groups = pair(alike, np.random.default_rng(seed))
    sides = [(each, _near(each, groups)) for each in vectors]
    _, rows = agreement(sides[0], sides[1], genres, groups, resamples=200, seed=seed)
    return rows[rows.genre.isna()].set_index("metric")


def _near(vectors: np.ndarray, groups: np.ndarray) -> np.ndarray:
    listed, _ = neighbor_graph(vectors, np.arange(len(vectors)), k=3 * K)
    return independent_neighbors(vectors, listed, groups, k=K)


def _kind(name: str, alike: float, draws: int) -> dict[str, object]:
    table = pd.concat([measured(alike, seed) for seed in range(draws)])
    means = table.groupby("metric").value.mean()
    truth = table.index.map(means)
    held = ((table.low <= truth + 1e-6) & (truth <= table.high + 1e-6)).groupby(table.index).mean()
    return {
        "embeddings": name,
        "shared": round(float(means["shared_neighbors"]), 3),
        "by_chance": round(float(means["shared_by_chance"]), 3),
        "shared_held": round(float(held["shared_neighbors"]), 3),
        "cka": round(float(means["cka"]), 3),
        "cka_held": round(float(held["cka"]), 3),
    }
