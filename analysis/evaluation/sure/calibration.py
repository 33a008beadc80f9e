"""Calibration: do probabilities say how often a classifier is right? What chance adds to any gap is taken off.

All of it on the shelf that the probabilities are about, on which every genre has equally many covers: a cover weighs
1 / covers of its genre. See docs/methods.md.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.evaluation.predictions import Predictions
from analysis.statistics.squares import squared_means

BINS = 15


@dataclass(frozen=True)
class Calibration:
    """Squared gaps between what was said and what was, with 95 % intervals; see `calibration`.

    error: (value, low, high) of the root of the mean squared gap of the genre said. miscalibration: (value, low, high)
    of the Brier score's part.
    """

    error: tuple[float, float, float]
    miscalibration: tuple[float, float, float]


def calibration(predictions: Predictions, *, bins: int = BINS) -> Calibration:
    """How far probabilities are from how often they come true, unbiased: 0 on average where they are right.

    error: of the genre that was said. Its probabilities in equal bins (closed on the right), in each the mean of
    probability - whether right; the bins' squares, weighted by what is in them, less what chance adds
    (`statistics.squares.squared_means`), and of that the root (0 where the difference is below 0): the debiased l2
    calibration error of Kumar, Liang & Ma 2019, Verified Uncertainty Calibration. In points of probability.
    miscalibration: the same sum of squares over the probabilities of all genres, each in bins of its own, without the
    root: the reliability term of the Brier score (Murphy 1973), corrected as in Ferro & Fricker 2012. May be below 0.
    Groups, with all repeats of their covers, are the units, within genres. Gaps that cancel within a bin are not seen:
    both are lower bounds. Intervals hold the fitted classifiers fixed.
    """
    weights = balanced_weights(predictions)
    probabilities = predictions.probabilities.astype(np.float64)
    rows = np.arange(len(weights))
    right = (predictions.predicted == predictions.truth).astype(float)
    said = probabilities[rows, predictions.predicted][:, None]
    value, low, high = _gaps(predictions, said, right[:, None], weights, bins=bins)
    truth = np.eye(len(predictions.classes))[predictions.truth]
    parts = _gaps(predictions, probabilities, truth, weights, bins=bins)
    error = tuple(float(np.sqrt(max(each, 0))) if each == each else each for each in (value, low, high))
    return Calibration((error[0], error[1], error[2]), parts)


def calibration_rows(predictions: Predictions, brier: float, *, intervals: bool) -> list[tuple[Any, ...]]:
    """Rows (metric, genre, value, low, high) of calibration_error, miscalibration and refinement, all over all.

    refinement: the Brier score less miscalibration, what it would be if probabilities were shifted to what comes true
    (DeGroot & Fienberg 1983); without an interval. intervals: else they are NaN.
    """
    found, nothing = calibration(predictions), (float("nan"),) * 2
    return [
        ("calibration_error", None, found.error[0], *(found.error[1:] if intervals else nothing)),
        ("miscalibration", None, found.miscalibration[0], *(found.miscalibration[1:] if intervals else nothing)),
        ("refinement", None, brier - found.miscalibration[0], *nothing),
    ]


def balanced_weights(predictions: Predictions) -> np.ndarray:
    """What each row counts (m,) so that every genre that occurs counts the same; 1 together."""
    counts = np.bincount(predictions.truth, minlength=len(predictions.classes))
    return np.asarray(1 / counts[predictions.truth] / max((counts > 0).sum(), 1))


def bins_of(probabilities: np.ndarray, bins: int) -> np.ndarray:
    """Bin of each probability, closed on the right as in Guo et al. 2017: (0, 1/bins], (1/bins, 2/bins], ..."""
    return np.clip(np.ceil(probabilities * bins).astype(int) - 1, 0, bins - 1)


def _gaps(
    predictions: Predictions, said: np.ndarray, came: np.ndarray, weights: np.ndarray, *, bins: int
) -> tuple[float, float, float]:
    """Debiased sum of the bins' squared mean gaps with its bounds; said, came (m, q): each column has its own bins."""
    from scipy.sparse import csr_matrix

    _, first, group = np.unique(predictions.groups, return_index=True, return_inverse=True)
    cells = bins_of(said, bins) + bins * np.arange(said.shape[1])
    size = bins * said.shape[1]
    gaps = (weights[:, None] * (said - came)).ravel()
    rows = np.repeat(group, said.shape[1])
    sums = csr_matrix((gaps, (rows, cells.ravel())), shape=(len(first), size))
    sizes = np.bincount(cells.ravel(), np.repeat(weights, said.shape[1]), minlength=size)
    value, low, high, _ = squared_means(sums, sizes, predictions.truth[first])
    return value, low, high
