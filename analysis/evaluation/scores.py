"""Scores: every figure about a classifier, derived from its predictions of covers it had not seen, with intervals.

See docs/methods.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import Predictions, sums_by_cover
from analysis.evaluation.sums import metrics_of, over_genres, statistics_of
from analysis.evaluation.sure.calibration import calibration_rows
from analysis.statistics.intervals import effective_size, plain_interval, share_interval
from analysis.statistics.means import mean_interval_resampled
from analysis.statistics.ratios import ratio
from analysis.statistics.resampling import bootstrap_weights

PER_GENRE = ("precision", "recall", "f1", "support", "recall_any")
LOSSES = ("log_loss", "own_log_loss", "own_brier")  # without an upper bound that matters
HIDDEN = ("own_log_loss", "own_brier")
# Means over the genres that occur, and of what; those HIDDEN are each genre's and not shown.
MEANS = {
    "balanced_accuracy": "recall",
    "macro_precision": "precision",
    "macro_f1": "f1",
    "balanced_log_loss": "own_log_loss",
    "balanced_accuracy_any": "recall_any",
    "brier": "own_brier",
}


@dataclass(frozen=True)
class Chance:
    """What guessing reaches: the accuracy by always guessing the most frequent training genre (`majority`) and, as
    expected, by guessing each genre as often as it occurs in training (`shares`), and the balanced accuracy by any
    guessing (`balanced`), which is 1 / genres."""

    majority: float
    shares: float
    balanced: float


def confusion(predictions: Predictions) -> np.ndarray:
    """Confusion matrix (c, c) of covers: rows are the true genres, columns the predicted ones.

    float64: means over the repeats, so that all cells together are the number of covers.
    """
    size = len(predictions.classes)
    cells = np.bincount(predictions.truth * size + predictions.predicted, minlength=size * size)
    return cells.reshape(size, size) / predictions.repeats


def score(predictions: Predictions, *, resamples: int = 1000, seed: int = 42, calibrated: bool = True) -> pd.DataFrame:
    """Every metric with its 95 % interval: columns metric, genre (None: over all), value, low, high.

    Overall: accuracy; balanced_accuracy, macro_precision and macro_f1 (plain means of recall, precision and f1 over
    the genres that occur; one that is only predicted is not the covers') and weighted_f1 (weighted by support);
    top3 (the true genre is among the three most probable; of equally probable genres a random order is expected);
    log_loss (natural logarithm, probabilities clipped to the precision of float64) and balanced_log_loss (mean over
    the genres that occur, which suits the probabilities of weighted classifiers: see `Calibrated`); brier (mean over
    those genres of the sum over all genres of (p - own)^2, own being 1 for the cover's and else 0: 0 to 2), and
    calibration_error, miscalibration and refinement (see `calibration.calibration`). Per genre: precision, recall, f1,
    and support (covers). 0/0 counts as 0. Where covers have several genres also accuracy_any, recall_any and
    balanced_accuracy_any, in which any of a cover's genres is right; the genre that a cover counts in stays its primary
    one, so that they differ from the strict figures by that credit only.
    Every cover counts the same in each repeat: sums run over all repeats, so that a share is the mean of its values in
    the repeats. Intervals: bootstrap over groups within each genre, all repeats of a cover together, as
    `statistics.intervals` has it: never of width zero; those of means over genres are made of the genres' own
    (`statistics.means`), so that a genre of a few covers widens them. They hold the fitted classifiers fixed. Without
    resamples NaN, as for support always. calibrated: with calibration_error and what follows it, which for a thousand
    genres take ten times as long as all others.
    """
    size = len(predictions.classes)
    statistics = statistics_of(predictions)
    values = metrics_of(np.asarray(statistics.sum(axis=0)).reshape(1, -1) / predictions.repeats, size)
    # A block at a time, while it is in the processor's cache.
    blocks = [metrics_of(sums, size) for sums in _resampled(statistics, predictions, resamples=resamples, seed=seed)]
    replicates = {name: np.concatenate([block[name] for block in blocks]) for name in values}
    # How many covers there are is no estimate of anything.
    replicates |= {"support": replicates["support"][:0]}
    bounds = _intervals(values, replicates, _effective_sizes(predictions))
    rows = []
    for metric in (name for name in values if name not in HIDDEN):
        genres = predictions.classes if metric in PER_GENRE else [None]
        rows += [(metric, *row) for row in zip(genres, values[metric][0], *bounds[metric], strict=True)]
    if calibrated:
        rows += calibration_rows(predictions, values["brier"][0, 0], intervals=resamples > 0)
    table = pd.DataFrame(rows, columns=["metric", "genre", "value", "low", "high"])
    # As plain objects, else pandas turns the None of the overall rows into NaN.
    return table.assign(genre=pd.Series([row[1] for row in rows], dtype=object))


def balanced_accuracy(predictions: Predictions, *, resamples: int = 1000, seed: int = 42) -> tuple[float, float, float]:
    """(value, low, high) of balanced accuracy as of `score`, from the genres told alone, without probabilities."""
    from scipy.sparse import csr_array

    rows, size, truth = np.arange(len(predictions.truth)), len(predictions.classes), predictions.truth
    told = np.append(np.ones(len(rows)), predictions.predicted == truth)
    statistics = csr_array((told, (np.tile(rows, 2), np.append(truth, size + truth))), shape=(len(rows), 2 * size))
    values = _recalls(np.asarray(statistics.sum(axis=0)).reshape(1, -1))
    replicates = _recalls(resampled_sums(statistics, predictions, resamples=resamples, seed=seed))
    bounds = _intervals(values, replicates | {"support": values["support"][:0]}, _effective_sizes(predictions))
    low, high = bounds["balanced_accuracy"]
    return float(over_genres(values["recall"], values["support"] > 0)[0, 0]), float(low[0]), float(high[0])


def _recalls(totals: np.ndarray) -> dict[str, np.ndarray]:
    support, hits = np.hsplit(totals, 2)
    return {"recall": ratio(hits, support), "support": support}


def _intervals(
    values: Mapping[str, np.ndarray], replicates: Mapping[str, np.ndarray], sizes: Mapping[str, np.ndarray]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Low and high of every metric, (c,) or (1,); the arguments are `metrics_of` covers and resamples."""
    found = {}
    for metric in (name for name in values if name not in MEANS):
        interval = plain_interval if metric in LOSSES else share_interval
        found[metric] = interval(values[metric][0], replicates[metric], sizes.get(metric, sizes["all"]))
    occurring = values["support"][0] > 0
    for metric, source in ((metric, source) for metric, source in MEANS.items() if source in values):
        low, high = (bound[occurring] for bound in found[source])
        drawn = replicates[source] if occurring.all() else replicates[source][:, occurring]
        low, high = mean_interval_resampled(values[source][0][occurring], low, high, drawn)
        found[metric] = np.array([low]), np.array([high])
    return found


def _effective_sizes(predictions: Predictions) -> dict[str, np.ndarray]:
    """How many independent covers a metric is about: of each genre those that carry it (recall), are called so
    (precision), either (f1), each (c,); over all, (1,) under 'all'."""
    groups, truth, predicted = predictions.groups, predictions.truth, predictions.predicted
    wrong = truth != predicted
    parts = {
        "recall": (truth, groups),
        "precision": (predicted, groups),
        "f1": (np.append(truth, predicted[wrong]), np.append(groups, groups[wrong])),
    }
    sizes = {name: _effective(*rows, genres=len(predictions.classes)) for name, rows in parts.items()}
    sizes |= dict.fromkeys((*HIDDEN, "recall_any"), sizes["recall"])
    return sizes | {"all": np.array([effective_size(groups)])}


def _effective(genre: np.ndarray, group: np.ndarray, *, genres: int) -> np.ndarray:
    """`effective_size` (c,) of each genre's covers, from the genre and the group of each (n,); all genres at once."""
    pairs, counts = np.unique(genre * (int(group.max(initial=0)) + 1) + group, return_counts=True)
    code = pairs // (int(group.max(initial=0)) + 1)
    covers, squares = np.bincount(code, counts, genres), np.bincount(code, counts.astype(float) ** 2, genres)
    return ratio(covers**2, squares)


def resampled_sums(values: Any, predictions: Predictions, *, resamples: int, seed: int) -> np.ndarray:
    """Column sums of `values` (m, s), a row a prediction, over bootstrap resamples of the covers: (resamples, s).

    Whatever follows from sums (a metric, a difference) follows from these without a loop. A cover is drawn with all
    its repeats: judged three times it is no more evidence than judged once. values: dense, or SciPy CSR.
    """
    return np.concatenate(list(_resampled(values, predictions, resamples=resamples, seed=seed)))


def _resampled(values: Any, predictions: Predictions, *, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """The same in blocks of some hundred resamples."""
    _, first, cover = np.unique(predictions.cover_ids, return_index=True, return_inverse=True)
    if isinstance(values, np.ndarray):
        values = sums_by_cover(values, predictions)
    else:
        shape = (len(first), len(cover))
        values = type(values)((np.ones(len(cover)), (cover, np.arange(len(cover)))), shape=shape) @ values
    weights = bootstrap_weights(predictions.truth[first], predictions.groups[first], resamples=resamples, seed=seed)
    # In blocks: as float64 the weights of many covers would fill the memory.
    blocks = np.array_split(weights, max(resamples // 100, 1))
    yield from (block.astype(np.float64) @ values for block in blocks)


def value_of(scores: pd.DataFrame, metric: str, genre: str | None = None) -> tuple[float, float, float]:
    """(value, low, high) of one metric in a table of `score`."""
    of_genre = scores.genre.isna() if genre is None else scores.genre == genre
    row = scores[(scores.metric == metric) & of_genre].iloc[0]
    return row.value, row.low, row.high


def recall_by_genre(matrix: np.ndarray) -> np.ndarray:
    """Share of each genre's covers (c,) that were recognised, from a confusion matrix; 0 for a genre without any."""
    return ratio(matrix.diagonal(), matrix.sum(axis=1))


def most_confused_pairs(matrix: np.ndarray, classes: list[str], *, count: int = 10) -> pd.DataFrame:
    """The largest cells of a confusion matrix off its diagonal: columns genre, predicted, covers, share.

    share: of the true genre's covers. The largest share comes first; empty cells are left out.
    """
    shares = ratio(matrix, matrix.sum(axis=1, keepdims=True))
    truth, predicted = np.nonzero(matrix * ~np.eye(len(classes), dtype=bool))
    order = np.lexsort((predicted, truth, -shares[truth, predicted]))[:count]
    truth, predicted = truth[order], predicted[order]
    return pd.DataFrame(
        {
            "genre": [classes[code] for code in truth],
            "predicted": [classes[code] for code in predicted],
            "covers": matrix[truth, predicted],
            "share": shares[truth, predicted],
        }
    )


def chance(train: np.ndarray, test: np.ndarray) -> Chance:
    """What guessing would reach on covers with the genres `test` (m,), knowing only the genres `train` (n,).

    Of equally frequent training genres the alphabetically first is guessed. Five balanced genres: 0.20 each way.
    """
    genres, counts = np.unique(train, return_counts=True)
    hits = np.array([np.mean(test == genre) for genre in genres])
    return Chance(
        majority=float(hits[counts.argmax()]),
        shares=float(hits @ counts / counts.sum()),
        balanced=1 / len(np.unique(test)),
    )
