"""Probes: how well a linear discriminant tells genres apart, on covers it has not seen.

A probe is Fisher's linear discriminant with a ridge: genres by the covers' likeness to their means, in the metric of
the covariance of all training covers. It ranks covers as well as a logistic regression does, and costs one matrix a
fold for all genres, pairs of genres and permuted genres together: so p-values can come from permutations with every
probe fitted anew, and the division into folds can be repeated.
"""

from collections.abc import Iterator

import numpy as np

from analysis.separability.pure.counting import is_quicker, permuted_pairs
from analysis.statistics.ratios import ratio

# Weight of the ridge, in mean variances, for as many dimensions as training covers; it grows with their ratio. On 5,000
# real covers the AUCs of five genres are within 0.003 of logistic regression's (C = 1 on vectors of length 1) at 4, and
# the mean AUC, .683 at 4, is .686 at 8 and .688 at 16 (ResNet18; colour .615, .617, .617). By a covariance shrunk as
# Ledoit & Wolf (2004) have it, which asks for the best covariance and not the best ranking, it would be .660.
RIDGE = 8.0
BLOCK_CELLS = 4_000_000  # entries of a block of scores or weights: bounds the memory


def probe_scores(
    vectors: np.ndarray, genres: np.ndarray, fold: np.ndarray, *, classes: int, sets: np.ndarray | None = None
) -> np.ndarray:
    """How much each cover looks like each genre to the probe fitted without its fold: (n, classes) float32.

    vectors: (n, d). genres: (n,) codes. fold: (n,). sets: (s, classes) bool, the genres that each code stands for,
    where covers have several; by default each for its own. Column g ranks covers by genre g against all others, column
    a minus column b by genre a against b. NaN where the other folds have no cover of the genre, or no cover at all.
    """
    scores = np.full((len(vectors), classes), np.nan, np.float32)
    sets = np.eye(classes, dtype=bool) if sets is None else sets
    for test, discriminant, training, rest in _fitted(vectors, fold):
        scores[test] = discriminant @ genre_means(training, genres[rest][None], sets)[:, 0]
    return scores


def taught_scores(training: np.ndarray, genres: np.ndarray, tested: np.ndarray, *, classes: int) -> np.ndarray:
    """What the same probe says of covers tested (t, d), fitted on training (r, d) of genres (r,): (t, classes) float32.

    Solved in as many unknowns as there are training covers or dimensions, whichever are fewer, for many small training
    parts. NaN where no training cover is of the genre.
    """
    center, spread = training.mean(axis=0), training.std(axis=0)
    scale = np.where(spread > 0, spread, 1)
    standard = ((training - center) / scale).astype(np.float32)
    directions = _directions(standard, genres, classes)
    return np.asarray((tested - center) / scale @ directions, np.float32)


def _directions(training: np.ndarray, genres: np.ndarray, classes: int) -> np.ndarray:
    """The genres' means in the metric of the training covers (r, d): (d, classes)."""
    from scipy.linalg import cho_factor, cho_solve

    count, dimensions = training.shape
    ridge = RIDGE * dimensions / count * float(training.var(axis=0).mean()) or 1.0
    member = (genres[:, None] == np.arange(classes)).astype(np.float64)
    shares = ratio(member, member.sum(axis=0), otherwise=np.nan)
    few = count < dimensions
    product = (training @ training.T if few else training.T @ training).astype(np.float64) / count
    product.flat[:: len(product) + 1] += ridge
    solved = cho_solve(cho_factor(product, lower=True), shares if few else training.T @ shares, check_finite=False)
    return training.T @ solved if few else solved


