"""Intervals against scipy, at the edge, and by how often they hold the truth."""

import numpy as np
import pytest
from scipy.stats import binomtest, t, ttest_ind

from analysis.statistics.intervals import (
    effective_size,
    joint_size,
    plain_interval,
    range_interval,
    share_interval,
    variance,
)
from analysis.statistics.resampling import bootstrap_weights


def shares(right, groups, *, seed=0, resamples=400):
    """Value, replicates and effective size of the share of covers told right."""
    weights = bootstrap_weights(np.zeros(len(right), int), groups, resamples=resamples, seed=seed)
    return np.array([right.mean()]), (weights @ right / weights.sum(axis=1))[:, None], effective_size(groups)


def test_the_effective_size_is_kishs():
    assert effective_size(np.array([0, 1, 2, 3])) == 4
    assert effective_size(np.array([0, 0, 1, 1, 2, 3])) == pytest.approx(36 / 10)
    assert effective_size(np.zeros(50)) == 1
    assert effective_size(np.zeros(1)) == 1
    assert effective_size(np.empty(0)) == 0


def test_the_joint_size_is_welchs():
    """Against scipy's degrees of freedom of the difference of two means."""
    dice = np.random.default_rng(0)
    a, b = dice.normal(0, 3, 20), dice.normal(0, 1, 100)
    variances = np.array([a.var(ddof=1) / 20, b.var(ddof=1) / 100])
    assert joint_size(variances, np.array([20, 100])) == pytest.approx(1 + ttest_ind(a, b, equal_var=False).df)
    assert joint_size(np.zeros(2), np.array([20, 100])) == 120


def test_of_independent_covers_it_is_wilsons():
    right = (np.arange(500) % 5 < 2).astype(float)
    low, high = share_interval(*shares(right, np.arange(500), resamples=20_000))
    expected = binomtest(200, 500).proportion_ci(method="wilson")
    np.testing.assert_allclose([low[0], high[0]], [expected.low, expected.high], atol=0.003)


@pytest.mark.parametrize("size", [1, 2, 5, 40])
def test_it_is_wilsons_by_hand_with_what_the_bootstrap_saw(size):
    """A share of .4 whose replicates vary by .01; without one more cover than one, by one degree of freedom."""
    replicates = np.array([[0.3], [0.4], [0.5]])
    seen = 0.01 * size / max(size - 1, 1)
    design = (seen * size + 0.1 / size) / (0.24 + 0.1 / size)
    count, z = size / design, t(max(size - 1, 1)).ppf(0.975)
    expected = [
        (0.4 + z**2 / (2 * count) + sign * z * np.sqrt(0.24 / count + z**2 / (4 * count**2))) / (1 + z**2 / count)
        for sign in (-1, 1)
    ]
    np.testing.assert_allclose(np.ravel(share_interval(np.array([0.4]), replicates, size)), expected)


@pytest.mark.parametrize("count", [12, 40, 200])
def test_all_right_is_no_certainty(count):
    low, high = share_interval(*shares(np.ones(count), np.arange(count)))
    expected = binomtest(count, count).proportion_ci(method="wilson")
    assert high[0] == pytest.approx(1)
    assert low[0] == pytest.approx(expected.low, abs=0.06)
    assert low[0] < 1


def test_groups_that_share_their_fate_count_as_one():
    right = np.repeat(np.arange(40) % 2, 10).astype(float)
    single = share_interval(*shares(right, np.arange(400)))
    grouped = share_interval(*shares(right, np.repeat(np.arange(40), 10)))
    assert (grouped[1] - grouped[0])[0] == pytest.approx(np.sqrt(10) * (single[1] - single[0])[0], rel=0.15)


@pytest.mark.parametrize(("count", "truth", "size"), [(20, 0.5, 1), (20, 0.95, 1), (60, 0.2, 3), (1000, 0.99, 1)])
def test_shares_are_held_in_95_of_100_cases(count, truth, size):
    dice = np.random.default_rng(3)
    groups, held = np.repeat(np.arange(count), size), []
    for draw in range(400):
        right = (dice.random(count) < truth)[groups].astype(float)
        low, high = share_interval(*shares(right, groups, seed=draw, resamples=200))
        held.append(low[0] <= truth <= high[0])
    assert 0.92 <= np.mean(held) <= 0.985


def test_values_of_other_ranges_stay_in_them():
    replicates = np.random.default_rng(0).normal(0.9, 0.03, (300, 1))
    low, high = range_interval(np.array([0.9]), replicates, 30)
    assert 0.75 < low[0] < 0.86 < 0.92 < high[0] < 0.97
    low, high = range_interval(np.array([-1.0]), np.full((9, 1), -1.0), 30)
    assert low[0] == pytest.approx(-1)
    assert high[0] > -0.95


def test_losses_have_students_interval():
    losses = np.random.default_rng(0).exponential(size=30)
    weights = bootstrap_weights(np.zeros(30, int), np.arange(30), resamples=20_000, seed=1)
    low, high = plain_interval(losses[None].mean(axis=1), (weights @ losses / 30)[:, None], 30)
    expected = t(29, losses.mean(), losses.std() / np.sqrt(30)).interval(0.95)
    np.testing.assert_allclose([low[0], high[0]], expected, rtol=0.02)


def test_a_loss_of_one_cover_has_the_others_spread():
    """Smyth 2004: variances (9 v1 + 2 v) / 11 and v, v being v1's; by t with 11 and 2 degrees of freedom."""
    losses = np.random.default_rng(0).exponential(size=10)
    replicates = np.column_stack(
        [losses[np.random.default_rng(1).integers(10, size=(40_000, 10))].mean(axis=1), np.ones(40_000)]
    )
    low, high = plain_interval(np.array([losses.mean(), 1.0]), replicates, np.array([10.0, 1.0]))
    spread = losses.std(ddof=1)
    expected = [t(11).ppf(0.975) * spread / np.sqrt(10), t(2).ppf(0.975) * spread]
    np.testing.assert_allclose((high - low) / 2, expected, rtol=0.02)


def test_what_was_not_measured_has_no_interval():
    replicates = np.array([[0.5, np.nan], [0.6, np.nan], [np.nan, np.nan]])
    np.testing.assert_allclose(variance(replicates), [0.005, np.nan])
    for interval in (share_interval, plain_interval):
        low, high = interval(np.array([0.55, np.nan]), replicates, 20)
        assert np.isfinite([low[0], high[0]]).all()
        assert np.isnan([low[1], high[1]]).all()
        assert np.isnan(interval(np.array([0.5]), np.empty((0, 1)), 20)).all()
