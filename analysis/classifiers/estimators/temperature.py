"""How sure margins may be, by covers held out; pure, and without scikit-learn, which takes a second to import.

See docs/methods.md.
"""

import numpy as np

from data.grouping.folds import deal_folds
from data.grouping.groups import groups_of_each


def hold_out(codes: np.ndarray, groups: np.ndarray, *, folds: int, seed: int) -> np.ndarray:
    """Mask (n,) of one part in `folds` of the covers; none of a genre with fewer groups than folds, or of its groups.

    codes: (n,) of the genres, from 0. groups: (n,), held out whole.
    """
    groups_of = groups_of_each(codes, groups)
    kept = np.isin(groups, groups[groups_of[codes] < folds])
    held_out = ~kept & (deal_folds(codes, groups, folds=folds, seed=seed) == 0)
    all_learnt = len(np.unique(codes[~held_out])) == len(groups_of)
    return held_out if all_learnt else np.zeros_like(held_out)


def loss_weights(truth: np.ndarray, *, weighted: bool) -> np.ndarray:
    """How much each cover's log loss counts (h,): 1, or weighted 1 / covers of its genre; truth (h,) codes."""
    return 1 / np.bincount(truth)[truth] if weighted else np.ones(len(truth))


def best_shift(margins: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What to add to each genre's margins (c,) for the least log loss, together with the temperature that goes with it.

    Arguments as of `best_temperature`. Bias-corrected temperature scaling (Alexandari, Kundaje & Shrikumar 2020,
    Maximum Likelihood with Bias-Corrected Calibration is Hard-To-Beat at Label Shift Adaptation). Before looking each
    genre's log odds are 0 give or take 1, so few covers move them little. 0 for a genre that none of the covers has.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax, softmax

    occurring = np.isin(np.arange(margins.shape[1]), truth)
    weights, own = weights / weights.sum(), np.eye(margins.shape[1])[truth]
    prior = (weights**2).sum()

    def loss(free: np.ndarray) -> tuple[float, np.ndarray]:
        sharpness, added = np.exp(free[0]), np.where(occurring, free[1:], 0)
        scores = margins * sharpness + added
        slopes = weights[:, None] * (softmax(scores, axis=1) - own)
        value = -weights @ log_softmax(scores, axis=1)[own.astype(bool)] + prior * (added @ added) / 2
        slope = np.append((slopes * margins).sum() * sharpness, occurring * (slopes.sum(axis=0) + prior * added))
        return float(value), slope

    best = minimize(
        loss, np.append(-np.log(margins.std() + 1e-9), np.zeros(len(occurring))), jac=True, method="L-BFGS-B"
    )
    added = np.where(occurring, best.x[1:] - best.x[1:][occurring].mean(), 0)
    return np.asarray(added / np.exp(best.x[0]))


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
