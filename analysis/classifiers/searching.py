"""Searching a grid inside the training covers: which candidate suits, held-out groups among them decide.

See docs/methods.md.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from analysis.classifiers.estimators.contract import each_its_own
from data.grouping.folds import deal_folds

# What is measured of each candidate on the held-out covers; the first decides.
LOSS, ACCURACY = "balanced_log_loss", "balanced_accuracy"
# No probability counts as less.
LEAST = 1e-9


class Searched(ClassifierMixin, BaseEstimator):
    """The best of several candidates, fitted on all covers it is given.

    build: makes an unfitted estimator of a candidate's parameters. held_out: how many of how many inner folds (whole
    groups) are held out one after the other, while each candidate learns from the others. The candidate with the
    least balanced log loss (mean over genres of their covers' mean -ln p, mean over the inner folds) is taken; of
    equal ones, or where nothing can be held out, the first. Whoever judges the whole keeps its test covers out of
    `fit`: so the choice is a part of the training (nested cross-validation: Varma & Simon 2006, Bias in error
    estimation when using cross-validation for model selection).
    Fitted: classes_, best_ (the estimator), chosen_ (position), scores_ (a row a candidate: loss, balanced accuracy).
    """

    def __init__(
        self,
        build: Callable[..., Any],
        candidates: Sequence[Mapping[str, Any]],
        *,
        held_out: tuple[int, int] = (1, 4),
        seed: int = 42,
    ) -> None:
        self.build = build
        self.candidates = candidates
        self.held_out = held_out
        self.seed = seed

    def fit(self, X: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> "Searched":
        """Search and fit on vectors X (n, d) and genres y (n,); groups (n,): each cover its own by default."""
        groups = each_its_own(groups, y)
        count, folds = self.held_out
        dealt = deal_folds(np.unique(y, return_inverse=True)[1], groups, folds=folds, seed=self.seed)
        found = [self._measure(X, y, groups, dealt == fold) for fold in range(count)]
        measured = [scores for scores in found if scores is not None]
        nothing = np.full((len(self.candidates), 2), np.nan)
        self.scores_ = np.mean(measured, axis=0) if measured else nothing
        self.chosen_ = int(self.scores_[:, 0].argmin()) if measured else 0
        self.best_ = _fit(self.build(**self.candidates[self.chosen_]), X, y, groups)
        self.classes_ = self.best_.classes_
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (m, c) by the chosen candidate."""
        check_is_fitted(self)
        return self.best_.predict_proba(X)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Genres (m,) by the chosen candidate."""
        check_is_fitted(self)
        return self.best_.predict(X)

    def rows(self) -> list[dict[str, Any]]:
        """The table of the search, a row a candidate and metric: candidate, params, metric, value, chosen."""
        return [
            {
                "candidate": i,
                "params": dict(params),
                "metric": metric,
                "value": float(value),
                "chosen": i == self.chosen_,
            }
            for i, (params, scores) in enumerate(zip(self.candidates, self.scores_, strict=True))
            for metric, value in zip((LOSS, ACCURACY), scores, strict=True)
        ]

    def _measure(self, X: np.ndarray, y: np.ndarray, groups: np.ndarray, out: np.ndarray) -> np.ndarray | None:
        """Loss and balanced accuracy (candidates, 2) on held-out covers (mask); None where they leave no two genres."""
        learnt = np.unique(y[~out])
        judged = out & np.isin(y, learnt)
        if len(learnt) < 2 or not judged.any():
            return None
        scores = []
        for params in self.candidates:
            estimator = _fit(self.build(**params), X[~out], y[~out], groups[~out])
            scores.append(balanced_scores(estimator.predict_proba(X[judged]), np.searchsorted(learnt, y[judged])))
        return np.array(scores)


def balanced_scores(probabilities: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Balanced log loss and balanced accuracy of probabilities (m, c) for codes (m,): every genre counts the same."""
    losses = -np.log(np.maximum(probabilities[np.arange(len(truth)), truth], LEAST))
    right = probabilities.argmax(axis=1) == truth
    own = [truth == code for code in np.unique(truth)]
    return float(np.mean([losses[rows].mean() for rows in own])), float(np.mean([right[rows].mean() for rows in own]))


def _fit(estimator: Any, X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> Any:
    told = {"groups": groups} if has_fit_parameter(estimator, "groups") else {}
    return estimator.fit(X, y, **told)
