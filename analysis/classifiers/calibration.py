"""Strength and probabilities of a classifier, both learnt from training covers that it has not seen."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class Calibrated(ClassifierMixin, BaseEstimator):
    """A margin classifier on standardised vectors; which C suits, and how sure it may be, held-out covers decide.

    `estimator` is one of scikit-learn's with a C and a decision_function. For every C it is fitted `folds` times
    without a part of the training covers (whole duplicate groups), and margins of these become probabilities,
    softmax(margins / temperature), by the one temperature that gives the least log loss (Guo et al. 2017, On
    Calibration of Modern Neural Networks). The C with the least log loss is kept and fitted on all. So an embedding
    is not judged by a C that suits another. Unlike scikit-learn's CalibratedClassifierCV this keeps groups
    together, works where a genre has a single cover, and never changes which genre is predicted.
    Fitted: classes_, C_, temperature_, estimator_.
    """

    def __init__(self, estimator: Any, *, C: Sequence[float] = (1.0,), folds: int = 3, seed: int = 42) -> None:
        self.estimator = estimator
        self.C = C
        self.folds = folds
        self.seed = seed

    def fit(self, X: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> "Calibrated":
        """Fit on vectors X (n, d) and genres y (n,); groups (n,): duplicate group, each cover its own by default."""
        from threadpoolctl import threadpool_limits

        # These fits are many small steps, in which threads wait for each other more than they work.
        with threadpool_limits(1):
            return self._fit(X, y, groups)

    def _fit(self, X: np.ndarray, y: np.ndarray, groups: np.ndarray | None) -> "Calibrated":
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        parts = list(self._held_out_parts(codes, np.arange(len(y)) if groups is None else groups))
        calibrations = [best_temperature(*self._held_out_margins(C, X, y, codes, parts)) for C in self.C]
        # Where no cover can be spared the losses are all nan, which counts as least: the first C.
        best = int(np.argmin([loss for _, loss in calibrations]))
        self.C_, self.temperature_ = self.C[best], calibrations[best][0]
        self.estimator_ = self._with(self.C_).fit(X, y)
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """The classifier's own margins: (m, c), or (m,) for two genres, positive for the second."""
        check_is_fitted(self)
        return self.estimator_.decision_function(validate_data(self, X, reset=False))

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (m, c)."""
        from scipy.special import softmax

        margins = _one_column_each(self.decision_function(X))
        return softmax(margins / self.temperature_, axis=1)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The genre with the largest margin for each row of X, as (m,)."""
        margins = _one_column_each(self.decision_function(X))
        return self.classes_[margins.argmax(axis=1)]

    def _with(self, C: float) -> Any:
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return make_pipeline(StandardScaler(), clone(self.estimator).set_params(C=C))

    def _held_out_parts(self, codes: np.ndarray, groups: np.ndarray) -> Iterator[np.ndarray]:
        """Rows to hold out, fold by fold; a genre with fewer groups than folds is never held out."""
        from sklearn.model_selection import StratifiedGroupKFold

        groups_of = np.array([len(np.unique(groups[codes == code])) for code in range(len(self.classes_))])
        eligible = np.flatnonzero(groups_of[codes] >= self.folds)
        if len(eligible):
            folds = StratifiedGroupKFold(self.folds, shuffle=True, random_state=self.seed)
            for _, part in folds.split(eligible, codes[eligible], groups[eligible]):
                yield eligible[part]

    def _held_out_margins(
        self, C: float, X: np.ndarray, y: np.ndarray, codes: np.ndarray, parts: list[np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Margins (h, c) of the held-out covers under fits without them, and their codes (h,)."""
        margins, truth = [np.empty((0, len(self.classes_)))], [np.empty(0, dtype=int)]
        for part in parts:
            rest = np.setdiff1d(np.arange(len(y)), part)
            if len(np.unique(codes[rest])) == len(self.classes_):
                fitted = self._with(C).fit(X[rest], y[rest])
                margins.append(_one_column_each(fitted.decision_function(X[part])))
                truth.append(codes[part])
        return np.concatenate(margins), np.concatenate(truth)


def best_temperature(margins: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The temperature, 0.01 to 100, with the least log loss of softmax(margins / temperature), and that loss.

    margins: (h, c). truth: (h,) codes. Without any data 1 and nan.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    if not len(truth):
        return 1.0, np.nan
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        return -log_softmax(margins / np.exp(log_temperature), axis=1)[rows, truth].mean()

    best = minimize_scalar(loss, bounds=(np.log(0.01), np.log(100)), method="bounded")
    return float(np.exp(best.x)), float(best.fun)


def _one_column_each(margins: np.ndarray) -> np.ndarray:
    """Margins as (m, c): two genres share their one margin, so that softmax is its logistic function."""
    return np.column_stack([-margins / 2, margins / 2]) if margins.ndim == 1 else margins
