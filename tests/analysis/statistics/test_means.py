"""Intervals of means over genres, by hand."""

import numpy as np
import pytest
from scipy.sparse import csc_array

from analysis.statistics.means import correlation, mean_interval, mean_interval_of, mean_interval_resampled

VALUES, LOW, HIGH = np.array([0.6, 1.0]), np.array([0.5, 0.2]), np.array([0.9, 1.0])


def test_distances_to_the_bounds_add_up_as_errors_do():
    """Independent: below sqrt(0.1^2 + 0.8^2) / 2, above sqrt(0.3^2 + 0) / 2."""
    low, high = mean_interval(VALUES, LOW, HIGH, np.diag([0.1, 0.2]))
    assert (low, high) == pytest.approx((0.8 - np.sqrt(0.65) / 2, 0.8 + 0.15))


@pytest.mark.parametrize(("r", "below"), [(1.0, 0.9), (-1.0, 0.7), (0.5, np.sqrt(0.65 + 0.08))])
def test_what_hangs_together_adds_up_the_more(r, below):
    """Zou 2007: d1^2 + d2^2 + 2 r d1 d2."""
    low, _ = mean_interval(VALUES, LOW, HIGH, np.array([[4, 2 * r], [2 * r, 1]]))
    assert low == pytest.approx(0.8 - below / 2)


def test_what_does_not_vary_hangs_together_with_nothing():
    assert correlation(np.array([[4.0, 1.0], [1.0, 0.0]])).tolist() == [[1, 0], [0, 1]]
    assert correlation(np.zeros((2, 2))).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("kind", [np.asarray, csc_array])
def test_without_a_matrix_of_covariances_the_interval_is_the_same(kind):
    dice = np.random.default_rng(0)
    moved = dice.normal(size=(50, 5)) @ dice.normal(size=(5, 5))
    moved[:, 2] = 0  # does not vary
    values, low, high = dice.random(5), -dice.random(5), 1 + dice.random(5)
    expected = mean_interval(values, low, high, moved.T @ moved)
    assert mean_interval_of(values, low, high, kind(moved)) == pytest.approx(expected, abs=1e-12)


def test_replicates_stand_for_their_covariance():
    dice = np.random.default_rng(1)
    replicates = 5 + dice.normal(size=(50, 4)) @ dice.normal(size=(4, 4))
    replicates[:, 1] = 0.7
    values, low, high = dice.random(4), -dice.random(4), 1 + dice.random(4)
    expected = mean_interval(values, low, high, np.cov(replicates, rowvar=False))
    assert mean_interval_resampled(values, low, high, replicates) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("resamples", [0, 1])
def test_no_replicates_hang_together_with_nothing(resamples):
    found = mean_interval_resampled(VALUES, LOW, HIGH, np.ones((resamples, 2)))
    assert found == pytest.approx(mean_interval(VALUES, LOW, HIGH, np.zeros((2, 2))))
