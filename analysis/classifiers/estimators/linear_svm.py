"""The linear support vector machine, all genres in one go."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_is_fitted, validate_data

from analysis.classifiers.estimators.contract import checked


class LinearSVM(ClassifierMixin, BaseEstimator):
    """A linear margin for each genre against the others: squared hinge loss, L2 penalty on all but the intercept.

    What scikit-learn's LinearSVC minimises (Fan et al. 2008, LIBLINEAR), with a free intercept, but for all genres
    together and by L-BFGS: on 4,000 x 512 vectors 0.2 s instead of 1 to 9 s. class_weight: None or 'balanced', then
    a cover counts n / (c * covers of its genre) in every genre's loss. warm_start: begin at the last fit's solution.
    Fitted: classes_, coef_ (c, d) and intercept_ (c,), or of one row for two genres.
    """

    def __init__(
        self, *, C: float = 1.0, class_weight: str | None = None, warm_start: bool = False, tol: float = 1e-3
    ) -> None:
        self.C = C
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.tol = tol

    def fit(self, X: np.ndarray, y: np.ndarray) -> "LinearSVM":
        """Fit on vectors X (n, d) and genres y (n,); ValueError for a single genre."""
        from scipy.optimize import minimize

        X, y = checked(self, X, y, dtype=[np.float64, np.float32])
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError("a linear SVM separates two classes or more, there is 1 class")
        names = self.classes_ if len(self.classes_) > 2 else self.classes_[1:]
        sides = np.where(y[:, None] == names, 1, -1).astype(X.dtype)
        weights = compute_sample_weight(self.class_weight, y).astype(X.dtype)[:, None]
        # Relative to the data, as in scikit-learn's logistic regression: so one tolerance suits every n and C.
        penalty = 1 / (self.C * weights.sum())
        start = self._start(len(names), X.shape[1])
        best = minimize(
            _loss,
            start.ravel(),
            args=(X, sides, weights / weights.sum(), penalty),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 1000, "gtol": self.tol, "ftol": 64 * np.finfo(float).eps},
        )
        found = best.x.reshape(start.shape).astype(X.dtype)
        self.coef_, self.intercept_ = found[:, :-1], found[:, -1]
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Margins (m, c), or (m,) for two genres, positive for the second."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        margins = X @ self.coef_.T + self.intercept_
        return margins[:, 0] if len(self.classes_) == 2 else margins

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The genre with the largest margin for each row of X, as (m,)."""
        margins = self.decision_function(X)
        return self.classes_[(margins > 0).astype(int) if margins.ndim == 1 else margins.argmax(axis=1)]

    def _start(self, rows: int, columns: int) -> np.ndarray:
        if self.warm_start and hasattr(self, "coef_") and self.coef_.shape == (rows, columns):
            return np.column_stack([self.coef_, self.intercept_])
        return np.zeros((rows, columns + 1))


def _loss(
    flat: np.ndarray, X: np.ndarray, sides: np.ndarray, weights: np.ndarray, penalty: float
) -> tuple[float, np.ndarray]:
    """The loss to minimise, and its gradient, at coefficients and intercepts (c, d + 1), flattened."""
    found = flat.reshape(sides.shape[1], -1)
    coefficients = found[:, :-1]
    margins = X @ coefficients.T.astype(X.dtype) + found[:, -1].astype(X.dtype)
    short = np.maximum(1 - sides * margins, 0)
    slope = -2 * weights * sides * short
    loss = float((weights * short**2).sum(dtype=np.float64) + penalty / 2 * (coefficients**2).sum())
    gradient = np.column_stack([slope.T @ X + penalty * coefficients, slope.sum(axis=0)])
    return loss, gradient.ravel().astype(np.float64)
