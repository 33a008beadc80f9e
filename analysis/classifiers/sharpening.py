"""How sure a vote may be: the mean of calibrated probabilities is less sure than right.

See docs/methods.md, "Votes".
"""

from dataclasses import replace
from typing import Any

import numpy as np

from analysis.classifiers.estimators.temperature import best_temperature, loss_weights
from analysis.evaluation.predictions import Predictions

# What a genre that members call impossible counts as in learning a temperature.
LEAST = 1e-9


def sharpened(said: Predictions, folds: np.ndarray, *, members: int) -> tuple[Predictions, list[dict[str, Any]]]:
    """Calibrated predictions, by one temperature a fold, and these: repeat, fold, temperature.

    folds: (m,) of each row. A fold's temperature has the least log loss, every genre counting the same, on the other
    folds of its repeat, so no group has a say in how sure its own predictions are (pool, then calibrate; Rahaman &
    Thiery 2021, Uncertainty Quantification and Deep Ensembles). It is 1 / members at least, as independent opinions add
    up to no more, and 1 where there is no other fold. Which genre is predicted stays.
    """
    probabilities, fits = said.probabilities.copy(), []
    for repeat, fold in np.unique(np.stack([said.repeat, folds]), axis=1).T.tolist():
        own = said.repeat == repeat
        temperature = max(_temperature(said, own & (folds != fold)), 1 / members)
        rows = own & (folds == fold)
        probabilities[rows] = sharpen(said.probabilities[rows], temperature)
        fits.append({"repeat": repeat, "fold": fold, "temperature": temperature})
    return replace(said, probabilities=probabilities, predicted=probabilities.argmax(axis=1)), fits


def sharpen(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities (m, c) to the power of 1 / temperature, rescaled to 1: surer below 1, less sure above."""
    powers = probabilities ** (1 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _temperature(said: Predictions, rows: np.ndarray) -> float:
    if not rows.any():
        return 1.0
    margins, truth = np.log(np.maximum(said.probabilities[rows], LEAST)), said.truth[rows]
    return best_temperature(margins, truth, loss_weights(truth, weighted=True))[0]
