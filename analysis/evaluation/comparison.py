"""Comparison: does one classifier really beat another, over all and on which genres?"""

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import ratio, resampled_sums
from analysis.statistics.resampling import interval
from data.errors import GenrescopeError


def compare(a: Predictions, b: Predictions, *, resamples: int = 1000, seed: int = 42) -> pd.DataFrame:
    """Two classifiers on the same test covers: one row over all (genre None), then one a genre.

    Columns: genre; covers; accuracy_a, accuracy_b (within a genre: its recall); difference (a minus b) with its 95 %
    interval low, high from a paired bootstrap over near-duplicate groups; only_a, only_b: covers that only one of
    them got right; p_value: McNemar's exact test, two-sided; p_adjusted: by Holm's correction for the number of
    genres (over all, one test, it is the p_value itself). Raises GenrescopeError when the test covers differ.
    """
    _check_same_covers(a, b)
    right_a, right_b = a.predicted == a.truth, b.predicted == b.truth
    # Column 0 is every cover, the others one genre each.
    members = np.column_stack([np.ones(len(a.truth), dtype=bool), a.truth[:, None] == np.arange(len(a.classes))])
    gains = members * (right_a.astype(int) - right_b.astype(int))[:, None]
    sums = resampled_sums(np.hstack([gains, members]), a, resamples=resamples, seed=seed)
    covers = members.sum(axis=0)
    differences = ratio(gains.sum(axis=0), covers)
    low, high = interval(differences, ratio(*np.hsplit(sums, 2)))
    only_a, only_b = (members[right].sum(axis=0) for right in (right_a & ~right_b, right_b & ~right_a))
    accuracy_a, accuracy_b = (ratio(members[right].sum(axis=0), covers) for right in (right_a, right_b))
    p_values = mcnemar(only_a, only_b)
    return pd.DataFrame(
        {
            # As plain objects, else pandas turns the None of the overall row into NaN.
            "genre": pd.Series([None, *a.classes], dtype=object),
            "covers": covers,
            "accuracy_a": accuracy_a,
            "accuracy_b": accuracy_b,
            "difference": differences,
            "low": low,
            "high": high,
            "only_a": only_a,
            "only_b": only_b,
            "p_value": p_values,
            "p_adjusted": [p_values[0], *holm(p_values[1:])],
        }
    )


def mcnemar(only_a: np.ndarray, only_b: np.ndarray) -> np.ndarray:
    """Two-sided p-values of McNemar's exact test, from how many covers only one of the two got right.

    Under the null hypothesis each discordant cover is a fair coin toss: twice the smaller binomial tail, at most 1.
    """
    from scipy.special import bdtr

    only_a, only_b = np.asarray(only_a), np.asarray(only_b)
    return np.minimum(1.0, 2 * bdtr(np.minimum(only_a, only_b), only_a + only_b, 0.5))


def holm(p_values: np.ndarray) -> np.ndarray:
    """P-values adjusted by Holm's step-down method (1979), which bounds the chance of any false finding."""
    order = np.argsort(p_values)
    steps = np.asarray(p_values)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted


def _check_same_covers(a: Predictions, b: Predictions) -> None:
    if a.classes == b.classes and np.array_equal(a.cover_ids, b.cover_ids):
        return
    shared = len(np.intersect1d(a.cover_ids, b.cover_ids))
    raise GenrescopeError(
        f"'{a.title}' and '{b.title}' were not tested on the same covers ({len(a.cover_ids):,} and "
        f"{len(b.cover_ids):,}, {shared:,} of them shared): train both on the same split of the same covers"
    )
