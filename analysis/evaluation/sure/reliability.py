"""Reliability: how often a classifier is right when it says that it is so sure. See docs/methods.md."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import resampled_sums
from analysis.evaluation.sums import MANY
from analysis.evaluation.sure.calibration import balanced_weights, bins_of
from analysis.statistics.intervals import effective_size, share_interval
from analysis.statistics.ratios import ratio

BINS = 10
# Collections drawn for the band, and rows whose genres are drawn at once.
DRAWS, BLOCK = 400, 100


def reliability(predictions: Predictions, *, bins: int = BINS, resamples: int = 1000, seed: int = 42) -> pd.DataFrame:
    """Covers by the probability of the genre they were told to be: a row a bin that holds any.

    Columns: from_, to (edges of the bin, closed on the right), covers (means over the repeats), confidence (mean of
    that probability), right (share told right) with its 95 % interval low, high, and the consistency band band_low,
    band_high: where 95 % of the shares lie if every probability is right (see `consistency_band`). Shares and means
    are of a shelf with equally many covers a genre, as the probabilities are. Intervals as of `scores.score`: a
    bootstrap over groups, all repeats of a cover together. Niculescu-Mizil & Caruana (2005), Predicting Good
    Probabilities With Supervised Learning.
    """
    confidence, bin_of = _said(predictions, bins)
    weights = balanced_weights(predictions)
    inside = np.eye(bins)[bin_of]
    weighed = inside * weights[:, None]
    right = weighed * (predictions.predicted == predictions.truth)[:, None]
    sums = resampled_sums(np.hstack([weighed, right]), predictions, resamples=resamples, seed=seed)
    values = ratio(right.sum(axis=0), weighed.sum(axis=0))
    sizes = np.array(
        [effective_size(predictions.groups[bin_of == each], weights[bin_of == each]) for each in range(bins)]
    )
    low, high = share_interval(values, ratio(sums[:, bins:], sums[:, :bins]), sizes)
    band_low, band_high = consistency_band(predictions, bins=bins, seed=seed)
    edges = np.linspace(0, 1, bins + 1)
    table = pd.DataFrame(
        {
            "from_": edges[:-1],
            "to": edges[1:],
            "covers": inside.sum(axis=0) / predictions.repeats,
            "confidence": ratio(confidence @ weighed, weighed.sum(axis=0)),
            "right": values,
            "low": low,
            "high": high,
            "band_low": band_low,
            "band_high": band_high,
        }
    )
    return table[table.covers > 0].reset_index(drop=True)


def consistency_band(
    predictions: Predictions, *, bins: int = BINS, draws: int = DRAWS, seed: int = 42
) -> tuple[np.ndarray, np.ndarray]:
    """Between what shares told right (low, high), each (bins,), 95 % of the draws lie if every probability is right.

    Each draw gives every cover a genre by its own probabilities, and asks how often the genre said is the drawn one
    (Brocker & Smith 2007, Increasing the Reliability of Reliability Diagrams). The probabilities are those of equally
    frequent genres, so genres are drawn by p * share in the collection, and weighed back. All covers of a group, and
    a cover's repeats, share one random number: copies come true together. NaN for a bin that no draw fills.
    """
    _, bin_of = _said(predictions, bins)
    _, group = np.unique(predictions.groups, return_inverse=True)
    luck = np.random.default_rng(seed).random((draws, group.max(initial=-1) + 1))
    shares = np.array([_share_right(predictions, each, bin_of, bins) for each in _drawn(predictions, luck, group)])
    filled = np.isfinite(shares).any(axis=0)
    low, high = np.full(bins, np.nan), np.full(bins, np.nan)
    low[filled], high[filled] = np.nanquantile(shares[:, filled], [0.025, 0.975], axis=0)
    return low, high


def _share_right(predictions: Predictions, drawn: np.ndarray, bin_of: np.ndarray, bins: int) -> np.ndarray:
    """Share told right in each bin (bins,) if the covers had the genres drawn (m,); NaN where none weighs."""
    counts = np.bincount(drawn, minlength=len(predictions.classes))
    weights = 1 / counts[drawn]
    right = np.bincount(bin_of, weights * (drawn == predictions.predicted), minlength=bins)
    return ratio(right, np.bincount(bin_of, weights, minlength=bins), otherwise=np.nan)


def _drawn(predictions: Predictions, luck: np.ndarray, group: np.ndarray) -> Iterator[np.ndarray]:
    """For each draw (d,) the genres (m,) that the luck (d, g) of each row's group (m,) gives, by its own probabilities.

    Of many genres by bisection, all draws of a row at once, as its steps then stay in the processor's cache.
    """
    counts = np.bincount(predictions.truth, minlength=len(predictions.classes))
    if len(counts) <= MANY:
        steps = _steps(predictions.probabilities, counts)
        yield from ((each[group][:, None] > steps).sum(axis=1) for each in luck)
        return
    # In ascending order, in which a bisection goes nearly where the one before went.
    order, rows = np.argsort(luck.T, axis=1), len(group)
    ascending = np.take_along_axis(luck.T, order, axis=1)
    codes = np.empty((rows, len(luck)), np.int32)
    for start in range(0, rows, BLOCK):
        for row, own in enumerate(_steps(predictions.probabilities[start : start + BLOCK], counts), start):
            codes[row, order[group[row]]] = np.searchsorted(own, ascending[group[row]])
    yield from np.ascontiguousarray(codes.T)


def _steps(probabilities: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Where luck from 0 to 1 passes from one genre to the next (m, c - 1), where so many covers (c,) are of each."""
    odds = probabilities * counts
    return np.cumsum(ratio(odds, odds.sum(axis=1, keepdims=True), otherwise=1.0), axis=1)[:, :-1]


def _said(predictions: Predictions, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Probability of the genre said (m,), and its bin (m,)."""
    rows = np.arange(len(predictions.truth))
    confidence = predictions.probabilities[rows, predictions.predicted].astype(np.float64)
    return confidence, bins_of(confidence, bins)
