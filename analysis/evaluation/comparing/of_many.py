"""Contrasts of many genres: those of `contrasts`, without a share for each cell of the two confusion matrices.

Cells grow with the square of the genres, and what is computed of them with its square again: of 300 genres it would
take 60 GB. Each of the other measures is a ratio of a few sums of its own. These are written out here, so that nothing
is computed that is zero, or the same on both sides. g groups, c genres that occur. See docs/methods.md.
"""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from analysis.evaluation.comparing.aucs import add_auc_parts
from analysis.evaluation.comparing.contrasts import (
    COVER_OF_AUC,
    COVER_OF_LOG_LOSS,
    PER_GENRE,
    Contrast,
    Name,
    Outputs,
    of_ratios,
)
from analysis.evaluation.comparing.summed import Covers, Sums, bent, covers_of, linear, of_all, sums_of
from analysis.statistics.means import column_squares, mean_interval_of
from analysis.statistics.randomization import flipped_sums_of, randomization_p
from analysis.statistics.ratios import ratio

if TYPE_CHECKING:
    from scipy.sparse import csc_array

# Of more genres no cells are compared.
MOST = 40
# Genres whose swaps are computed at once, so that they stay in the processor's cache.
AT_ONCE = 32
# By genre, then shares of all covers, then means over the genres, and of what.
ORDER = (*PER_GENRE, "accuracy", "loss_of_all")
MEANS = {"balanced_accuracy": "recall", "macro_f1": "f1", "auc": "auc"}


def contrast_of_many(a: Outputs, b: Outputs, *, flips: int, seed: int, inflation: float) -> Contrast:
    """As `contrasts.contrast`, without cells."""
    occurring = np.unique(a.truth)
    covers, sides = covers_of(a, occurring), [sums_of(side, occurring) for side in (a, b)]
    aucs, moved = _aucs(a, b, occurring)
    values = [_values(side.total(), covers, auc) for auc, side in zip(aucs, sides, strict=True)]
    names: list[Name] = [(name, int(genre), None) for name in PER_GENRE for genre in occurring]
    names += [("accuracy", None, None), ("log_loss", None, None)]
    low, high = _intervals(names, sides, covers, moved, values, inflation=inflation)
    moved += (aucs[0] - aucs[1]) / len(moved)  # now what each group adds to the difference itself
    difference = values[0] - values[1]
    p_value = _p_values(difference, sides, covers, moved, flips=flips, seed=seed, inflation=inflation)
    every = [*names, *((name, None, None) for name in MEANS)]
    return Contrast(every, values[0], values[1], low, high, p_value, np.empty((flips, 0)), len(moved))


