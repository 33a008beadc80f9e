"""Reliability against scikit-learn's curve, and its limits."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.reliability import reliability


def judged(probabilities: np.ndarray, truth: np.ndarray, *, repeats: int = 1) -> Predictions:
    covers = len(truth) // repeats
    return Predictions(
        cover_ids=np.repeat(np.arange(covers), repeats),
        repeat=np.tile(np.arange(repeats), covers),
        truth=truth,
        predicted=probabilities.argmax(axis=1),
        probabilities=probabilities,
        classes=["folk", "jazz", "pop"],
        groups=np.repeat(np.arange(covers), repeats),
    )


def test_it_is_the_curve_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    probabilities, truth = rng.dirichlet([0.7, 0.7, 0.7], 600), rng.integers(0, 3, 600)
    told = judged(probabilities, truth)
    table = reliability(told, resamples=50)
    right, said = calibration_curve(told.predicted == truth, probabilities.max(axis=1), n_bins=10)
    np.testing.assert_allclose(table.right, right)
    np.testing.assert_allclose(table.confidence, said)
    assert table.covers.sum() == 600
    assert ((table.low <= table.right) & (table.right <= table.high) & (table.low < table.high)).all()


def test_a_cover_judged_three_times_counts_once() -> None:
    rng = np.random.default_rng(4)
    probabilities, truth = rng.dirichlet([0.7, 0.7, 0.7], 200), rng.integers(0, 3, 200)
    once = reliability(judged(probabilities, truth))
    thrice = reliability(judged(np.repeat(probabilities, 3, axis=0), np.repeat(truth, 3), repeats=3))
    for column in ("covers", "confidence", "right", "low", "high"):
        np.testing.assert_allclose(thrice[column], once[column], err_msg=column)


@pytest.mark.parametrize("sure", [0.4, 1.0])
def test_one_cover_is_one_bin_with_a_wide_interval(sure: float) -> None:
    rest = (1 - sure) / 2
    table = reliability(judged(np.array([[sure, rest, rest]]), np.array([0])))
    assert len(table) == 1
    assert table.right[0] == 1
    assert table.low[0] < 0.5
