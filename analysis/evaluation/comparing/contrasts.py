"""Contrasts: every measure in which two classifiers are compared, as ratios of sums over covers.

What follows from sums can be swapped group by group (randomization) and has a variance in closed form, so one set of
sums per group serves values, p-values and intervals. c genres, g groups, s sums, q measures. See docs/methods.md.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.evaluation.comparing.aucs import add_auc_parts
from analysis.evaluation.predictions import log_losses
from analysis.statistics.means import mean_interval
from analysis.statistics.paired import difference_interval
from analysis.statistics.randomization import flipped_sums, randomization_p
from analysis.statistics.ratios import ratio

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# How far one more cover moves a measure that is no share: in log loss a cover given half the other's probability, in
# AUC one ranked a tenth of the collection higher.
COVER_OF_LOG_LOSS, COVER_OF_AUC = float(np.log(2)), 0.1
# Of a measure: what, of which genre (None: over all), and called what, of a cell.
Name = tuple[str, int | None, int | None]
PER_GENRE = ("auc", "recall", "precision", "f1", "log_loss", "predicted_share")
OVERALL = ("balanced_accuracy", "accuracy", "macro_f1", "auc", "log_loss")


@dataclass(frozen=True)
class Outputs:
    """What one side said in m rows, each a cover in a repeat, both sides' rows in the same order.

    truth, predicted (m,) codes; probabilities (m, c); repeat (m,); group (m,) codes from 0; weight (m,): 1 over the
    rows of the row's cover, so that every cover counts once.
    """

    truth: np.ndarray
    predicted: np.ndarray
    probabilities: np.ndarray
    repeat: np.ndarray
    group: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class Measures:
    """q measures as ratios of sums: value = (sums @ parts) / (sums @ wholes), then means of these: value @ mixing.

    names: (measure, genre code or None, predicted code or None) of each measure after mixing; a `cell` is the share of
    a genre's covers that was taken for another. parts, wholes: (s, q). mixing: (q, q + means).
    """

    names: list[Name]
    parts: np.ndarray
    wholes: np.ndarray
    mixing: np.ndarray

    def values(self, sums: np.ndarray) -> np.ndarray:
        """Values (r, q + means) of sums (r, s); 0/0 counts as 0."""
        return ratio(sums @ self.parts, sums @ self.wholes) @ self.mixing


@dataclass(frozen=True)
class Contrast:
    """A less B in every measure: names as in Measures; a, b, difference, low, high, p_value (q,), by swapping whole
    groups; flipped (m, cells): the cells' differences after these swaps; groups: how many there are."""

    names: list[Name]
    a: np.ndarray
    b: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    flipped: np.ndarray
    groups: int

    @property
    def difference(self) -> np.ndarray:
        """a - b."""
        return self.a - self.b


def contrast(a: Outputs, b: Outputs, *, flips: int, seed: int, inflation: float) -> Contrast:
    """Every measure of A and B, the interval of its difference, and that difference after random swaps of groups."""
    classes = a.probabilities.shape[1]
    measures = define(classes, np.unique(a.truth))
    sums = [group_sums(side) for side in (a, b)]
    total = [np.asarray(part.sum(axis=0)).reshape(1, -1) for part in sums]
    values = [measures.values(part)[0] for part in total]
    swapped = flipped_sums(sums[0] - sums[1], flips=flips, seed=seed) / 2
    middle = (total[0] + total[1]) / 2
    flipped = measures.values(middle + swapped) - measures.values(middle - swapped)
    low, high = _intervals(measures, sums, total, values, inflation=inflation)
    groups = sums[0].shape[0]
    p_value = randomization_p(values[0] - values[1], flipped, groups=groups, inflation=inflation)
    cells = flipped[:, [name == "cell" for name, *_ in measures.names]]
    return Contrast(measures.names, values[0], values[1], low, high, p_value, cells, groups)


def group_sums(side: Outputs) -> "csr_array":
    """Sums of each group (g, c * c + 2 * c + 1): cells of the confusion matrix, log loss by genre, AUC by genre, one.

    The AUC (mean over the repeats) is made a sum by what each cover adds to it, see `paired.placements`, plus an equal
    share of the whole for every group; the last column, 1 / g, is what that one is a ratio to.
    """
    from scipy.sparse import coo_array

    classes, groups = side.probabilities.shape[1], int(side.group.max()) + 1
    cells = coo_array(
        (side.weight, (side.group, side.truth * classes + side.predicted)), shape=(groups, classes * classes)
    )
    losses = coo_array(
        (side.weight * log_losses(side.truth, side.probabilities), (side.group, side.truth)), shape=(groups, classes)
    )
    parts = np.zeros((classes, groups))
    parts += add_auc_parts(side, parts)[:, None] / groups
    return _beside([cells, losses, coo_array(parts.T), coo_array(np.full((groups, 1), 1 / groups))])


