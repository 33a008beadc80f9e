"""The support vector machine with an RBF kernel, whose kernel is computed as one product of matrices."""

from itertools import combinations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from analysis.classifiers.estimators.contract import checked

# Training covers up to which the whole kernel is held in memory, 8 bytes a pair: beyond, libsvm computes it bit by bit.
LARGEST = 12_000


class RBFSVM(ClassifierMixin, BaseEstimator):
    """scikit-learn's SVC (libsvm; Chang & Lin 2011) with kernel exp(-g |a - b|^2), g = gamma / (d * variance of X).

    Sooner: libsvm alone takes one pair of covers after the other, here BLAS takes all. On 4,000 x 512 vectors of real
    covers 1.4 s of processor time instead of 5.4 for fitting and asking it of 1,000 more.
    A genre's margin is the mean of its margins against each of the others. scikit-learn counts the pairs that a genre
    wins, which makes steps of margins, and probabilities of steps are off however they are scaled: on ResNet50 of
    5,000 real covers balanced log loss 1.446 by counting and 1.412 by the mean, balanced accuracy .409 and .403 (give
    or take .007), distance of sureness from being right .056 and .018; on ResNet18 1.465 and 1.440, .386 and .388,
    .047 and .031; of 1,890 covers, 1,000 to 40 a genre in two orders, 1.544 1.526 and 1.510 1.514, .334 .344 and .337
    .333. For two genres they are the same.
    class_weight: None or 'balanced'. Fitted: classes_, support_ (s,) rows of X, support_vectors_ (s, d), weights_ (s,
    c) of each support vector in the margin of each genre, intercept_ (c,), g_; of two genres one column, the second's.
    """

    def __init__(self, *, C: float = 1.0, gamma: float = 1.0, class_weight: str | None = None) -> None:
        self.C = C
        self.gamma = gamma
        self.class_weight = class_weight

    def fit(self, X: np.ndarray, y: np.ndarray) -> "RBFSVM":
        """Fit on vectors X (n, d) and genres y (n,)."""
        from sklearn.metrics.pairwise import rbf_kernel
        from sklearn.svm import SVC

        X, y = checked(self, X, y, dtype=[np.float32, np.float64])
        spread = float(X.var()) * X.shape[1]
        self.g_ = self.gamma / spread if spread else 1.0
        whole = len(X) <= LARGEST
        svc = SVC(
            C=self.C,
            kernel="precomputed" if whole else "rbf",
            gamma=self.g_,
            class_weight=self.class_weight,
            cache_size=500,
        )
        svc.fit(rbf_kernel(X, gamma=self.g_) if whole else X, y)
        self.classes_, self.support_ = svc.classes_, svc.support_
        self.support_vectors_ = X[self.support_]
        self.weights_, self.intercept_ = _by_genre(svc.dual_coef_, svc.intercept_, svc.n_support_)
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Margins (m, c), means over the pairs that a genre is in; (m,) for two genres, positive for the second."""
        from sklearn.metrics.pairwise import rbf_kernel

        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        margins = rbf_kernel(X, self.support_vectors_, gamma=self.g_) @ self.weights_ + self.intercept_
        return np.asarray(margins[:, 0] if len(self.classes_) == 2 else margins)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The genre with the largest margin for each row of X, as (m,)."""
        margins = self.decision_function(X)
        return self.classes_[(margins > 0).astype(int) if margins.ndim == 1 else margins.argmax(axis=1)]


def _by_genre(coefficients: np.ndarray, intercepts: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (s, c) and intercepts (c,) of each genre's mean margin from libsvm's of pairs; of two genres one column.

    coefficients: (c - 1, s), which lie genre by genre, `counts` (c,) of each; those of genre i in its margin against j
    stand in row j - 1 where i < j, in row j where i > j. intercepts: of the pairs 0 1, 0 2, ... 1 2, ...
    """
    if len(coefficients) == 1:
        return coefficients.T.copy(), intercepts
    c, ends = len(counts), np.cumsum(counts)
    weights = np.zeros((coefficients.shape[1], c))
    added = np.zeros(c)
    for i in range(c):
        own, others = slice(ends[i] - counts[i], ends[i]), np.delete(np.arange(c), i)
        # A pair's margin is positive for the first of the two; what speaks for one of them speaks against the other.
        speaks = np.where(others > i, 1, -1)[:, None] * coefficients[:, own]
        weights[own, i], weights[own, others] = speaks.sum(axis=0), -speaks.T
    for (i, j), intercept in zip(combinations(range(c), 2), intercepts, strict=True):
        added[i] += intercept
        added[j] -= intercept
    return weights / (c - 1), added / (c - 1)
