"""Reliability against scikit-learn's curve, and its limits."""

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.calibration import calibration_curve

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.sure.reliability import consistency_band, reliability


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
    probabilities, truth = rng.dirichlet([0.7, 0.7, 0.7], 600), rng.permutation(np.arange(600) % 3)
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


def test_points_of_a_calibrated_classifier_lie_in_the_band_and_those_of_one_too_sure_do_not() -> None:
    told = [reliability(drawn(3000, 1.0), resamples=2), reliability(drawn(3000, 0.4), resamples=2)]
    inside = [((table.right >= table.band_low) & (table.right <= table.band_high)).mean() for table in told]
    assert inside[0] >= 0.8
    assert inside[1] <= 0.4


def test_the_band_is_that_of_the_binomial_where_covers_are_independent() -> None:
    """100 covers said with .6: 95 % of the draws have 50 to 69 or so of them right."""
    truth = np.arange(100) % 2
    probabilities = np.where(np.eye(2)[np.arange(100) // 2 % 2] > 0, 0.6, 0.4)
    table = reliability(two(probabilities, truth, np.arange(100)), resamples=2)
    low, high = binom.ppf([0.025, 0.975], 100, 0.6) / 100
    assert table.band_low[0] == pytest.approx(low, abs=0.03)
    assert table.band_high[0] == pytest.approx(high, abs=0.03)


def test_copies_widen_the_band() -> None:
    said = np.arange(200) // 10 % 2
    probabilities, widths = np.where(np.eye(2)[said] > 0, 0.6, 0.4), []
    for groups in (np.arange(200), np.repeat(np.arange(20), 10)):
        table = reliability(two(probabilities, np.arange(200) // 20 % 2, groups), resamples=2)
        widths.append(table.band_high[0] - table.band_low[0])
    assert widths[1] > 2 * widths[0]


def test_many_genres_are_drawn_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven genres, of which one never occurs, with a group of several covers, by bisection and by comparing all."""
    dice = np.random.default_rng(5)
    truth, probabilities = dice.integers(0, 6, 230), dice.dirichlet(np.full(7, 0.3), 230).astype(np.float32)
    ids = np.arange(230)
    told = Predictions(ids, 0 * ids, truth, probabilities.argmax(axis=1), probabilities, list("abcdefg"), ids // 3)
    few = consistency_band(told, draws=50)
    monkeypatch.setattr("analysis.evaluation.sure.reliability.MANY", 3)
    np.testing.assert_array_equal(consistency_band(told, draws=50), few)


def drawn(covers: int, temperature: float) -> Predictions:
    from analysis.validation.simulations.sure import judged as draw

    return draw(covers, (0.5, 0.3, 0.2), 1, temperature, np.random.default_rng(8))


def two(probabilities: np.ndarray, truth: np.ndarray, groups: np.ndarray) -> Predictions:
    ids = np.arange(len(truth))
    return Predictions(ids, 0 * ids, truth, probabilities.argmax(axis=1), probabilities, ["folk", "jazz"], groups)
