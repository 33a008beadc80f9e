"""The rows of a separability table, one function a measure; what they mean is said in `separability`."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.separability.agreement import SCORES, agreement, chance_information, contingency
from analysis.separability.probes import auc, auc_p_value, out_of_fold_scores, stretch
from analysis.separability.purity import expected_purity, genre_purity
from analysis.separability.silhouette import genre_silhouette
from analysis.statistics.resampling import Genres, benjamini_hochberg, interval, permutation_p_values
from data.progress import progress

COLUMNS = ("metric", "genre", "other_genre", "value", "low", "high", "p_value", "p_adjusted")


def purity_rows(genres: Genres, neighbors: np.ndarray) -> pd.DataFrame:
    """Purity and lift per genre; neighbors: (n, k) outside each cover's duplicate group, padded with -1."""
    classes = len(genres.names)
    measured, replicates, chance = (genre_purity(neighbors, *variant, classes=classes) for variant in genres.variants)
    values = np.where(genres.counts > 1, measured[0], np.nan)  # a genre's only cover has none of its genre to find
    expected = expected_purity(genres.codes, genres.groups, classes=classes)
    expected[expected == 0] = np.nan
    return pd.concat(
        [
            _per_genre("purity", genres, values, replicates, chance),
            _per_genre("lift", genres, values / expected, replicates / expected),
        ]
    )


def silhouette_rows(genres: Genres, unit: np.ndarray) -> pd.DataFrame:
    """Silhouette per genre; unit: (n, d) vectors of length 1."""
    classes = len(genres.names)
    measured, replicates, chance = (genre_silhouette(unit, *variant, classes=classes) for variant in genres.variants)
    return _per_genre("silhouette", genres, measured[0], replicates, chance)


def probe_rows(genres: Genres, vectors: np.ndarray, fold: np.ndarray) -> pd.DataFrame:
    """Probe AUC of each genre against all others; vectors: (n, d), fold: (n,)."""
    probed = _probed(genres, fold)
    values, p_values, replicates = _unmeasured(genres, len(genres.names))
    scores = out_of_fold_scores(vectors, genres.codes[:, None] == probed, fold)
    for column, genre in enumerate(probed):
        measured = _measure(genres, scores[:, column], genres.codes == genre, fold, np.arange(len(fold)))
        values[genre], p_values[genre], replicates[:, genre] = measured
    return _per_genre("auc", genres, values, replicates, p_values=p_values)


def pair_rows(genres: Genres, vectors: np.ndarray, fold: np.ndarray) -> pd.DataFrame:
    """Probe AUC of each genre against each other one, on the covers of the two; a row for every pair."""
    probed = _probed(genres, fold)
    pairs = list(combinations(range(len(genres.names)), 2))
    values, p_values, replicates = _unmeasured(genres, len(pairs))
    with progress(total=len(pairs), what="pairs of genres", unit=" pairs") as bar:
        for column, pair in enumerate(pairs):
            if np.isin(pair, probed).all():
                both = np.flatnonzero(np.isin(genres.codes, pair))
                target = genres.codes[both] == pair[0]
                scores = out_of_fold_scores(vectors[both], target[:, None], fold[both])[:, 0]
                measured = _measure(genres, scores, target, fold[both], both)
                values[column], p_values[column], replicates[:, column] = measured
            bar.update()
    first, second = genres.names[np.array(pairs, dtype=int).reshape(-1, 2)].T
    return _frame("auc", first, second, values, *interval(values, replicates), p_values, benjamini_hochberg(p_values))


def cluster_rows(genres: Genres, clusters: np.ndarray) -> pd.DataFrame:
    """Agreement of clusters (n,), -1 for noise, with the genres."""
    tables = [contingency(codes, clusters, weights) for codes, weights in genres.variants]
    information = chance_information(tables[0][0])
    values, replicates, chance = (agreement(table, expected_information=information) for table in tables)
    low, high = interval(values[0], replicates)
    p_values = permutation_p_values(values[0], chance)
    table = _frame("", [None] * len(SCORES), [None] * len(SCORES), values[0], low, high, p_values, p_values)
    return table.assign(metric=list(SCORES))


def _probed(genres: Genres, fold: np.ndarray) -> np.ndarray:
    """Codes of the genres with at least two covers a fold, where there is something to tell them from."""
    enough = np.flatnonzero(genres.counts >= 2 * (fold.max(initial=0) + 1))
    return enough if len(genres.names) > 1 else enough[:0]


def _unmeasured(genres: Genres, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values, p_values = np.full((2, count), np.nan)
    return values, p_values, np.full((len(genres.weights), count), np.nan)


def _measure(
    genres: Genres, scores: np.ndarray, target: np.ndarray, fold: np.ndarray, covers: np.ndarray
) -> tuple[float, float, np.ndarray]:
    """AUC, p-value and bootstrap replicates of the scores of some covers (row numbers)."""
    value = auc(scores, target, fold, np.ones((1, len(scores)), np.uint8))[0]
    replicates = auc(scores, target, fold, genres.weights[:, covers])
    return value, auc_p_value(value, target, fold, genres.groups[covers]), stretch(replicates, value)


def _per_genre(
    metric: str,
    genres: Genres,
    values: np.ndarray,
    replicates: np.ndarray,
    chance: np.ndarray | None = None,
    *,
    p_values: np.ndarray | None = None,
) -> pd.DataFrame:
    """A row a genre and one for their average; p-values as given, or from the values under chance."""
    known = np.isfinite(values) if np.isfinite(values).any() else np.full(len(values), True)
    averaged = _with_average(values, known)
    low, high = interval(averaged, _with_average(replicates, known))
    found = np.full(len(averaged), np.nan)
    if chance is not None:
        found = permutation_p_values(averaged, _with_average(chance, known))
    elif p_values is not None:
        found[:-1] = p_values
    adjusted = np.append(benjamini_hochberg(found[:-1]), found[-1])
    names, nobody = [*genres.names, None], [None] * len(averaged)
    return _frame(metric, names, nobody, averaged, low, high, found, adjusted)


def _with_average(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    return np.append(values, values[..., known].mean(axis=-1, keepdims=True), axis=-1)


def _frame(
    metric: str,
    genre: Sequence[str | None] | np.ndarray,
    other_genre: Sequence[str | None] | np.ndarray,
    *numbers: np.ndarray,
) -> pd.DataFrame:
    texts = [metric, pd.array(list(genre), dtype="str"), pd.array(list(other_genre), dtype="str")]
    return pd.DataFrame(dict(zip(COLUMNS, [*texts, *numbers], strict=True)))