def define(classes: int, occurring: np.ndarray) -> Measures:
    """The measures of `classes` genres, per genre for those `occurring` (codes), which alone make up the means."""
    cell, loss, auc, one = _columns(classes)
    support, called, hits = cell.sum(axis=1).T, cell.sum(axis=0).T, cell[np.arange(classes), np.arange(classes)].T
    covers = support.sum(axis=1, keepdims=True)
    pairs = {
        "auc": (auc, np.repeat(one, classes, axis=1)),
        "recall": (hits, support),
        "precision": (hits, called),
        "f1": (2 * hits, support + called),
        "log_loss": (loss, support),
        "predicted_share": (called, np.repeat(covers, classes, axis=1)),
    }
    names: list[Name] = [(name, int(g), None) for name in PER_GENRE for g in occurring]
    names += [("accuracy", None, None), ("log_loss", None, None)]
    names += [("cell", int(g), h) for g in occurring for h in range(classes)]
    cells = np.concatenate([cell[g].T for g in occurring], axis=1)
    whole_rows = np.concatenate([np.repeat(support[:, [g]], classes, axis=1) for g in occurring], axis=1)
    parts = [*(pairs[name][0][:, occurring] for name in PER_GENRE), hits.sum(axis=1, keepdims=True)]
    wholes = [*(pairs[name][1][:, occurring] for name in PER_GENRE), covers, covers]
    mixing, means = _means(names, {"balanced_accuracy": "recall", "macro_f1": "f1", "auc": "auc"})
    return Measures(
        names + means,
        np.concatenate([*parts, loss.sum(axis=1, keepdims=True), cells], axis=1),
        np.concatenate([*wholes, whole_rows], axis=1),
        mixing,
    )


def _columns(classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Which sum is which: cell (c, c, s); loss, auc (s, c) and one (s, 1), each of zeros and ones."""
    size = classes * classes
    unit = np.eye(size + 2 * classes + 1)
    cell = unit[:size].reshape(classes, classes, -1)
    return cell, unit[size : size + classes].T, unit[size + classes : size + 2 * classes].T, unit[-1:].T


def _means(names: list[Any], of: dict[str, str]) -> tuple[np.ndarray, list[Name]]:
    """The identity beside a column for each mean over genres, and the names of these."""
    columns = [np.array([name == source and genre is not None for name, genre, _ in names]) for source in of.values()]
    mixing = np.column_stack([np.eye(len(names)), *(column / column.sum() for column in columns)])
    return mixing, [(name, None, None) for name in of]


def _beside(blocks: list[Any]) -> "csr_array":
    from scipy.sparse import csr_array, hstack

    return csr_array(hstack(blocks))


def _intervals(
    measures: Measures, sums: list[Any], total: list[np.ndarray], values: list[np.ndarray], *, inflation: float
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of each difference: ratios by the delta method over groups (all groups' sums are linear), their
    means over genres from the genres' own (`means.mean_interval`)."""
    both = _beside(sums)
    products = (both.T @ both).toarray()
    slopes = np.concatenate([sign * _slopes(measures, part[0]) for sign, part in zip((1, -1), total, strict=True)])
    errors = products @ slopes
    size, ratios = total[0].shape[1], slopes.shape[1]
    own = products[:size, :size] + products[size:, size:]
    steps = _steps(measures, own, total[0][0] + total[1][0], (values[0] + values[1])[:ratios] / 2)
    difference = values[0] - values[1]
    variance = np.maximum((slopes * errors).sum(axis=0), 0)
    low, high = of_ratios(measures.names, difference[:ratios], variance, *steps, inflation=inflation)
    means = [
        mean_interval(difference[rows], low[rows], high[rows], slopes[:, rows].T @ errors[:, rows])
        for rows in map(np.flatnonzero, measures.mixing[:, ratios:].T)
    ]
    ends = np.array(means).reshape(-1, 2)
    return np.append(low, ends[:, 0]), np.append(high, ends[:, 1])


def of_ratios(
    names: list[Any],
    difference: np.ndarray,
    variance: np.ndarray,
    step: np.ndarray,
    units: np.ndarray,
    *,
    inflation: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high (q,) of the differences (q,) of ratios, within what each can be; step, units as of `_steps`."""
    kinds = [name for name, *_ in names[: len(difference)]]
    # A genre's groups are a sample of their own: two of them show half of their variance.
    seen = np.divide(units - 1, units, out=np.ones(len(units)), where=units > 1)
    shrunk = np.array([kind not in ("auc", "log_loss") for kind in kinds])
    low, high = difference_interval(
        difference, variance / seen, step=step, units=units, shrunk=shrunk, inflation=inflation
    )
    widest = np.array([np.inf if kind == "log_loss" else 1.0 for kind in kinds])
    return np.maximum(low, -widest), np.minimum(high, widest)


def _slopes(measures: Measures, total: np.ndarray) -> np.ndarray:
    """How each sum moves each ratio (s, q), at the sums that were found."""
    whole = total @ measures.wholes
    value = ratio(total @ measures.parts, whole)
    return ratio(measures.parts - measures.wholes * value, np.broadcast_to(whole, measures.parts.shape))


def _steps(
    measures: Measures, products: np.ndarray, total: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How far one group moves each ratio (q,), at the values (q,), and how many such groups it rests on (q,).

    A group has as many covers as Kish's mean size says: sum of squared sizes over sum of sizes, within what the
    measure counts (a genre's covers, those called so). products (s, s), total (s,): of both sides together.
    """
    wholes = measures.wholes.copy()
    names = measures.names[: wholes.shape[1]]
    # An AUC and a predicted share rest on the genre's own covers.
    for column, (name, genre, _) in enumerate(names):
        if name == "auc":
            wholes[:, column] = wholes[:, names.index(("recall", genre, None))]
    whole = total @ wholes
    size = np.maximum(ratio((wholes * (products @ wholes)).sum(axis=0), whole), 1.0)
    per_cover = np.array([{"auc": COVER_OF_AUC, "log_loss": COVER_OF_LOG_LOSS}.get(name, 1.0) for name, *_ in names])
    per_cover = np.where([name == "f1" for name, *_ in names], 2 - value, per_cover)
    # Sums of both sides: a cover counts twice in them.
    step = ratio(2 * size * per_cover, whole)
    return step, np.maximum(ratio(whole, 2 * size), 1.0)
