"""Two sides on the covers that both judged, row by row."""

from dataclasses import dataclass

import numpy as np

from analysis.evaluation.comparing.contrasts import Outputs
from analysis.evaluation.predictions import Predictions
from data.errors import GenrescopeError
from data.grouping.duplicates import join_groups
from data.grouping.groups import groups_of_each


@dataclass(frozen=True)
class Aligned:
    """a, b: what each said, rows in the same order; classes: the genres of both, sorted; covers, repeats: how many;
    covers_of, groups_of: covers and groups of each genre (c,)."""

    a: Outputs
    b: Outputs
    classes: list[str]
    covers: int
    repeats: int
    covers_of: list[int]
    groups_of: list[int]


def align(a: Predictions, b: Predictions) -> Aligned:
    """The covers and repeats that both judged; groups are what either of the two joins.

    Raises GenrescopeError when there are none.
    """
    shared, *rows = np.intersect1d(_keys(a), _keys(b), return_indices=True)
    if not len(shared):
        raise GenrescopeError(
            f"no cover was judged by both '{a.title}' and '{b.title}': train both with the same --split"
        )
    classes = sorted({*a.classes, *b.classes})
    covers, cover, counts = np.unique(shared >> 16, return_inverse=True, return_counts=True)
    group = _joined([side.groups[row] for side, row in zip((a, b), rows, strict=True)])
    first, second = (
        _outputs(side, row, classes, shared & 0xFFFF, group, 1 / counts[cover])
        for side, row in zip((a, b), rows, strict=True)
    )
    return Aligned(
        first,
        second,
        classes,
        len(covers),
        len(np.unique(shared & 0xFFFF)),
        groups_of_each(first.truth, cover, genres=len(classes)).tolist(),
        groups_of_each(first.truth, group, genres=len(classes)).tolist(),
    )


def _keys(side: Predictions) -> np.ndarray:
    """One number for each row's cover and repeat."""
    return (side.cover_ids.astype(np.int64) << 16) + side.repeat


def _joined(groups: list[np.ndarray]) -> np.ndarray:
    """Codes (m,) from 0 of the groups that either grouping joins."""
    first = []
    for grouping in groups:
        _, index, inverse = np.unique(grouping, return_index=True, return_inverse=True)
        first.append(index[inverse])
    joined = first[0] if np.array_equal(first[0], first[1]) else join_groups(*first)
    return np.unique(joined, return_inverse=True)[1]


def _outputs(
    side: Predictions, rows: np.ndarray, classes: list[str], repeat: np.ndarray, group: np.ndarray, weight: np.ndarray
) -> Outputs:
    """One side's chosen rows, its genres by their place in `classes`; one it does not know has probability 0."""
    code = np.searchsorted(classes, side.classes)
    probabilities = side.probabilities
    if not np.array_equal(rows, np.arange(len(probabilities))):
        probabilities = probabilities[rows]
    if side.classes != classes:
        known, probabilities = probabilities, np.zeros((len(rows), len(classes)), probabilities.dtype)
        probabilities[:, code] = known
    return Outputs(code[side.truth[rows]], code[side.predicted[rows]], probabilities, repeat, group, weight)
