"""AUCs of many genres at once, by counting which covers of a genre stand above which others. See docs/methods.md.

What `probes.auc` gives, to the last bit, since whole and half covers are summed: that one sorts all covers anew for
each genre, and each pair of genres, which is the quicker for few genres of many covers.
"""

from collections.abc import Iterator

import numpy as np

from analysis.statistics.ratios import ratio

# Covers a genre, on average, from which on sorting is quicker.
SORTING = 100
BLOCK_CELLS = 20_000_000  # entries of a block of weighted covers: bounds the memory


def is_quicker(covers: int, classes: int) -> bool:
    """Whether counting is quicker than sorting."""
    return covers < SORTING * classes


def aucs_against_all(
    scores: np.ndarray, genres: np.ndarray, fold: np.ndarray, weights: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """AUC of each genre against all others, anew for each of m weightings: (m, c), NaN for genres not wanted.

    scores: (n, c) of `probe_scores`. genres: (n,) codes. fold: (n,). weights: (m, n). wanted: (c,) bool.
    """
    won, pairs = np.zeros((2, len(weights), scores.shape[1]))
    for covers in (np.flatnonzero(fold == each) for each in np.unique(fold)):
        often = weights[:, covers].astype(np.float32)
        inside = np.argsort(genres[covers], kind="stable")
        inside = inside[wanted[genres[covers][inside]]]
        step = max(BLOCK_CELLS // max(len(weights), len(covers)), 1)
        for start in range(0, len(inside), step):
            rows = inside[start : start + step]
            codes = genres[covers][rows]
            wins, there = _wins(scores[covers], genres[covers], rows)
            starts = np.flatnonzero(np.diff(codes, prepend=-1))
            for found, each in ((won, wins), (pairs, there)):
                weighted = (often[:, rows] * (often @ each)).astype(np.float64)
                found[:, codes[starts]] += np.add.reduceat(weighted, starts, axis=1)
    return ratio(won, pairs, otherwise=np.nan)


def permuted_pairs(scores: np.ndarray, genres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs won, and pairs there are, (c,) each, among the t covers of one fold: scores (t, c), genres (t,) codes."""
    won, pairs = np.zeros((2, scores.shape[1]))
    step = max(BLOCK_CELLS // len(scores), 1)
    for start in range(0, len(scores), step):
        rows = np.arange(start, min(start + step, len(scores)))
        wins, there = _wins(scores, genres, rows)
        won += np.bincount(genres[rows], wins.sum(axis=0, dtype=np.float64), scores.shape[1])
        pairs += np.bincount(genres[rows], there.sum(axis=0, dtype=np.float64), scores.shape[1])
    return won, pairs


def _wins(scores: np.ndarray, genres: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which of t covers stand below each of some rows, by that one's genre, ties counting half, and which could.

    (t, rows) each, float32; only covers of other genres, and none with a score that is NaN.
    """
    own, others = scores[rows, genres[rows]], scores[:, genres[rows]]
    there = np.isfinite(others) & np.isfinite(own) & (genres[:, None] != genres[rows])
    wins = (others < own).astype(np.float32) + np.float32(0.5) * (others == own)
    return wins * there, there.astype(np.float32)


def aucs_of_pairs(
    tables: list[np.ndarray], genres: np.ndarray, folds: np.ndarray, weights: np.ndarray, chosen: np.ndarray
) -> Iterator[np.ndarray]:
    """AUC of each chosen genre against each later one, mean over the repeats: (m, how many come later), one by one.

    tables: scores (n, c), one a repeat. folds: (repeats, n). weights: (m, n). chosen: codes, ascending.
    """
    once = [_by_fold(genres, fold, weights, chosen) for fold in folds]
    for place in range(len(chosen) - 1):
        found = [_of_one(table, parts, chosen, place) for table, parts in zip(tables, once, strict=False)]
        yield np.mean(found, axis=0)


def _by_fold(
    genres: np.ndarray, fold: np.ndarray, weights: np.ndarray, chosen: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Of each fold the covers of the chosen genres in their order, these genres, and the covers' weights (m, t)."""
    order = np.argsort(genres, kind="stable")
    order = order[np.isin(genres[order], chosen)]
    parts = [order[fold[order] == each] for each in np.unique(fold)]
    return [(covers, genres[covers], weights[:, covers].astype(np.float32)) for covers in parts]


def _of_one(
    table: np.ndarray, parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]], chosen: np.ndarray, place: int
) -> np.ndarray:
    """AUC of the chosen genre at this place against each of those after it: (m, those)."""
    code, later = chosen[place], chosen[place + 1 :]
    won, pairs = np.zeros((2, len(parts[0][2]), len(later)))
    for covers, genres, often in parts:
        first, last = np.searchsorted(genres, [code, code + 1])
        if first == last or last == len(genres):
            continue
        inside, others, theirs = covers[first:last], covers[last:], genres[last:]
        margin = table[inside, code][:, None] - table[inside][:, theirs]
        rival = table[others, code] - table[others, theirs]
        there = np.isfinite(margin) & np.isfinite(rival)
        wins = (((rival < margin) + np.float32(0.5) * (rival == margin)) * there).astype(np.float32)
        starts = np.flatnonzero(np.diff(theirs, prepend=-1))
        columns = np.searchsorted(later, theirs[starts])
        for found, each in ((won, wins), (pairs, there.astype(np.float32))):
            weighted = (often[:, first:last] @ each) * often[:, last:]
            found[:, columns] += np.add.reduceat(weighted.astype(np.float64), starts, axis=1)
    return ratio(won, pairs, otherwise=np.nan)
