"""How curves go on: laws that are known are found, and what is not known is wide."""

import numpy as np
import pytest
from scipy.stats import norm

from analysis.behind.learning_curves.extrapolation import ROUGH, extrapolate, points, separability_at
from analysis.behind.learning_curves.learning_curve import last_doubling
from analysis.behind.learning_curves.words import HELPS, NOTHING, OPEN, sentence, verdict

SHARES = 2.0 ** (np.arange(-8, 1) / 2)


def law(shares: np.ndarray, *, half: float, exponent: float = 1.0, most: float = 2.0) -> np.ndarray:
    """Separability by the law: 1 / z^2 = 1 / most^2 (1 + (half / share)^exponent)."""
    return separability_at(most / np.sqrt(1 + (half / shares) ** exponent))


def noise(sd: float) -> np.ndarray:
    """Covariance of values that share most of their error."""
    return sd**2 * (0.97 * np.ones((len(SHARES), len(SHARES))) + 0.03 * np.eye(len(SHARES)))


@pytest.mark.parametrize(("half", "exponent"), [(0.05, 1.0), (0.5, 1.0), (0.3, 0.6), (5.0, 0.8)])
def test_a_law_is_continued(half, exponent):
    values = law(SHARES, half=half, exponent=exponent)
    at = np.array([1.0, 2.0, 4.0])
    there, gained = extrapolate(SHARES, values, noise(0.005), at)
    truth = law(at, half=half, exponent=exponent)
    assert (there[:, 1] <= truth).all()
    assert (truth <= there[:, 2]).all()
    assert (gained[:, 1] <= truth - truth[0]).all()
    assert (truth - truth[0] <= gained[:, 2]).all()
    np.testing.assert_allclose(there[:, 0], truth, atol=0.03)
    assert gained[0] == pytest.approx([0, -ROUGH, ROUGH])


def test_farther_ahead_and_from_less_it_is_less_sure():
    values = law(SHARES, half=0.5)
    _, gained = extrapolate(SHARES, values, noise(0.01), np.array([2.0, 4.0]))
    assert gained[1, 2] - gained[1, 1] > 1.5 * (gained[0, 2] - gained[0, 1])
    _, noisy = extrapolate(SHARES, values, noise(0.1), np.array([2.0]))
    assert noisy[0, 2] - noisy[0, 1] > 1.2 * (gained[0, 2] - gained[0, 1])


def test_too_few_steps_say_nothing():
    values = law(SHARES, half=0.5)
    values[:5] = np.nan
    there, gained = extrapolate(SHARES, values, noise(0.01), np.array([2.0]))
    assert np.isnan(there).all()
    assert np.isnan(gained).all()


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1])
def test_the_ends_of_the_scale(value):
    there, gained = extrapolate(SHARES, np.full(len(SHARES), value), noise(1e-3), np.array([2.0, 4.0]))
    assert np.isfinite(there).all()
    assert np.abs(gained[:, 0]).max() < 0.03


def test_separability_of_a_distance_is_that_of_two_normals():
    z = np.array([0.0, 0.7, 2.0])
    np.testing.assert_allclose(separability_at(z), 2 * norm.cdf(z / np.sqrt(2)) - 1)


def test_intervals_of_points_stay_on_the_scale():
    low, high = points(np.array([0.0, 0.5, 0.999, 1.0]), 0.02**2 * np.eye(4), 100)
    assert (low < [0.0, 0.5, 0.999, 1.0]).all()
    assert (high >= [0.0, 0.5, 0.999, 1.0]).all()
    assert high.max() <= 1
    assert high[1] - low[1] == pytest.approx(2 * 1.984 * 0.02, rel=0.02)


def test_the_last_doubling_is_foretold():
    values = law(SHARES, half=0.3)
    measured, value, low, high = last_doubling(SHARES, values, noise(0.005))
    assert measured == pytest.approx(values[-1] - law(np.array([0.5]), half=0.3)[0])
    assert low < value < high
    broken = values.copy()
    broken[-1] += 0.2
    found = last_doubling(SHARES, broken, noise(0.005))
    assert verdict(np.array([0.05, 0.03, 0.07]), found) == OPEN


@pytest.mark.parametrize(
    ("gained", "said"),
    [
        ((0.04, 0.011, 0.07), HELPS),
        ((0.005, -0.01, 0.019), NOTHING),
        ((0.015, 0.005, 0.03), OPEN),
        ((0.015, 0.012, 0.018), HELPS),
        ((np.nan, np.nan, np.nan), OPEN),
    ],
)
def test_verdicts(gained, said):
    assert verdict(np.array(gained), None) == said
    assert verdict(np.array(gained), [0.02, 0.02, 0.01, 0.03]) == said
    text = sentence("Jazz", said, 0.4, gained)
    assert text.startswith("Jazz: ")
    assert ("would help;" in text) == (said == HELPS)
    assert ("overlap" in text) == (said == NOTHING)
