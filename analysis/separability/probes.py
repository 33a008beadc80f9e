"""Probes: how well a logistic regression tells genres apart, on covers it has not seen."""

import numpy as np
from scipy.special import ndtr

STRENGTH = 1.0  # C of the logistic regression: inverse of the penalty's weight
# By how much more a cross-validated AUC varies than one with fixed probes. Of two folds, each is tested by a probe
# that the other helped to train, and by chance both come out high or both low: like one result counted twice, so
# twice the variance (compare Nadeau & Bengio 2003, 2.25 times for five folds). Nearer once for a strong probe.
DEPENDENCE = 2**0.5
BLOCK_CELLS = 2_000_000  # entries of a block of weights: bounds the memory


def deal_folds(genres: np.ndarray, groups: np.ndarray, *, folds: int, seed: int) -> np.ndarray:
    """A fold for each cover: (n,) from 0; duplicate groups stay whole, every fold gets its share of each genre.

    genres: (n,) codes. groups: (n,). Groups are dealt out like cards, genre by genre (of the group's first
    cover), the largest first and else in random order.
    """
    _, first, group, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    shuffled = np.random.default_rng(seed).permutation(len(first))
    order = np.lexsort((shuffled, -sizes, genres[first]))
    fold = np.empty(len(first), np.int64)
    fold[order] = np.arange(len(first)) % folds
    return fold[group]


def out_of_fold_scores(vectors: np.ndarray, targets: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Each cover's decision score by the probe that was fitted without its fold: (n, t) float64.

    vectors: (n, d). targets: (n, t) bool, one probe each. fold: (n,). A probe is a logistic regression with
    both sides of its target weighted equally. NaN where the other folds hold only one side of a target.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    scores = np.full(targets.shape, np.nan)
    with threadpool_limits(1):  # the products are small: threads would mostly wait for each other
        for held_out in np.unique(fold):
            test = fold == held_out
            both_sides = [column for column, target in enumerate(targets[~test].T) if len(np.unique(target)) == 2]
            if both_sides:
                standardized = _standardize(vectors, like=vectors[~test])
            for column in both_sides:
                probe = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
                probe.fit(standardized[~test], targets[~test, column])
                scores[test, column] = probe.decision_function(standardized[test])
    return scores


def _standardize(vectors: np.ndarray, *, like: np.ndarray) -> np.ndarray:
    """Every column at mean 0 and variance 1 / d, so that one strength suits encoders of every dimension d."""
    spread = like.std(axis=0) * np.sqrt(vectors.shape[1])
    return (vectors - like.mean(axis=0)) / np.where(spread > 0, spread, 1)


def auc(scores: np.ndarray, target: np.ndarray, fold: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of out-of-fold scores, anew for each of m weightings: (m,).

    scores: (n,). target: (n,) bool. fold: (n,). weights: (m, n), how often each cover is there.
    The share of pairs of a cover inside and one outside the genre that the scores put in the right order, ties
    counting half (Mann & Whitney 1947). Only pairs within a fold count: scores of different probes have no
    common scale. NaN without a pair.
    """
    known = np.flatnonzero(np.isfinite(scores))
    order = known[np.lexsort((scores[known], fold[known]))]
    step = max(BLOCK_CELLS // max(len(order), 1), 1)
    blocks = [weights[start : start + step, order] for start in range(0, len(weights), step)]
    return np.concatenate([_sorted_auc(scores[order], target[order], fold[order], block) for block in blocks])


def _sorted_auc(scores: np.ndarray, target: np.ndarray, fold: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The same for covers in order of fold and score: the weight outside the genre is summed up once."""
    inside = np.flatnonzero(target)
    new_fold = np.diff(fold, prepend=-1) != 0
    fold_start, fold_end = _bounds(new_fold, inside)
    tie_start, tie_end = _bounds(new_fold | (np.diff(scores, prepend=np.nan) != 0), inside)
    outside = np.zeros((len(weights), len(scores) + 1))
    np.cumsum(weights * ~target, axis=1, out=outside[:, 1:])
    below = (outside[:, tie_start] + outside[:, tie_end]) / 2 - outside[:, fold_start]
    pairs = (weights[:, inside] * (outside[:, fold_end] - outside[:, fold_start])).sum(axis=1)
    won = (weights[:, inside] * below).sum(axis=1)
    return np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)


def _bounds(starts: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the stretch that each position of `at` lies in begins and ends; `starts` marks the beginnings."""
    edges = np.append(np.flatnonzero(starts), len(starts))
    stretch = np.cumsum(starts)[at]
    return edges[stretch - 1], edges[stretch]


def stretch(replicates: np.ndarray, value: np.ndarray | float) -> np.ndarray:
    """Bootstrap replicates of an AUC, spread about its value as far as cross-validation makes it vary.

    The replicates vary only in the covers tested, while each cover also trained the probes that tested others.
    """
    return np.clip(value + DEPENDENCE * (replicates - value), 0, 1)


def auc_p_value(value: float, target: np.ndarray, fold: np.ndarray, groups: np.ndarray) -> float:
    """One-sided p-value of an out-of-fold AUC against 0.5, by the normal approximation of Mann & Whitney (1947).

    The variance under chance is that of the pairs within each fold, n covers of unequal duplicate groups counting
    as (sum of sizes)^2 / sum of squared sizes (Kish 1965), times DEPENDENCE^2. NaN where the AUC is.
    """
    pairs, spread = 0.0, 0.0
    for held_out in np.unique(fold):
        tested = fold == held_out
        inside, outside = _independent(groups[tested & target]), _independent(groups[tested & ~target])
        if inside and outside:
            count = float(np.count_nonzero(tested & target) * np.count_nonzero(tested & ~target))
            pairs += count
            spread += count**2 * (inside + outside + 1) / (12 * inside * outside)
    if not pairs or np.isnan(value):
        return float("nan")
    return float(ndtr((0.5 - value) / (DEPENDENCE * np.sqrt(spread) / pairs)))


def _independent(groups: np.ndarray) -> float:
    sizes = np.unique(groups, return_counts=True)[1]
    return float(sizes.sum() ** 2 / np.maximum((sizes**2).sum(), 1))
