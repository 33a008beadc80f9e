"""Strength and probabilities of a classifier, both learnt from training covers that it has not seen.

See docs/methods.md.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from analysis.classifiers.estimators.contract import checked, each_its_own
from data.grouping.folds import deal_folds
from data.grouping.groups import groups_of_each


class Calibrated(ClassifierMixin, BaseEstimator):
    """A margin classifier on standardised vectors; which C suits, and how sure it may be, held-out covers decide.

    `estimator` has scikit-learn's C, class_weight and decision_function. One part in `folds` of the training covers
    (whole groups) is held out, the estimator fitted without it for one C after the other, and its margins become
    probabilities, softmax(margins / temperature), by the one temperature that gives the least log loss (Guo et al.
    2017, On Calibration of Modern Neural Networks). The C with the least log loss is kept and fitted on all; C is to
    ascend, and once the loss rises larger ones are not tried. So an embedding is not judged by a C that suits another.

    weighted: every genre counts the same in fitting and in the log loss, however many covers it has. The
    probabilities are then those of a shelf on which all genres are equally frequent, so that the most probable genre
    is the predicted one; p * share, rescaled to 1, are those of a shelf with other shares.
    scaling: 'columns' gives every column the same variance, 'whole' divides all by one number: then columns, and the
    blocks of a joined embedding, keep the weights they have.
    Unlike scikit-learn's CalibratedClassifierCV this keeps groups together, works where a genre has a single cover,
    and never changes which genre is predicted. Fitted: classes_, C_, temperature_, scaler_, estimator_.
    """

    def __init__(
        self,
        estimator: Any,
        *,
        C: Sequence[float] = (1.0,),
        weighted: bool = False,
        scaling: str = "columns",
        folds: int = 4,
        seed: int = 42,
    ) -> None:
        self.estimator = estimator
        self.C = C
        self.weighted = weighted
        self.scaling = scaling
        self.folds = folds
        self.seed = seed

    def fit(self, X: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> "Calibrated":
        """Fit on vectors X (n, d) and genres y (n,); groups (n,): each cover its own by default."""
        from sklearn.preprocessing import StandardScaler
        from threadpoolctl import threadpool_limits

        X, y = checked(self, X, y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        held_out = hold_out(codes, each_its_own(groups, y), folds=self.folds, seed=self.seed)
        # These fits are many small steps, in which threads wait for each other more than they work.
        with threadpool_limits(1):
            self.scaler_ = StandardScaler().fit(X)
            if self.scaling == "whole":
                self.scaler_.scale_ = np.full(X.shape[1], np.sqrt(self.scaler_.var_.mean()) or 1.0)
            X = self.scaler_.transform(X)
            self.estimator_ = clone(self.estimator).set_params(class_weight="balanced" if self.weighted else None)
            self.C_, self.temperature_ = self._choose(X, y, codes, held_out)
            self.estimator_.set_params(C=self.C_).fit(X, y)
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """The classifier's own margins: (m, c), or (m,) for two genres, positive for the second."""
        check_is_fitted(self)
        return self.estimator_.decision_function(self.scaler_.transform(validate_data(self, X, reset=False)))

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (m, c)."""
        from scipy.special import softmax

        margins = _one_column_each(self.decision_function(X))
        return softmax(margins / self.temperature_, axis=1)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The genre with the largest margin for each row of X, as (m,)."""
        margins = _one_column_each(self.decision_function(X))
        return self.classes_[margins.argmax(axis=1)]

    def _choose(self, X: np.ndarray, y: np.ndarray, codes: np.ndarray, held_out: np.ndarray) -> tuple[float, float]:
        """The C and the temperature with the least log loss; where no cover can be spared the first C and 1."""
        chosen, least = (self.C[0], 1.0), np.inf
        truth = codes[held_out]
        weights = 1 / np.bincount(truth)[truth] if self.weighted else np.ones(len(truth))
        for C in self.C if len(truth) else ():
            self.estimator_.set_params(C=C).fit(X[~held_out], y[~held_out])
            margins = _one_column_each(self.estimator_.decision_function(X[held_out]))
            temperature, loss = best_temperature(margins, truth, weights)
            if loss > least:
                break
            chosen, least = (C, temperature), loss
        return chosen


def hold_out(codes: np.ndarray, groups: np.ndarray, *, folds: int, seed: int) -> np.ndarray:
    """Mask (n,) of one part in `folds` of the covers; none of a genre with fewer groups than folds, or of its groups.

    codes: (n,) of the genres, from 0. groups: (n,), held out whole.
    """
    groups_of = groups_of_each(codes, groups)
    kept = np.isin(groups, groups[groups_of[codes] < folds])
    held_out = ~kept & (deal_folds(codes, groups, folds=folds, seed=seed) == 0)
    all_learnt = len(np.unique(codes[~held_out])) == len(groups_of)
    return held_out if all_learnt else np.zeros_like(held_out)


def best_temperature(margins: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """The temperature, 0.01 to 100, with the least log loss of softmax(margins / temperature), and that loss.

    margins: (h, c). truth: (h,) codes. weights: (h,), how much each cover's loss counts. h is at least 1.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        losses = -log_softmax(margins / np.exp(log_temperature), axis=1)[rows, truth]
        return float(np.average(losses, weights=weights))

    best = minimize_scalar(loss, bounds=(np.log(0.01), np.log(100)), method="bounded")
    return float(np.exp(best.x)), float(best.fun)


def _one_column_each(margins: np.ndarray) -> np.ndarray:
    """Margins as (m, c): two genres share their one margin, so that softmax is its logistic function."""
    return np.column_stack([-margins / 2, margins / 2]) if margins.ndim == 1 else margins
