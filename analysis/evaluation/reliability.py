"""Reliability: how often a classifier is right when it says that it is so sure. See docs/methods.md."""

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import ratio, resampled_sums
from analysis.statistics.intervals import effective_size, share_interval

BINS = 10


def reliability(predictions: Predictions, *, bins: int = BINS, resamples: int = 1000, seed: int = 42) -> pd.DataFrame:
    """Covers by the probability of the genre they were told to be: a row a bin that holds any.

    Columns: from_, to (edges of the bin, closed on the right), covers (means over the repeats), confidence (mean of
    that probability) and right (share told right) with its 95 % interval low, high. Intervals as of `scores.score`:
    a bootstrap over groups, all repeats of a cover together. Niculescu-Mizil & Caruana (2005), Predicting Good
    Probabilities With Supervised Learning.
    """
    confidence = predictions.probabilities.astype(np.float64).max(axis=1)
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    inside = np.eye(bins)[bin_of]
    right = inside * (predictions.predicted == predictions.truth)[:, None]
    sums = resampled_sums(np.hstack([inside, right]), predictions, resamples=resamples, seed=seed)
    values = ratio(right.sum(axis=0), inside.sum(axis=0))
    sizes = np.array([effective_size(predictions.groups[bin_of == number]) for number in range(bins)])
    low, high = share_interval(values, ratio(sums[:, bins:], sums[:, :bins]), sizes)
    edges = np.linspace(0, 1, bins + 1)
    table = pd.DataFrame(
        {
            "from_": edges[:-1],
            "to": edges[1:],
            "covers": inside.sum(axis=0) / predictions.repeats,
            "confidence": ratio(confidence @ inside, inside.sum(axis=0)),
            "right": values,
            "low": low,
            "high": high,
        }
    )
    return table[table.covers > 0].reset_index(drop=True)
