"""Probabilities for classifiers that only give margins, such as support vector machines."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class Calibrated(ClassifierMixin, BaseEstimator):
    """A margin classifier whose probabilities are softmax(margins / temperature); its predictions stay its own.

    The one temperature is fitted on margins of held-out training covers (Guo et al. 2017, On Calibration of Modern
    Neural Networks), held out by duplicate group. Unlike scikit-learn's CalibratedClassifierCV this
    keeps groups together, works where a genre has a single cover, and cannot change which genre is predicted.
    Fitted: classes_, estimator_ (on all training covers), temperature_.
    """

    def __init__(self, estimator: Any, *, folds: int = 3, seed: int = 42) -> None:
        self.estimator = estimator
        self.folds = folds
        self.seed = seed

    def fit(self, X: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> "Calibrated":
        """Fit on vectors X (n, d) and genres y (n,); groups (n,): duplicate group, each cover its own by default."""
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        groups = np.arange(len(y)) if groups is None else groups
        self.temperature_ = best_temperature(*self._held_out_margins(X, y, codes, groups))
        self.estimator_ = clone(self.estimator).fit(X, y)
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

    def _held_out_margins(
        self, X: np.ndarray, y: np.ndarray, codes: np.ndarray, groups: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Margins (h, c) of training covers under a fit without them, and their codes (h,).

        A genre with fewer groups than folds stays in training throughout.
        """
        from sklearn.model_selection import StratifiedGroupKFold

        groups_of = np.array([len(np.unique(groups[codes == code])) for code in range(len(self.classes_))])
        eligible = np.flatnonzero(groups_of[codes] >= self.folds)
        margins, truth = [np.empty((0, len(self.classes_)))], [np.empty(0, dtype=int)]
        if len(eligible):
            folds = StratifiedGroupKFold(self.folds, shuffle=True, random_state=self.seed)
            for _, chosen in folds.split(eligible, codes[eligible], groups[eligible]):
                held_out = eligible[chosen]
                rest = np.setdiff1d(np.arange(len(y)), held_out)
                fitted = clone(self.estimator).fit(X[rest], y[rest])
                if len(fitted.classes_) == len(self.classes_):
                    margins.append(_one_column_each(fitted.decision_function(X[held_out])))
                    truth.append(codes[held_out])
        return np.concatenate(margins), np.concatenate(truth)


def best_temperature(margins: np.ndarray, truth: np.ndarray) -> float:
    """The temperature with the least log loss of softmax(margins / temperature), between 0.01 and 100; 1 on no data."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    if not len(truth):
        return 1.0
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        return -log_softmax(margins / np.exp(log_temperature), axis=1)[rows, truth].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.01), np.log(100)), method="bounded").x))


def _one_column_each(margins: np.ndarray) -> np.ndarray:
    return np.column_stack([-margins, margins]) if margins.ndim == 1 else margins
