"""Calibration: nothing where there is nothing, what was planted where there is, on the shelf that is meant."""

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss
from sklearn.utils.class_weight import compute_sample_weight

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import score, value_of
from analysis.evaluation.sure.calibration import calibration
from analysis.validation.simulations.sure import judged, plain_error


def test_ten_genres_perfectly_calibrated_on_120_covers_are_not_called_wrong() -> None:
    """The usual error is .08 to .11 there, with an interval that leaves out 0 every time."""
    told = [judged(120, (0.1,) * 10, 1, 1.0, np.random.default_rng(seed)) for seed in range(40)]
    found = [calibration(each) for each in told]
    assert np.mean([plain_error(each) for each in told]) > 0.07
    assert np.mean([each.error[0] for each in found]) < 0.04
    assert abs(np.mean([each.miscalibration[0] for each in found])) < 0.01
    assert np.mean([each.error[1] > 0 for each in found]) <= 0.1
    assert all(each.error[2] > each.error[1] for each in found)


def test_a_planted_gap_is_found_with_many_covers() -> None:
    """Whoever says .7 and is right in .5 of the cases is .2 off, and its Brier score by 2 * .2^2."""
    truth = np.arange(4000) % 2
    predicted = np.where(np.arange(4000) % 4 < 2, truth, 1 - truth)
    found = calibration(two_genres(truth, predicted, 0.7))
    assert found.error[0] == pytest.approx(0.2, abs=0.002)
    assert found.error[1] < 0.2 < found.error[2]
    assert found.miscalibration[0] == pytest.approx(2 * 0.2**2, abs=0.002)


def two_genres(truth: np.ndarray, predicted: np.ndarray, sure: float) -> Predictions:
    ids = np.arange(len(truth))
    probabilities = np.where(np.eye(2)[predicted] > 0, sure, 1 - sure)
    return Predictions(ids, 0 * ids, truth, predicted, probabilities, ["folk", "jazz"], ids)


def test_it_is_about_a_shelf_of_equally_frequent_genres() -> None:
    """Of 900 folk and 100 jazz covers .8 are told right, each said with .8: calibrated for equal shares, though
    of 180 + 80 covers called jazz, said with .8 as well, less than a third are."""
    truth = np.repeat([0, 1], [900, 100])
    predicted = np.where(np.arange(1000) % 5 > 0, truth, 1 - truth)
    assert calibration(two_genres(truth, predicted, 0.8)).error[0] == 0
    assert calibration(two_genres(truth, predicted, 0.8)).miscalibration[0] < 0.001


def test_repeats_of_a_cover_are_one_piece_of_evidence() -> None:
    once = judged(200, (0.25,) * 4, 1, 1.0, np.random.default_rng(5))
    thrice = dataclasses.replace(
        once,
        repeat=np.repeat(np.arange(3), len(once.truth)),
        **{
            name: np.concatenate([getattr(once, name)] * 3)
            for name in ("cover_ids", "truth", "predicted", "probabilities", "groups")
        },
    )
    np.testing.assert_allclose(calibration(thrice).error, calibration(once).error, atol=1e-9)
    np.testing.assert_allclose(calibration(thrice).miscalibration, calibration(once).miscalibration, atol=1e-9)


def test_the_brier_score_is_scikit_learns_and_falls_into_two_parts() -> None:
    told = judged(300, (0.6, 0.3, 0.1), 1, 0.5, np.random.default_rng(6))
    table = score(told, resamples=50)
    brier, low, high = value_of(table, "brier")
    weights = compute_sample_weight("balanced", told.truth)
    expected = brier_score_loss(
        told.truth, told.probabilities, sample_weight=weights, labels=[0, 1, 2], scale_by_half=False
    )
    assert brier == pytest.approx(expected)
    assert low < brier < high
    parts = [value_of(table, name)[0] for name in ("miscalibration", "refinement")]
    assert sum(parts) == pytest.approx(brier)
    assert np.isnan(value_of(score(told, resamples=0), "calibration_error")[1:]).all()


def test_one_cover_and_one_genre_break_nothing() -> None:
    told = judged(60, (0.5, 0.5), 1, 1.0, np.random.default_rng(7))
    one = dataclasses.replace(
        told,
        **{
            name: getattr(told, name)[:1]
            for name in ("cover_ids", "repeat", "truth", "predicted", "probabilities", "groups")
        },
    )
    assert calibration(one).error[0] == pytest.approx(0)
