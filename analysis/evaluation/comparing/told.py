"""Which genres a classifier tells best and worst, and which it says most and least often of covers of other genres.

See docs/methods.md.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import resampled_sums
from analysis.evaluation.sums import MANY
from analysis.statistics.intervals import share_interval
from analysis.statistics.ranks import CLAIM_GROUPS, rank_intervals, surely_above
from analysis.statistics.ratios import ratio

MEASURES = ("recall", "called_wrongly")


def best_and_worst(
    predictions: Predictions, *, too_small: Collection[str] = (), resamples: int = 1000, seed: int = 42
) -> tuple[str | None, str | None]:
    """The genres of the highest and of the lowest recall; None for one that is not surely so, see `genres_told`."""
    found = genres_told(predictions, too_small=too_small, resamples=resamples, seed=seed)
    recalls = found[found.measure == "recall"]
    if len(recalls) < 2:
        return None, None
    first, last = recalls.iloc[0], recalls.iloc[-1]
    return first.genre if first.rank_high == 1 else None, last.genre if last.rank_low == len(recalls) else None


def genres_told(
    predictions: Predictions, *, too_small: Collection[str] = (), resamples: int = 1000, seed: int = 42
) -> pd.DataFrame:
    """The genres by measure, the highest value first, with places that hold all at once.

    Genres of fewer than CLAIM_GROUPS groups, and those named too small, take no part.

    Columns: measure, genre, value with its 95 % interval low and high, rank_low, rank_high, not_told_apart (the genres
    that are neither surely above nor surely below it, by ', '). Measures: recall; called_wrongly, the share of the
    other genres' covers that are called so.
    """
    size = len(predictions.classes)
    sums = _sums(predictions)
    values = _shares(np.asarray(sums.sum(axis=0)).reshape(1, -1) / predictions.repeats, size)
    replicates = _shares(resampled_sums(sums, predictions, resamples=resamples, seed=seed), size)
    groups, *sizes = _sizes(predictions)
    large = (groups >= CLAIM_GROUPS) & ~np.isin(predictions.classes, list(too_small))
    tables = []
    for measure, size_of in zip(MEASURES, sizes, strict=True):
        table = _ranked(predictions.classes, values[measure][0], replicates[measure], size_of, large)
        tables.append(table.assign(measure=measure))
    return pd.concat(tables, ignore_index=True)


def _sizes(predictions: Predictions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each genre how many groups it has, and the effective sizes (`effective_size`) of its own covers and of all
    others: (c,) each. The others' squares are (t - o)^2 = t^2 - (2 t - o) o of each group's rows, t in all, o own."""
    size = len(predictions.classes)
    names, group = np.unique(predictions.groups, return_inverse=True)
    pairs, own = np.unique(predictions.truth * len(names) + group, return_counts=True)
    genre, every = pairs // max(len(names), 1), np.bincount(group)
    covers, squares = np.bincount(genre, own, size), np.bincount(genre, own.astype(float) ** 2, size)
    common = np.bincount(genre, (2 * every[pairs % max(len(names), 1)] - own) * own, size)
    others = float((every**2).sum()) - common
    return np.bincount(genre, minlength=size), ratio(covers**2, squares), ratio((len(group) - covers) ** 2, others)


def _sums(predictions: Predictions) -> Any:
    """Per prediction its genre, the genre if it was told right, and the genre said if it was not: (m, 3 c).

    Of many genres as a SciPy CSR array.
    """
    size = len(predictions.classes)
    if size > MANY:
        from scipy.sparse import csr_array

        rows = np.arange(len(predictions.truth))
        wrong = predictions.truth != predictions.predicted
        second = np.where(wrong, 2 * size + predictions.predicted, size + predictions.truth)
        places = (np.append(rows, rows), np.append(predictions.truth, second))
        return csr_array((np.ones(2 * len(rows)), places), shape=(len(rows), 3 * size))
    genres = np.eye(len(predictions.classes))
    right = (predictions.truth == predictions.predicted)[:, None]
    truth = genres[predictions.truth]
    return np.column_stack([truth, truth * right, genres[predictions.predicted] * ~right])


def _shares(totals: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """From sums of `_sums` (r, 3 c) the measures, (r, c) each."""
    support, hits, wrong = np.hsplit(totals, [size, 2 * size])
    others = support.sum(axis=1, keepdims=True) - support
    return {"recall": ratio(hits, support), "called_wrongly": ratio(wrong, others)}


def _ranked(
    names: Sequence[str], values: np.ndarray, replicates: np.ndarray, sizes: np.ndarray, large: np.ndarray
) -> pd.DataFrame:
    """A row a large genre; `sizes` (c,) are the effective sizes of the covers that each value is about."""
    low, high = share_interval(values, replicates, sizes)
    above = surely_above(np.where(large, values, np.nan), replicates)
    rank_low, rank_high = rank_intervals(above, large)
    open_ = large & ~(above | above.T | np.eye(len(names), dtype=bool))
    table = pd.DataFrame(
        {
            "genre": pd.Series(list(names), dtype=object),
            "value": values,
            "low": low,
            "high": high,
            "rank_low": rank_low,
            "rank_high": rank_high,
            "not_told_apart": [", ".join(names[int(j)] for j in np.flatnonzero(row)) for row in open_],
        }
    )
    return table[large].sort_values("value", ascending=False, kind="stable")
