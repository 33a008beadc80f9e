"""Squares without the part of chance: against the variance by hand and scipy's distribution, and on noise."""

import numpy as np
import pytest
from scipy.stats import ncx2

from analysis.statistics.squares import _noncentrality, squared_means


def test_it_is_the_squared_mean_less_its_variance() -> None:
    """One bin of n gaps, each weighing 1 / n: mean^2 - variance / n, as Kumar et al. 2019 have it."""
    gaps = np.array([0.3, -0.1, 0.4, 0.2, -0.3])
    value, low, high, chance = squared_means(gaps[:, None] / 5, np.ones(1), np.zeros(5, int))
    assert chance == pytest.approx(gaps.var(ddof=1) / 5)
    assert value == pytest.approx(gaps.mean() ** 2 - gaps.var(ddof=1) / 5)
    assert 0 == low <= max(value, 0) < high


def test_noise_is_nothing_on_average() -> None:
    dice, strata = np.random.default_rng(1), np.arange(30) % 3
    sizes = np.full(4, 0.25)
    found = np.array([squared_means(dice.normal(size=(30, 4)) / 30, sizes, strata) for _ in range(300)])
    value, low, high, chance = found.T
    assert abs(value.mean()) < 0.15 * chance.mean()  # three standard errors
    assert (low > 0).mean() <= 0.06
    assert (high > 0).all()


def test_the_interval_holds_a_true_gap() -> None:
    dice, truth = np.random.default_rng(2), 0.25 * 0.3**2
    gaps = np.array([0.3, 0, 0, 0])
    found = [
        squared_means((gaps + dice.normal(size=(80, 4))) / 320, np.full(4, 0.25), np.zeros(80, int)) for _ in range(300)
    ]
    assert np.mean([low <= truth <= high for _, low, high, _ in found]) > 0.92
    assert np.mean([value for value, *_ in found]) == pytest.approx(truth, rel=0.15)


def test_five_copies_in_a_group_are_one() -> None:
    dice = np.random.default_rng(3)
    once = dice.normal(size=(40, 3)) / 40
    assert squared_means(once, np.full(3, 1 / 3), np.zeros(40, int))[0] == pytest.approx(
        squared_means(5 * (once / 5), np.full(3, 1 / 3), np.zeros(40, int))[0]
    )
    apart = squared_means(np.repeat(once / 5, 5, axis=0), np.full(3, 1 / 3), np.zeros(200, int))
    assert apart[3] < squared_means(once, np.full(3, 1 / 3), np.zeros(40, int))[3] / 4


@pytest.mark.parametrize(("seen", "freedom", "share"), [(15.0, 3.5, 0.975), (4.0, 3.5, 0.025), (30_000.0, 12.0, 0.025)])
def test_the_noncentrality_is_scipys(seen: float, freedom: float, share: float) -> None:
    assert ncx2.cdf(seen, freedom, _noncentrality(seen, freedom, share)) == pytest.approx(share, abs=1e-3)


def test_nothing_has_no_value() -> None:
    assert np.isnan(squared_means(np.zeros((0, 2)), np.zeros(2), np.zeros(0, int))).all()


def test_very_many_bins_without_a_matrix_of_them(monkeypatch):
    dice = np.random.default_rng(6)
    sums, sizes = dice.normal(size=(120, 300)) * (dice.random((120, 300)) < 0.2), np.full(300, 1 / 300)
    strata = dice.integers(0, 30, 120)
    whole = squared_means(sums, sizes, strata)
    monkeypatch.setattr("analysis.statistics.squares.MANY", 100)
    monkeypatch.setattr("analysis.statistics.squares.BLOCK", 50)
    assert np.allclose(squared_means(sums, sizes, strata), whole, rtol=1e-5)
    monkeypatch.setattr("analysis.statistics.squares.ASKED", 60)
    assert np.allclose(squared_means(sums, sizes, strata), whole, rtol=0.1)
