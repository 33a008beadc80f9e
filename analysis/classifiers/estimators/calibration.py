"""Strength and probabilities of a classifier, both learnt from training covers that it has not seen.

See docs/methods.md.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from analysis.classifiers.estimators.contract import checked, each_its_own
from analysis.classifiers.estimators.temperature import best_shift, best_temperature, hold_out, loss_weights


class Calibrated(ClassifierMixin, BaseEstimator):
    """A margin classifier on standardised vectors; which C suits, and how sure it may be, held-out covers decide.

    `estimator` has scikit-learn's C, class_weight and decision_function. One part in `folds` of the training covers
    (whole groups) is held out, the estimator fitted without it for one C after the other, and its margins become
    probabilities, softmax(margins / temperature), by the one temperature that gives the least log loss (Guo et al.
    2017, On Calibration of Modern Neural Networks). The C with the least log loss is kept and fitted on all; C is to
    ascend, and once the loss rises larger ones are not tried. So an embedding is not judged by a C that suits another.

    shifted: a number for each genre is added to its margins, chosen with the temperature (see `best_shift`), for
    estimators whose margins weights do not balance. Weighted RBF SVMs say large genres all the same: on ResNet18 of
    1,890 covers, 1,000 to 40 a genre in two orders, balanced log loss 1.58 1.58 without and 1.51 1.51 with it,
    balanced accuracy .336 .295 and .337 .333; margins of the others it does not improve.

    weighted: every genre counts the same in fitting and in the log loss, however many covers it has. The
    probabilities are then those of a shelf on which all genres are equally frequent, so that the most probable genre
    is the predicted one; p * share, rescaled to 1, are those of a shelf with other shares.
    scaling: 'columns' gives every column the same variance, 'whole' divides all by one number: then columns, and the
    blocks of a joined embedding, keep the weights they have.
    Unlike scikit-learn's CalibratedClassifierCV this keeps groups together, works where a genre has a single cover,
    and, unless shifted, never changes which genre is predicted. Fitted: classes_, C_, temperature_, shift_ (c,),
    scaler_, estimator_.
    """

    def __init__(
        self,
        estimator: Any,
        *,
        C: Sequence[float] = (1.0,),
        weighted: bool = False,
        scaling: str = "columns",
        shifted: bool = False,
        folds: int = 4,
        seed: int = 42,
    ) -> None:
        self.estimator = estimator
        self.C = C
        self.weighted = weighted
        self.scaling = scaling
        self.shifted = shifted
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
            self.C_, self.temperature_, self.shift_ = self._choose(X, y, codes, held_out)
            self.estimator_.set_params(C=self.C_).fit(X, y)
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """The classifier's margins, shifted: (m, c), or (m,) for two genres, positive for the second."""
        check_is_fitted(self)
        margins = self.estimator_.decision_function(self.scaler_.transform(validate_data(self, X, reset=False)))
        shift = getattr(self, "shift_", np.zeros(len(self.classes_)))  # what was kept before there was one has none
        return margins + (shift[1] - shift[0] if margins.ndim == 1 else shift)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (m, c)."""
        from scipy.special import softmax

        margins = _one_column_each(self.decision_function(X))
        return softmax(margins / self.temperature_, axis=1)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The genre with the largest margin for each row of X, as (m,)."""
        margins = _one_column_each(self.decision_function(X))
        return self.classes_[margins.argmax(axis=1)]

    def _choose(
        self, X: np.ndarray, y: np.ndarray, codes: np.ndarray, held_out: np.ndarray
    ) -> tuple[float, float, np.ndarray]:
        """C, temperature and shift with the least log loss; where no cover can be spared the first C, 1 and zeros."""
        none = np.zeros(len(self.classes_))
        chosen, least = (self.C[0], 1.0, none), np.inf
        truth = codes[held_out]
        weights = loss_weights(truth, weighted=self.weighted)
        for C in self.C if len(truth) else ():
            self.estimator_.set_params(C=C).fit(X[~held_out], y[~held_out])
            margins = _one_column_each(self.estimator_.decision_function(X[held_out]))
            shift = best_shift(margins, truth, weights) if self.shifted else none
            temperature, loss = best_temperature(margins + shift, truth, weights)
            if loss > least:
                break
            chosen, least = (C, temperature, shift), loss
        return chosen


def _one_column_each(margins: np.ndarray) -> np.ndarray:
    """Margins as (m, c): two genres share their one margin, so that softmax is its logistic function."""
    return np.column_stack([-margins / 2, margins / 2]) if margins.ndim == 1 else margins
