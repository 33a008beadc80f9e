"""The rows of a separability table, one function a measure; what they mean is said in `separability`.

See docs/methods.md.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.separability.pure.agreement import LOWEST, SCORES, agreement, chance_information, contingency
from analysis.separability.pure.counting import aucs_against_all, aucs_of_pairs, is_quicker
from analysis.separability.pure.evidence import Evidence
from analysis.separability.pure.paired import PAIRED, paired
from analysis.separability.pure.probes import auc, permuted_aucs, probe_scores, stretch
from analysis.separability.pure.purity import above_chance, expected_purity, genre_purity, settled
from analysis.separability.pure.silhouette import genre_silhouette
from analysis.statistics.corrections import benjamini_hochberg
from analysis.statistics.intervals import effective_size, joint_size, range_interval, variance
from analysis.statistics.ranks import rank_intervals, surely_above
from analysis.statistics.resampling import permutation_p_values
from data.progress import progress

COLUMNS = (
    "metric", "genre", "other_genre", "value", "low", "high", "p_value", "p_adjusted", "rank_low", "rank_high",
)  # fmt: skip


# Resamples that the silhouette's intervals come from where there are more than PAIRED genres.
OF_MANY = 199
TABLE_CELLS = 20_000_000  # entries of a block of tables


def separability_rows(evidence: Evidence, vectors: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Separability per genre, over all and per pair of genres; and who is surely above whom, bool (c, c)."""
    classes = len(evidence.names)
    scores = fitted_scores(evidence, vectors)
    measured = _against_all(evidence, scores)
    dealt = np.concatenate([evidence.codes[None], evidence.permuted])
    first, *chance = permuted_aucs(vectors, dealt, evidence.fold[0], classes=classes, sets=evidence.sets)
    rows, above = _ranked(evidence, 2 * measured - 1, 2 * first - 1, 2 * np.reshape(chance, (-1, classes)) - 1)
    return pd.concat([rows, _pair_rows(evidence, scores)]), above


def fitted_scores(evidence: Evidence, vectors: np.ndarray) -> list[np.ndarray]:
    """The probes' scores (n, c) of every cover and genre, a table a repeat of the folds."""
    classes, sets = len(evidence.names), evidence.sets
    return [probe_scores(vectors, evidence.codes, fold, classes=classes, sets=sets) for fold in evidence.fold]


def purity_rows(evidence: Evidence, neighbors: np.ndarray) -> pd.DataFrame:
    """Purity per genre, raw and above chance; neighbors: (n, k) outside each cover's group, padded with -1.

    A genre of one group has none of its own to find, and is not measured. p-values are of the purity above chance, to
    which each permutation has its own chance; the raw one would say the same, were all groups of one size.
    """
    several = evidence.group_counts > 1
    value, replicates, permuted = (
        np.where(several, _purity(evidence, neighbors, *variant), np.nan) for variant in evidence.variants
    )
    chance, permuted_chance = (_expected(evidence, labels) for labels in (evidence.codes[None], evidence.permuted))
    above = above_chance(value, chance)
    replicates = settled(replicates, value[0], above[0])
    found = [above, above_chance(replicates, chance), above_chance(permuted, permuted_chance)]
    lowest = above_chance(np.zeros(len(evidence.names)), chance[0])
    raw = _per_genre("purity", evidence, [value, replicates], lowest=0.0)
    return pd.concat([raw, _per_genre("purity_above_chance", evidence, found, lowest=lowest)])


