"""What the answer depends on: the groups that were kept together, and the number of neighbours. See docs/methods.md."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.geometry.independent import independent_neighbors
from analysis.separability.evidence import Evidence
from analysis.separability.probes import auc, probe_scores
from analysis.separability.purity import above_chance, expected_purity, genre_purity, nearest_accuracy
from data.grouping.folds import deal_folds

KS = (1, 2, 5, 10, 20, 40)


def ignoring(
    evidence: Evidence, vectors: np.ndarray, neighbors: np.ndarray, near: np.ndarray, *, joined: str
) -> list[dict[str, Any]]:
    """The same embedding with fewer covers kept together: a dictionary a grouping, the strictest last.

    near: (n,) near-duplicate groups. joined: name of the evidence's groups. Each has grouping ('files' as if all were
    independent, 'picture', and the one that counts), separability (macro average, one division into folds) and nearest
    (accuracy of a 1-nearest-neighbour classifier). What differs is no property of the genres: copies, or artists.
    """
    groupings = {"files": np.arange(len(near)), "picture": near, joined: evidence.groups}
    return [
        {
            "grouping": name,
            "separability": _macro(evidence, vectors, groups),
            "nearest": nearest_accuracy(independent_neighbors(vectors, neighbors, groups, k=1), evidence.codes),
        }
        for name, groups in groupings.items()
    ]


def _macro(evidence: Evidence, vectors: np.ndarray, groups: np.ndarray) -> float | None:
    folds = int(evidence.fold.max()) + 1
    fold = deal_folds(evidence.codes, groups, folds=folds, seed=0)
    scores = probe_scores(vectors, evidence.codes, fold, classes=len(evidence.names))
    once = np.ones((1, len(fold)), np.uint8)
    measured = np.flatnonzero(evidence.group_counts >= folds)
    found = [auc(scores[:, code], evidence.codes == code, fold, once)[0] for code in measured]
    return float(2 * np.mean(found) - 1) if len(found) and np.isfinite(found).all() else None


def curve_over_k(
    evidence: Evidence, vectors: np.ndarray, neighbors: np.ndarray, *, corrected: bool = False
) -> pd.DataFrame:
    """Purity above chance of each genre over the number of neighbours: curve, x (k), genre, value, low, high.

    The curve is purity_by_k, or purity_by_k_corrected where the lists (n, at least k) are those corrected for hubs.
    """
    classes = len(evidence.names)
    expected = expected_purity(evidence.codes, evidence.groups, classes=classes)
    independent = independent_neighbors(vectors, neighbors, evidence.groups, k=max(KS))
    rows = []
    for k in (k for k in KS if k < len(evidence.codes)):
        purity = genre_purity(independent[:, :k], *evidence.variants[0], classes=classes)[0]
        values = above_chance(purity, expected)
        name = "purity_by_k_corrected" if corrected else "purity_by_k"
        rows += [(name, float(k), genre, value) for genre, value in zip(evidence.names, values, strict=True)]
    table = pd.DataFrame(rows, columns=["curve", "x", "genre", "value"])
    return table.assign(low=np.nan, high=np.nan)
