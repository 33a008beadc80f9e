"""Intervals of means over genres, by hand."""

import numpy as np
import pytest

from analysis.statistics.means import correlation, covariance, mean_interval

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


def test_covariances_are_numpys():
    replicates = np.random.default_rng(0).normal(size=(50, 3))
    assert covariance(replicates) == pytest.approx(np.cov(replicates, rowvar=False))
    assert covariance(np.empty((0, 2))).tolist() == [[0, 0], [0, 0]]
