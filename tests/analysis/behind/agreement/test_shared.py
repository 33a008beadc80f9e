"""Shared neighbours by hand, by chance, and their means."""

import numpy as np
import pytest

from analysis.behind.agreement.shared import chance_share, mean_shares, shared_share


def test_by_hand():
    near = np.array([[1, 2], [0, 2], [3, 1], [2, -1], [-1, -1]])
    other = np.array([[2, 1], [3, 4], [0, 1], [2, 1], [0, 1]])
    np.testing.assert_array_equal(shared_share(near, other), [1, 0, 0.5, 1, np.nan])


def test_nobody_shares_what_is_missing():
    assert shared_share(np.array([[1, -1]]), np.array([[-1, -1]]))[0] == 0


def test_chance_is_what_random_lists_share():
    dice = np.random.default_rng(0)
    groups = np.array([0, 0, 0, *range(3, 40)])

    def drawn() -> np.ndarray:
        return np.stack([dice.permutation(np.flatnonzero(groups != group))[:5] for group in groups])

    found = np.mean([shared_share(drawn(), drawn()) for _ in range(300)], axis=0)
    np.testing.assert_allclose(found[:3].mean(), chance_share(groups, k=5)[0], atol=0.012)
    np.testing.assert_allclose(found[3:].mean(), chance_share(groups, k=5)[3:].mean(), atol=0.004)
    assert chance_share(groups, k=5)[0] == pytest.approx(5 / 37)
    assert chance_share(np.zeros(4, int), k=5)[0] == 1


def test_means_are_those_of_the_shares():
    near, other = np.array([[1], [0], [3], [2], [-1]]), np.array([[1], [2], [3], [0], [-1]])
    genres = np.array([0, 0, 1, 1, 2])
    found = mean_shares(near, other, genres, np.arange(5), classes=3, resamples=200, seed=0)
    np.testing.assert_allclose(found[:3, 0], [0.5, 0.5, 0.5])
    assert (found[:3, 1] < 0.5).all()
    assert (found[:3, 2] > 0.5).all()
    assert np.isnan(found[3]).all()


def test_groups_widen_the_interval():
    """Forty pictures five times each: their lists are the same five times."""
    dice = np.random.default_rng(1)
    pictures = np.arange(200) // 5
    near, other = (np.stack([dice.permutation(40)[:4] * 5 for _ in range(40)])[pictures] for _ in range(2))
    wide, narrow = (
        mean_shares(near, other, np.zeros(200, int), groups, classes=1, resamples=300, seed=0)[0]
        for groups in (pictures, np.arange(200))
    )
    assert wide[2] - wide[1] > 1.4 * (narrow[2] - narrow[1])