def permuted_aucs(
    vectors: np.ndarray, permuted: np.ndarray, fold: np.ndarray, *, classes: int, sets: np.ndarray | None = None
) -> np.ndarray:
    """AUC of every genre against all others under permuted genres, probes fitted anew each time: (m, classes).

    vectors: (n, d). permuted: (m, n) codes. fold: (n,). sets: as of `probe_scores`. See `auc`.
    """
    sets = np.eye(classes, dtype=bool) if sets is None else sets
    plain = np.array_equal(sets, np.eye(classes, dtype=bool))
    won, pairs = np.zeros((2, len(permuted), classes))
    step = max(BLOCK_CELLS // (len(vectors) * classes), 1)
    for test, discriminant, training, rest in _fitted(vectors, fold):
        for start in range(0, len(permuted), step):
            block = permuted[start : start + step]
            means = genre_means(training, block[:, rest], sets)
            scores = np.tensordot(discriminant, means, 1)
            if plain and is_quicker(len(vectors), classes):
                for row, labels in enumerate(block[:, test]):
                    counted = permuted_pairs(scores[:, row], labels)
                    won[start + row] += counted[0]
                    pairs[start + row] += counted[1]
                continue
            for genre in range(classes):
                found = _fold_pairs(scores[..., genre].T, sets[block[:, test], genre])
                won[start : start + step, genre] += found[0]
                pairs[start : start + step, genre] += found[1]
    return ratio(won, pairs, otherwise=np.nan)


def _fitted(vectors: np.ndarray, fold: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Fold by fold: test mask (n,), its covers in the metric of the training covers (t, d), these (r, d), their mask.

    Training covers stand at mean 0 and variance 1, and the metric is the inverse of their covariance with a ridge.
    """
    for held_out in np.unique(fold):
        test = fold == held_out
        rest = ~test
        if rest.any():
            center, spread = vectors[rest].mean(axis=0), vectors[rest].std(axis=0)
            scale = np.where(spread > 0, spread, 1)
            training = ((vectors[rest] - center) / scale).astype(np.float32)
            tested = ((vectors[test] - center) / scale).astype(np.float32)
            yield test, in_metric_of(training, tested), training, rest


def in_metric_of(training: np.ndarray, tested: np.ndarray, *, spread: float | None = None) -> np.ndarray:
    """tested (t, d) times the inverse of the covariance of training (r, d) with a ridge: (t, d) float32.

    spread: the variance that the ridge is measured in, by default the mean one of the training covers' columns.
    """
    from scipy.linalg import cho_factor, cho_solve

    covariance = (training.T @ training / len(training)).astype(np.float64)
    diagonal = covariance.flat[:: len(covariance) + 1]
    ridge = RIDGE * len(covariance) / len(training) * (diagonal.mean() if spread is None else spread)
    covariance.flat[:: len(covariance) + 1] = diagonal + (ridge or 1.0)
    return cho_solve(cho_factor(covariance, lower=True), tested.T.astype(np.float64)).T.astype(np.float32)


def genre_means(training: np.ndarray, genres: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Mean vector of each genre's training covers (r, d), for each of m labellings (m, r): (d, m, classes)."""
    member = sets.astype(np.float32)[genres.T]
    count = member.sum(axis=0)
    return ratio(np.tensordot(training.T, member, 1), count, otherwise=np.nan)


def _fold_pairs(scores: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs won and pairs there are, (m,) each, among the t covers of one fold; scores and target: (m, t)."""
    from scipy.stats import rankdata

    target = target & np.isfinite(scores)
    inside = target.sum(axis=1)
    outside = np.isfinite(scores).sum(axis=1) - inside
    ranks = rankdata(scores, axis=1, nan_policy="omit")
    won = np.where(target, ranks, 0).sum(axis=1) - inside * (inside + 1) / 2
    return won, inside * outside


def auc(scores: np.ndarray, target: np.ndarray, fold: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of out-of-fold scores, anew for each of m weightings: (m,).

    scores: (n,). target: (n,) bool. fold: (n,). weights: (m, n), how often each cover is there.
    The share of pairs of a cover inside and one outside the genre that the scores put in the right order, ties
    counting half (Mann & Whitney 1947). Only pairs within a fold count: scores of different probes have no
    common scale. NaN without a pair.
    """
    known = np.flatnonzero(np.isfinite(scores))
    order = known[np.lexsort((scores[known], fold[known]))]
    step = max(BLOCK_CELLS // (2 * max(len(order), 1)), 1)
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
    return ratio(won, pairs, otherwise=np.nan)


def _bounds(starts: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the stretch that each position of `at` lies in begins and ends; `starts` marks the beginnings."""
    edges = np.append(np.flatnonzero(starts), len(starts))
    stretch = np.cumsum(starts)[at]
    return edges[stretch - 1], edges[stretch]


def stretch(replicates: np.ndarray, value: np.ndarray | float) -> np.ndarray:
    """Bootstrap replicates of an AUC, spread about its value as far as cross-validation makes it vary.

    The replicates vary only in the covers tested, while each cover also trained the probes that tested the others
    (Bates, Hastie & Tibshirani 2024, Cross-validation: what does it estimate and how well does it do it?). Where a
    probe knows nothing, training and testing count alike: twice the variance. The better it is, the less a cover
    changes it. So the variance is multiplied by 2 less the separability (2 AUC - 1), which simulations bear out
    (docs/methods.md).
    """
    factor = np.sqrt(2 - np.clip(2 * np.asarray(value) - 1, 0, 1))
    return value + factor * (replicates - value)
