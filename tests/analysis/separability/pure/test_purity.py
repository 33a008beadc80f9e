"""Purity by hand, and against what is known of random neighbours."""

import numpy as np
import pytest

from analysis.geometry.neighbors import neighbor_graph
from analysis.separability.pure.purity import (
    above_chance,
    expected_purity,
    genre_purity,
    nearest_accuracy,
)


def once(n):
    return np.ones((1, n), np.uint8)


def test_purity_of_five_covers_by_hand():
    neighbors = np.array([[1, 2], [0, 3], [0, -1], [4, 2], [-1, -1]])
    genres = np.array([[0, 0, 1, 1, 1]])
    # genre 0: cover 0 has one of two alike, cover 1 too; genre 1: none of one, two of two, cover 4 has no neighbour.
    np.testing.assert_allclose(genre_purity(neighbors, genres, once(5), classes=2), [[0.5, 0.5]])
    # Cover 0 drawn twice, cover 2 not at all: cover 0 has one of one alike, cover 1 two of three, cover 3 one of one.
    weights = np.array([[2, 1, 0, 1, 1]], np.uint8)
    np.testing.assert_allclose(genre_purity(neighbors, genres, weights, classes=2), [[(2 * 1 + 2 / 3) / 3, 1]])


def test_expected_purity_is_the_share_among_covers_outside_the_own_group():
    genres, groups = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 2, 3, 4])
    expected = expected_purity(np.stack([genres, genres[::-1]]), groups, classes=3)
    by_hand = [[(1 / 3 + 1 / 3 + 2 / 4) / 3, 1 / 4, np.nan], [2 / 4, 0, np.nan]]
    np.testing.assert_allclose(expected, by_hand)


def test_purity_of_random_neighbours_is_the_expected_one():
    rng = np.random.default_rng(0)
    codes, groups = rng.integers(3, size=400), np.arange(400) // 2 * 2
    rows, _ = neighbor_graph(rng.normal(size=(400, 40)).astype(np.float32), groups, k=100)
    found = genre_purity(rows, codes[None], once(400), classes=3)[0]
    np.testing.assert_allclose(found, expected_purity(codes[None], groups, classes=3)[0], atol=0.02)


def test_purity_above_chance_is_cohens_kappa():
    np.testing.assert_allclose(above_chance(np.array([0.2, 0.6, 1.0]), np.array([0.2, 0.2, 0.9])), [0, 0.5, 1])
    assert np.isnan(above_chance(np.array([1.0]), np.array([1.0]))).all()


def test_nearest_accuracy_counts_covers_with_a_neighbour():
    neighbors = np.array([[1, 2], [0, 2], [0, 1], [-1, -1]])
    assert nearest_accuracy(neighbors, np.array([0, 0, 1, 1])) == pytest.approx(2 / 3)
    assert np.isnan(nearest_accuracy(np.full((2, 1), -1), np.array([0, 1])))