def _purity(evidence: Evidence, neighbors: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """`genre_purity` (m, c) of codes (m, n) into the evidence's sets."""
    if evidence.plain:
        return genre_purity(neighbors, codes, weights, classes=len(evidence.names))
    inside = (own[codes].astype(np.int8) for own in evidence.sets.T)
    return np.stack([genre_purity(neighbors, each, weights, classes=2)[:, 1] for each in inside], axis=1)


def _expected(evidence: Evidence, codes: np.ndarray) -> np.ndarray:
    """`expected_purity` (m, c) of codes (m, n) into the evidence's sets."""
    if evidence.plain:
        return expected_purity(codes, evidence.groups, classes=len(evidence.names))
    inside = (own[codes].astype(np.int8) for own in evidence.sets.T)
    return np.stack([expected_purity(each, evidence.groups, classes=2)[:, 1] for each in inside], axis=1)


def silhouette_rows(evidence: Evidence, unit: np.ndarray) -> pd.DataFrame:
    """Silhouette per genre, without p-values; unit: (n, d) vectors of length 1.

    Genres dealt out at random would test whether all genres lie alike, and not this one: a genre between the others has
    a low silhouette however well it separates.
    """
    classes = len(evidence.names)
    once, resampled = evidence.variants[:2]
    if classes > PAIRED:
        resampled = (resampled[0][:OF_MANY], resampled[1][:OF_MANY])
    found = [genre_silhouette(unit, *variant, classes=classes) for variant in (once, resampled)]
    return _per_genre("silhouette", evidence, found, lowest=-1.0)


def cluster_rows(evidence: Evidence, clusters: np.ndarray) -> pd.DataFrame:
    """Agreement of clusters (n,), -1 for noise, with the genres."""
    information = chance_information(contingency(evidence.variants[0][0], clusters, evidence.variants[0][1])[0])
    values, replicates, chance = (_agreement(clusters, *variant, information) for variant in evidence.variants)
    low, high = range_interval(values[0], replicates, evidence.sizes.sum(), lowest=LOWEST)
    p_values = permutation_p_values(values[0], chance)
    table = _frame("", [None] * len(SCORES), [None] * len(SCORES), values[0], low, high, p_values, p_values)
    return table.assign(metric=list(SCORES))


def _agreement(clusters: np.ndarray, codes: np.ndarray, weights: np.ndarray, information: float) -> np.ndarray:
    """`agreement` (m, 5) of codes and weights (m, n) with clusters; in blocks, as many genres' tables are large."""
    step = max(TABLE_CELLS // (int(codes.max(initial=0) + 1) * int(clusters.max(initial=-1) + 2)), 1)
    blocks = [slice(start, start + step) for start in range(0, max(len(codes), 1), step)]
    tables = (contingency(codes[block], clusters, weights[block]) for block in blocks)
    return np.concatenate([agreement(table, expected_information=information) for table in tables])


def _auc(
    evidence: Evidence, scores: Sequence[np.ndarray], code: int, other: int | None = None, *, resampled: bool = False
) -> np.ndarray:
    """AUC of a genre, against all others or another one, then its replicates if `resampled`; means over the repeats."""
    covers = np.arange(len(evidence.codes)) if other is None else _in_one_of(evidence, code, other)
    weights = np.ones((1, len(covers)), np.uint8)
    if resampled:
        weights = _with_once(evidence.weights[:, covers])
    target = evidence.member[covers, code]
    found = []
    for fold, table in zip(evidence.fold, scores, strict=False):
        margin = table[covers, code] - (0 if other is None else table[covers, other])
        found.append(auc(margin, target, fold[covers], weights))
    return np.mean(found, axis=0)


def _in_one_of(evidence: Evidence, code: int, other: int) -> np.ndarray:
    """The covers that are in one of two genres and not in the other."""
    return np.flatnonzero(evidence.member[:, code] ^ evidence.member[:, other])


def _against_all(evidence: Evidence, scores: Sequence[np.ndarray]) -> np.ndarray:
    """Value and replicates of each genre's AUC against all others: (1 + resamples, c).

    NaN where a fold would have to do without the genre.
    """
    found = np.full((1 + len(evidence.weights), len(evidence.names)), np.nan)
    wanted = (evidence.group_counts >= evidence.folds) & (len(evidence.names) > 1)
    if evidence.plain and is_quicker(len(evidence.codes), len(evidence.names)):
        often = _with_once(evidence.weights)
        parts = zip(scores, evidence.fold, strict=False)
        counted = [aucs_against_all(table, evidence.codes, fold, often, wanted) for table, fold in parts]
        found = np.mean(counted, axis=0)
    else:
        for code in np.flatnonzero(wanted):
            found[:, code] = _auc(evidence, scores, int(code), resampled=True)
    return np.concatenate([found[:1], stretch(found[1:], found[0])])


def _with_once(weights: np.ndarray) -> np.ndarray:
    """Weights (1 + m, n) that begin with every cover once."""
    return np.concatenate([np.ones((1, weights.shape[1]), np.uint8), weights])


def _ranked(
    evidence: Evidence, measured: np.ndarray, first: np.ndarray, chance: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows with p-values and places: measured (1 + resamples, c), first (c,) of one repeat, as chance (m, c) is."""
    known = np.isfinite(measured[0])
    rows = _per_genre("separability", evidence, [measured[:1], measured[1:]], lowest=-1.0)
    observed = np.where(known, first, np.nan)
    p_values = permutation_p_values(_with_average(observed, known), _with_average(chance, known))
    p_adjusted = np.append(benjamini_hochberg(p_values[:-1]), p_values[-1])
    ranked = known & evidence.claimable
    above = surely_above(np.where(ranked, measured[0], np.nan), measured[1:])
    places = [np.append(place, 0) for place in rank_intervals(above, ranked)]
    columns = dict(zip(COLUMNS[-4:], [p_values, p_adjusted, *places], strict=True))
    return rows.assign(**columns), above


def _pair_rows(evidence: Evidence, scores: Sequence[np.ndarray]) -> pd.DataFrame:
    """Separability of each genre from each other one, on the covers of just one of the two; a row for every pair.

    Of very many genres those among `paired` ones.
    """
    pairs = pairs_of(evidence)
    values, low, high = np.full((3, len(pairs)), np.nan)
    sizes = evidence.sizes
    for column, (pair, found) in enumerate(zip(pairs, pair_separabilities(evidence, scores), strict=True)):
        apart = [sizes[code] for code in pair] if evidence.plain else map(effective_size, _sides(evidence, *pair))
        size = min(apart)
        interval = range_interval(found[:1], found[1:, None], size)
        values[column], low[column], high[column] = found[0], interval[0][0], interval[1][0]
    first, second = evidence.names[np.array(pairs, dtype=int).reshape(-1, 2)].T
    return _frame("separability", first, second, values, low, high)


def pairs_of(evidence: Evidence) -> list[tuple[int, int]]:
    """The pairs of genres that are measured, in the order of `combinations`; see `paired`."""
    return list(combinations(paired(evidence.group_counts).tolist(), 2))


def pair_separabilities(evidence: Evidence, scores: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """`pair_separability` of each of the `pairs_of` the evidence, in their order."""
    pairs = pairs_of(evidence)
    if not evidence.plain or not is_quicker(len(evidence.codes), len(evidence.names)):
        yield from (pair_separability(evidence, scores, *pair) for pair in _watched(pairs))
        return
    chosen, counts = paired(evidence.group_counts), evidence.group_counts
    often = _with_once(evidence.weights)
    rows = aucs_of_pairs(list(scores), evidence.codes, evidence.fold, often, chosen)
    columns = (column for row in rows for column in row.T)
    for pair, found in zip(_watched(pairs), columns, strict=True):
        large = counts[list(pair)].min() >= evidence.folds
        yield _separability_of(found) if large else np.full(len(found), np.nan)


def _separability_of(found: np.ndarray) -> np.ndarray:
    """2 AUC - 1 of a value and its replicates (1 + resamples,), these stretched."""
    return 2 * np.append(found[:1], stretch(found[1:], found[0])) - 1


def pair_separability(evidence: Evidence, scores: Sequence[np.ndarray], one: int, other: int) -> np.ndarray:
    """Value, then replicates, of the separability of two genres, scores being `fitted_scores`: (1 + resamples,).

    NaN where one of them has fewer groups than there are folds.
    """
    if min(len(np.unique(groups)) for groups in _sides(evidence, one, other)) < evidence.folds:
        return np.full(1 + len(evidence.weights), np.nan)
    return _separability_of(_auc(evidence, scores, one, other, resampled=True))


def _sides(evidence: Evidence, one: int, other: int) -> list[np.ndarray]:
    """The groups of the covers that are in just one of two genres, of each."""
    covers = _in_one_of(evidence, one, other)
    return [evidence.groups[covers[evidence.member[covers, code]]] for code in (one, other)]


def _watched(pairs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    with progress(total=len(pairs), what="pairs of genres", unit=" pairs") as bar:
        for pair in pairs:
            yield pair
            bar.update()


def _per_genre(
    metric: str, evidence: Evidence, found: Sequence[np.ndarray], *, lowest: np.ndarray | float
) -> pd.DataFrame:
    """A row a genre and one for their average, from values (1, c), replicates and, for p-values, those under chance.

    lowest: the least that a value can be, for all genres or of each (c,); of the average it is the average.
    """
    known = np.isfinite(found[0][0]) if np.isfinite(found[0]).any() else np.full(found[0].shape[1], True)
    averaged = [_with_average(part, known) for part in found]
    spread = np.nan_to_num(variance(found[1]))
    sizes = np.append(evidence.sizes, joint_size(spread[known], evidence.sizes[known]))
    bounds = _with_average(np.broadcast_to(lowest, known.shape), known)
    low, high = range_interval(averaged[0][0], averaged[1], sizes, lowest=bounds)
    p_values = permutation_p_values(averaged[0][0], averaged[2]) if len(found) > 2 else np.full(len(low), np.nan)
    adjusted = np.append(benjamini_hochberg(p_values[:-1]), p_values[-1])
    names, nobody = [*evidence.names, None], [None] * len(low)
    return _frame(metric, names, nobody, averaged[0][0], low, high, p_values, adjusted)


def _with_average(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    mean = values[..., known].mean(axis=-1, keepdims=True) if known.any() else np.full((*values.shape[:-1], 1), np.nan)
    return np.append(values, mean, axis=-1)


def _frame(
    metric: str,
    genre: Sequence[str | None] | np.ndarray,
    other_genre: Sequence[str | None] | np.ndarray,
    *numbers: np.ndarray,
) -> pd.DataFrame:
    """Rows with all COLUMNS; those not given are NaN, and places 0."""
    count = len(numbers[0])
    numbers += tuple(np.full(count, np.nan) for _ in range(len(COLUMNS) - 5 - len(numbers)))
    texts = [metric, pd.array(list(genre), dtype="str"), pd.array(list(other_genre), dtype="str")]
    places = [np.zeros(count, int)] * 2
    return pd.DataFrame(dict(zip(COLUMNS, [*texts, *numbers, *places], strict=True)))
