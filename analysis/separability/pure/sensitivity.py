"""What the answer depends on: the groups that were kept together, and the number of neighbours. See docs/methods.md."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.geometry.cosine import normalize, similarities_of
from analysis.geometry.hubness import HUBNESS_K, corrected_neighbors
from analysis.geometry.independent import independent_neighbors
from analysis.separability.pure.evidence import Evidence
from analysis.separability.pure.probes import auc, probe_scores
from analysis.separability.pure.purity import above_chance, expected_purity, genre_purity, nearest_accuracy
from data.grouping.folds import deal_folds

KS = (1, 2, 5, 10, 20, 40)
# Divisions into folds that a grouping is measured on: what they differ by is noise, and no finding. Of five the spread
# was too often found half of what it is.
DEALS = 10
CLEAR = 2.0  # standard deviations between divisions that make a difference one of the groupings


def ignoring(
    evidence: Evidence, vectors: np.ndarray, neighbors: np.ndarray, near: np.ndarray, *, joined: str
) -> list[dict[str, Any]]:
    """The same embedding with fewer covers kept together: a dictionary a grouping, the strictest last.

    near: (n,) near-duplicate groups. joined: name of the evidence's groups. Each has grouping ('files' as if all were
    independent, 'picture', and the one that counts), separability (macro average over the divisions into folds: DEALS
    new ones, or the evidence's own, which makes the last one the headline figure), separability_sd (standard deviation
    between these divisions; None of one) and nearest (accuracy of a 1-nearest-neighbour classifier). What differs is no
    property of the genres: copies, or artists.
    """
    groupings = {"files": np.arange(len(near)), "picture": near, joined: evidence.groups}
    found = []
    for name, groups in groupings.items():
        fold = evidence.fold if name == joined else _deals(evidence, groups)
        separability, spread = _macro(evidence, vectors, fold)
        nearest = nearest_accuracy(independent_neighbors(vectors, neighbors, groups, k=1), evidence.codes)
        found.append(
            {"grouping": name, "separability": separability, "separability_sd": spread, "nearest": nearest},
        )
    return found


def ignoring_sentences(found: Sequence[dict[str, Any]]) -> list[str]:
    """What `ignoring` found, a sentence a grouping, of what differs only.

    A separability differs by more than CLEAR times the larger standard deviation between divisions into folds, an
    accuracy of the nearest neighbour in the third decimal.
    """
    *others, counted = found
    said = []
    for other in others:
        parts = [*_separability_part(other, counted), *_nearest_part(other, counted)]
        words = "Copies counted as independent" if other["grouping"] == "files" else "Only pictures kept together"
        said += [f"{words}, {' and '.join(parts)}."] if parts else []
    return said


def _separability_part(other: dict[str, Any], counted: dict[str, Any]) -> list[str]:
    values = [one["separability"] for one in (other, counted)]
    known = [one["separability_sd"] for one in (other, counted) if one.get("separability_sd") is not None]
    if None in values or not known or abs(values[0] - values[1]) <= CLEAR * max(known):
        return []
    return [f"separability would be {values[0]:.3f} instead of {values[1]:.3f} (sd between folds {max(known):.3f})"]


def _nearest_part(other: dict[str, Any], counted: dict[str, Any]) -> list[str]:
    would, does = (f"{one['nearest']:.3f}" for one in (other, counted))
    return [f"a nearest neighbour would be right in {would} instead of {does}"] if would != does else []


def _deals(evidence: Evidence, groups: np.ndarray) -> np.ndarray:
    """New divisions into folds that keep these groups (n,) whole: (DEALS, n)."""
    return np.stack([deal_folds(evidence.codes, groups, folds=evidence.folds, seed=[0, deal]) for deal in range(DEALS)])


def _macro(evidence: Evidence, vectors: np.ndarray, deals: np.ndarray) -> tuple[float | None, float | None]:
    """Mean separability of the genres that are measured, over divisions into folds (m, n), and its sd between them."""
    found = np.array([_macro_of(evidence, vectors, fold) for fold in deals])
    if not np.isfinite(found).all():
        return None, None
    return float(found.mean()), float(found.std(ddof=1)) if len(found) > 1 else None


def _macro_of(evidence: Evidence, vectors: np.ndarray, fold: np.ndarray) -> float:
    scores = probe_scores(vectors, evidence.codes, fold, classes=len(evidence.names))
    once = np.ones((1, len(fold)), np.uint8)
    measured = np.flatnonzero(evidence.group_counts >= evidence.folds)
    found = [auc(scores[:, code], evidence.codes == code, fold, once)[0] for code in measured]
    return float(2 * np.mean(found) - 1) if found else float("nan")


def curves_over_k(evidence: Evidence, vectors: np.ndarray, neighbors: np.ndarray) -> pd.DataFrame:
    """Purity above chance of each genre over the number of neighbours: curve, x (k), genre, value, low, high.

    purity_by_k reads each cover's nearest outside its group; purity_by_k_corrected the same 40 in the order that
    `corrected_neighbors` gives them, up to 10: of more, nearly all would be read in whatever order.
    """
    plain = independent_neighbors(vectors, neighbors, evidence.groups, k=max(KS))
    unit = normalize(vectors)
    similarities = similarities_of(unit, np.arange(len(unit)), unit, plain)
    corrected = corrected_neighbors(plain, np.where(plain < 0, np.nan, similarities))
    expected = expected_purity(evidence.codes[None], evidence.groups, classes=len(evidence.names))
    rows = []
    for curve, lists, most in (("purity_by_k", plain, max(KS)), ("purity_by_k_corrected", corrected, HUBNESS_K)):
        for k in (k for k in KS if k <= most and k < len(evidence.codes)):
            purity = genre_purity(lists[:, :k], *evidence.variants[0], classes=len(evidence.names))
            values = above_chance(purity, expected)[0]
            rows += [(curve, float(k), genre, value) for genre, value in zip(evidence.names, values, strict=True)]
    table = pd.DataFrame(rows, columns=["curve", "x", "genre", "value"])
    return table.assign(low=np.nan, high=np.nan)
