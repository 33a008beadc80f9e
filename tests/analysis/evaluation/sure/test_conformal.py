"""Prediction sets: p-values by hand and by brute force with groups, thresholds that say the same."""

import numpy as np
import pytest

from analysis.evaluation.sure.conformal import p_values, thresholds


def test_five_covers_by_hand() -> None:
    """Folk .9 .6 .3, Jazz .8 and .5 (of folk .2, .5). The first: of folk beside itself two, both at most .9."""
    folk = np.array([0.9, 0.6, 0.3, 0.2, 0.5])
    found = p_values(np.column_stack([folk, 1 - folk]), np.array([0, 0, 0, 1, 1]), np.arange(5))
    assert found[:, 0] == pytest.approx([3 / 3, 2 / 3, 1 / 3, 1 / 4, 2 / 4])
    assert found[:, 1] == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 2, 1 / 2])


def brute(probabilities: np.ndarray, truth: np.ndarray, groups: np.ndarray, cover: int, genre: int) -> float:
    others = [group for group in np.unique(groups[truth == genre]) if group != groups[cover]]
    shares = [
        np.mean(probabilities[(groups == g) & (truth == genre), genre] <= probabilities[cover, genre]) for g in others
    ]
    return (1 + sum(shares)) / (1 + len(others))


@pytest.fixture
def shelf() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """150 covers of three genres in groups of one to some twenty, of which some hold several genres."""
    dice = np.random.default_rng(4)
    groups = np.sort(dice.integers(40, size=150) ** 2 // 40)
    return dice.dirichlet(np.ones(3), 150).round(2), dice.choice(3, size=150, p=[0.7, 0.25, 0.05]), groups


def test_groups_count_once_and_never_their_own(shelf: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    found = p_values(*shelf)
    expected = [[brute(*shelf, cover, genre) for genre in range(3)] for cover in range(150)]
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_thresholds_are_the_p_values_of_a_new_cover(
    shelf: tuple[np.ndarray, np.ndarray, np.ndarray], level: float
) -> None:
    probabilities, truth, groups = shelf
    least = thresholds(probabilities, truth, groups, level=level)
    for value in np.linspace(0, 1, 41):
        new = np.vstack([probabilities, np.full(3, value)]), np.append(truth, -1), np.append(groups, -1)
        inside = p_values(*new)[-1] > 1 - level + 1e-9
        assert (inside == (value >= least)).all()


def test_a_genre_of_too_few_groups_is_in_every_set() -> None:
    dice = np.random.default_rng(5)
    least = thresholds(dice.dirichlet(np.ones(3), 29), np.repeat([0, 1, 2], [20, 9, 0]), np.arange(29))
    assert least[0] > 0
    assert least[1] > 0 == least[2]
    assert thresholds(dice.dirichlet(np.ones(2), 28), np.repeat([0, 1], [20, 8]), np.arange(28))[1] == 0
