"""Contrasts of many genres: those of `contrasts`, without a share for each cell of the two confusion matrices.

Cells grow with the square of the genres, and what is computed of them with its square again: of 300 genres it would
take 60 GB. The other measures need few sums each, and are computed from sparse arrays. See docs/methods.md.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.evaluation.comparing.contrasts import (
    COVER_OF_AUC,
    COVER_OF_LOG_LOSS,
    PER_GENRE,
    Contrast,
    Name,
    Outputs,
    auc_parts,
    of_ratios,
)
from analysis.evaluation.predictions import log_losses
from analysis.statistics.means import mean_interval
from analysis.statistics.randomization import flipped_sums
from analysis.statistics.ratios import ratio

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Of more genres no cells are compared.
MOST = 40
# Which of a genre's sums are whole and part of each measure; the weights of these are in `_columns`.
SUMS = ("support", "called", "hits", "loss", "auc")
PARTS = {"auc": "auc", "recall": "hits", "precision": "hits", "log_loss": "loss", "predicted_share": "called"}
WHOLES = {"recall": "support", "precision": "called", "log_loss": "support"}
MEANS = {"balanced_accuracy": "recall", "macro_f1": "f1", "auc": "auc"}


def contrast_of_many(a: Outputs, b: Outputs, *, flips: int, seed: int, inflation: float) -> Contrast:
    """As `contrasts.contrast`, without cells."""
    classes, occurring = a.probabilities.shape[1], np.unique(a.truth)
    parts, wholes, names = _define(classes, occurring)
    sums = [_group_sums(side) for side in (a, b)]
    total = [np.asarray(part.sum(axis=0)).ravel() for part in sums]
    swapped = flipped_sums(sums[0] - sums[1], flips=flips, seed=seed) / 2
    middle = (total[0] + total[1]) / 2
    first, second = (_values(parts, wholes, each) for each in total)
    flipped = _values(parts, wholes, middle + swapped) - _values(parts, wholes, middle - swapped)
    low, high = _intervals(parts, wholes, names, sums, total, (first, second), inflation=inflation)
    ends = [_with_means(names, each) for each in (first, second, flipped)]
    every = [*names, *((name, None, None) for name in MEANS)]
    return Contrast(every, ends[0], ends[1], low, high, ends[2], sums[0].shape[0])


def _group_sums(side: Outputs) -> "csr_array":
    """Sums of each group (g, 5 c + 2): of each genre covers, those called so, hits, log loss, AUC; covers; 1 / g."""
    from scipy.sparse import coo_array, csr_array, hstack

    classes, groups = side.probabilities.shape[1], int(side.group.max()) + 1
    right, loss = side.truth == side.predicted, log_losses(side.truth, side.probabilities)
    weights = {"support": side.weight, "called": side.weight, "hits": side.weight * right, "loss": side.weight * loss}
    blocks = [
        coo_array((each, (side.group, side.predicted if name == "called" else side.truth)), shape=(groups, classes))
        for name, each in weights.items()
    ]
    covers = np.bincount(side.group, side.weight, groups)[:, None]
    ends = [auc_parts(side, groups), covers, np.full((groups, 1), 1 / groups)]
    return csr_array(hstack([*blocks, *map(coo_array, ends)]))


def _define(classes: int, occurring: np.ndarray) -> tuple[Any, Any, list[Name]]:
    """Which sums are part and which whole of each measure, sparse (s, q), and its name; see `contrasts.Measures`."""
    from scipy.sparse import csc_array, eye_array, hstack

    unit = csc_array(eye_array(5 * classes + 2))
    of = {name: unit[:, place * classes + occurring] for place, name in enumerate(SUMS)}
    covers, one = unit[:, [5 * classes] * len(occurring)], unit[:, [5 * classes + 1] * len(occurring)]
    wholes = {name: of[source] for name, source in WHOLES.items()}
    wholes |= {"auc": one, "f1": of["support"] + of["called"], "predicted_share": covers}
    parts = {name: of[source] for name, source in PARTS.items()} | {"f1": 2 * of["hits"]}
    every = [csc_array(of[name].sum(axis=1)[:, None]) for name in ("hits", "loss")]
    names: list[Name] = [(name, int(genre), None) for name in PER_GENRE for genre in occurring]
    return (
        csc_array(hstack([*(parts[name] for name in PER_GENRE), *every])),
        csc_array(hstack([*(wholes[name] for name in PER_GENRE), covers[:, [0, 0]]])),
        [*names, ("accuracy", None, None), ("log_loss", None, None)],
    )


def _values(parts: Any, wholes: Any, sums: np.ndarray) -> np.ndarray:
    """Ratios (..., q) of sums (..., s)."""
    return ratio(sums @ parts, sums @ wholes)


def _rows_of(names: list[Name], measure: str) -> np.ndarray:
    return np.array([i for i, (name, genre, _) in enumerate(names) if name == measure and genre is not None])


def _with_means(names: list[Name], values: np.ndarray) -> np.ndarray:
    """The values (..., q), then the means over the genres."""
    means = [values[..., _rows_of(names, name)].mean(axis=-1, keepdims=True) for name in MEANS.values()]
    return np.concatenate([values, *means], axis=-1)


def _intervals(
    parts: Any,
    wholes: Any,
    names: list[Name],
    sums: list[Any],
    total: list[np.ndarray],
    values: tuple[np.ndarray, np.ndarray],
    *,
    inflation: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of each difference, and of the means; as `contrasts._intervals`."""
    from scipy.sparse import csc_array, csr_array, hstack, vstack

    both = csr_array(hstack(sums))
    slopes = csr_array(vstack([s * _slopes(parts, wholes, t) for s, t in zip((1, -1), total, strict=True)]))
    moved = csc_array(both @ slopes)  # what each group moves each difference by
    variance = np.asarray(moved.power(2).sum(axis=0)).ravel()
    difference = values[0] - values[1]
    steps = _steps(wholes, names, sums, total[0] + total[1], (values[0] + values[1]) / 2)
    low, high = of_ratios(names, difference, variance, *steps, inflation=inflation)
    ends = []
    for rows in (_rows_of(names, name) for name in MEANS.values()):
        own = moved[:, rows].toarray()
        ends.append(mean_interval(difference[rows], low[rows], high[rows], own.T @ own))
    bounds = np.array(ends)
    return np.append(low, bounds[:, 0]), np.append(high, bounds[:, 1])


def _slopes(parts: Any, wholes: Any, total: np.ndarray) -> Any:
    """How each sum moves each ratio (s, q), sparse, at the sums that were found."""
    whole = total @ wholes
    value = ratio(total @ parts, whole)
    return (parts - wholes.multiply(value[None])).multiply(ratio(1, whole)[None])


def _steps(
    wholes: Any, names: list[Name], sums: list[Any], total: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How far one group moves each ratio, and how many groups it rests on, (q,) each; as `contrasts._steps`."""
    order = np.arange(len(names))
    order[_rows_of(names, "auc")] = _rows_of(names, "recall")  # an AUC rests on the genre's own covers
    wholes = wholes[:, order]
    whole = total @ wholes
    squares = sum(np.asarray((part @ wholes).power(2).sum(axis=0)).ravel() for part in sums)
    size = np.maximum(ratio(squares, whole), 1.0)
    per_cover = np.array([{"auc": COVER_OF_AUC, "log_loss": COVER_OF_LOG_LOSS}.get(name, 1.0) for name, *_ in names])
    per_cover = np.where([name == "f1" for name, *_ in names], 2 - value, per_cover)
    return ratio(2 * size * per_cover, whole), np.maximum(ratio(whole, 2 * size), 1.0)