def _aucs(a: Outputs, b: Outputs, occurring: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """AUC of both sides, (c,) each, and what each group adds to the error of their difference (g, c)."""
    moved = np.zeros((a.probabilities.shape[1], int(a.group.max()) + 1))
    aucs = [add_auc_parts(side, moved, sign=sign)[occurring] for side, sign in ((a, 1.0), (b, -1.0))]
    return aucs, (moved if len(occurring) == len(moved) else moved[occurring]).T


def _values(total: Sums, covers: Covers, auc: np.ndarray) -> np.ndarray:
    """All measures of one side: by genre in the order of PER_GENRE, the shares of all covers, the means over genres."""
    of = {"auc": auc} | linear(total, covers.support, covers.count) | bent(total, covers.support)
    means = [of[name].mean() for name in MEANS.values()]
    return np.concatenate([*(of[name] for name in PER_GENRE), of_all(total, covers), means])


def _p_values(
    difference: np.ndarray,
    sides: list[Sums],
    covers: Covers,
    auc: np.ndarray,
    *,
    flips: int,
    seed: int,
    inflation: float,
) -> np.ndarray:
    """P-values (q,) of the differences (q,), by swapping groups; auc (g, c): what each adds to the difference of AUCs.

    Of what is linear in the sums, the difference after a swap is that of the swapped sums: only precision and F1 need
    both sides' sums after it. A few genres at a time: of all, what is found after every swap fills the memory.
    """
    differences = [first - second for first, second in zip(sides[0].parts(), sides[1].parts(), strict=True)]
    *swapped, of_auc = (each.T for each in flipped_sums_of([*differences, auc], flips=flips, seed=seed))
    totals = [side.total().parts() for side in sides]
    middle = [(first + second)[:, None] / 2 for first, second in zip(*totals, strict=True)]
    genres, support = len(covers.support), covers.support[:, None]
    own = difference[: len(PER_GENRE) * genres].reshape(len(PER_GENRE), genres)
    found, sums = np.empty(own.shape), dict.fromkeys(MEANS.values(), np.zeros(of_auc.shape[1]))
    p_of = partial(randomization_p, groups=len(auc), inflation=inflation)
    for rows in (slice(start, start + AT_ONCE) for start in range(0, genres, AT_ONCE)):
        moves = Sums(*(each[rows] for each in swapped))
        up, down = (
            bent(
                Sums(*(each[rows] + half * move for each, move in zip(middle, moves.parts(), strict=True))),
                support[rows],
            )
            for half in (0.5, -0.5)
        )
        of = {"auc": of_auc[rows]} | linear(moves, support[rows], covers.count)
        of |= {name: up[name] - down[name] for name in up}
        for place, name in enumerate(PER_GENRE):
            found[place, rows] = p_of(own[place, rows], of[name].T)
        sums = {name: each + of[name].sum(axis=0) for name, each in sums.items()}
    over_all = [*of_all(Sums(*swapped), covers), *(sums[name] / genres for name in MEANS.values())]
    return np.append(found, p_of(difference[own.size :], np.stack(over_all, axis=1)))


def _intervals(
    names: list[Name],
    sides: list[Sums],
    covers: Covers,
    auc: np.ndarray,
    values: list[np.ndarray],
    *,
    inflation: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of each difference, and of the means; as `contrasts._intervals`."""
    moved = _moved(sides, covers) | {"auc": auc}
    shares = _shares_moved(sides, covers)
    variance = np.concatenate([column_squares(moved[name]) if name in moved else shares[name] for name in ORDER])
    difference = (values[0] - values[1])[: len(names)]
    steps = _steps(names, sides, covers, (values[0] + values[1])[: len(names)] / 2)
    low, high = of_ratios(names, difference, variance, *steps, inflation=inflation)
    genres = len(covers.support)
    ends = []
    for name in MEANS.values():
        rows = slice(PER_GENRE.index(name) * genres, (PER_GENRE.index(name) + 1) * genres)
        ends.append(mean_interval_of(difference[rows], low[rows], high[rows], moved[name]))
    bounds = np.array(ends)
    return np.append(low, bounds[:, 0]), np.append(high, bounds[:, 1])


def _moved(sides: list[Sums], covers: Covers) -> dict[str, "csc_array"]:
    """What each group moves each difference by, sparse (g, c): the delta method, of ratios of a genre's own sums."""
    own = covers.by_genre
    ratios = [
        {
            "recall": (side.hits, own),
            "precision": (side.hits, side.called),
            "f1": (2 * side.hits, own + side.called),
            "log_loss": (side.losses, own),
        }
        for side in sides
    ]
    return {name: _slopes(*ratios[0][name]) - _slopes(*ratios[1][name]) for name in ratios[0]}


def _slopes(part: "csc_array", whole: "csc_array") -> "csc_array":
    """What each group moves the ratios part / whole by, (g, c) all three: (part - whole * ratio) / total of whole."""
    total = whole.sum(axis=0)
    return _scaled(part - _scaled(whole, ratio(part.sum(axis=0), total)), ratio(1, total))


def _scaled(columns: "csc_array", by: np.ndarray) -> "csc_array":
    """Columns (g, c), each times its number of by (c,)."""
    from scipy.sparse import csc_array

    return csc_array(
        (columns.data * np.repeat(by, np.diff(columns.indptr)), columns.indices, columns.indptr), shape=columns.shape
    )


def _shares_moved(sides: list[Sums], covers: Covers) -> dict[str, np.ndarray]:
    """Variances of the differences in shares of all covers: every group moves these, if only by its covers.

    The sum over groups of (d - w * D)^2, d (g, c) sparse being the group's difference, w its share of all covers, and
    D = sum of d, is that of d^2 - 2 D w d + D^2 w^2.
    """
    called, hits, losses = (first - second for first, second in zip(sides[0].parts(), sides[1].parts(), strict=True))
    weight = covers.by_group / covers.count
    found = {}
    for name, each in {"predicted_share": called, "accuracy": hits, "loss_of_all": losses}.items():
        own = (each if name == "predicted_share" else each.sum(axis=1)[:, None]) / covers.count
        total = own.sum(axis=0)
        found[name] = np.maximum(column_squares(own) - 2 * total * (weight @ own) + total**2 * (weight @ weight), 0)
    return found


def _steps(names: list[Name], sides: list[Sums], covers: Covers, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far one group moves each ratio, and how many groups it rests on, (q,) each; as `contrasts._steps`."""
    own, called = [covers.by_genre] * 2, [side.called for side in sides]
    either = [covers.by_genre + side.called for side in sides]
    everyone = [covers.by_group[:, None]] * 2
    wholes = {"precision": called, "f1": either} | dict.fromkeys(("auc", "recall", "log_loss"), own)
    genres = len(covers.support)
    whole, squared = [], []
    for name in ORDER:
        each = wholes.get(name, everyone)
        count = genres if name in PER_GENRE else 1
        whole.append(np.broadcast_to(sum(part.sum(axis=0) for part in each), count))
        squared.append(np.broadcast_to(sum(map(column_squares, each)), count))
    total = np.concatenate(whole)
    size = np.maximum(ratio(np.concatenate(squared), total), 1.0)
    per_cover = np.array([{"auc": COVER_OF_AUC, "log_loss": COVER_OF_LOG_LOSS}.get(name, 1.0) for name, *_ in names])
    per_cover = np.where([name == "f1" for name, *_ in names], 2 - value, per_cover)
    return ratio(2 * size * per_cover, total), np.maximum(ratio(total, 2 * size), 1.0)
