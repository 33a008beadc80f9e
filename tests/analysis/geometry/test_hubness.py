"""Hubs are measured as by scipy, and fall back in the corrected lists."""

import numpy as np
import pytest
from scipy import stats

from analysis.geometry.hubness import corrected_neighbors, hubness_skewness
from analysis.geometry.neighbors import neighbor_graph


def test_hubness_is_the_skewness_of_how_often_a_cover_is_a_neighbour():
    rows = np.random.default_rng(0).integers(0, 50, size=(50, 20)) ** 2 // 50
    assert hubness_skewness(rows) == pytest.approx(stats.skew(np.bincount(rows[:, :10].ravel(), minlength=50)))
    assert hubness_skewness(np.array([[1], [0]])) == 0


def test_five_covers_by_hand():
    """With k = 2 the mean similarities are .85, .85, .76, .45 and .05, for 4 has only one neighbour."""
    rows = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [2, 0, 1], [2, -1, -1]])
    similarities = np.array(
        [[0.9, 0.8, 0.5], [0.9, 0.8, 0.3], [0.8, 0.72, 0.59], [0.5, 0.4, 0.3], [0.05, np.nan, np.nan]]
    )
    # Of 0: 1.8 - .85, 1.6 - .76, 1.0 - .45. Of 1: 1.8 - .85, 1.6 - .76, .6 - .45. Of 3: 1.0 - .76, .8 - .85, .6 - .85.
    # Of 2: 1.6 - .85 = .75, 1.44 - .85 = .59, 1.18 - .45 = .73.
    expected = [[1, 2, 3], [0, 2, 3], [0, 3, 1], [2, 0, 1], [2, -1, -1]]
    np.testing.assert_array_equal(corrected_neighbors(rows, similarities, k=2), expected)


def test_a_hub_falls_behind_a_cover_that_is_near_to_nobody_else():
    rows = np.array([[1, 2], [0, 2], [0, 1], [1, 0]])
    similarities = np.array([[0.9, 0.3], [0.9, 0.35], [0.3, 0.25], [0.8, 0.7]])
    # Means .6, .625, .275, .75. Of 0: 1.8 - .625 > .6 - .275, and so on down.
    np.testing.assert_array_equal(corrected_neighbors(rows, similarities), rows)
    similarities[0] = [0.9, 0.8]  # 2 is nearly as near to 0 as 1 is, and near to few: 1.6 - .275 > 1.8 - .625
    np.testing.assert_array_equal(corrected_neighbors(rows, similarities)[0], [2, 1])


def test_hubs_are_made_and_corrected():
    vectors = np.random.default_rng(0).normal(size=(800, 60)).astype(np.float32)
    vectors *= np.random.default_rng(1).uniform(0.2, 1, size=(800, 1)).astype(np.float32)
    vectors += 0.7  # whoever is short lies towards the common mean, and is everybody's neighbour
    rows, similarities = neighbor_graph(vectors, np.arange(800), k=50)
    corrected = corrected_neighbors(rows, similarities)
    np.testing.assert_array_equal(np.sort(corrected, axis=1), np.sort(rows, axis=1))
    assert hubness_skewness(rows) > 2
    assert hubness_skewness(corrected) < hubness_skewness(rows) / 2


def test_short_lists_stay_padded():
    rows, similarities = neighbor_graph(np.eye(3, dtype=np.float32), np.array([0, 0, 1]), k=2)
    np.testing.assert_array_equal(corrected_neighbors(rows, similarities), [[2, -1], [2, -1], [0, 1]])
    assert corrected_neighbors(np.zeros((0, 0), int), np.zeros((0, 0))).shape == (0, 0)
