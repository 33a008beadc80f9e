"""Intervals of paired differences and placements, by hand, by brute force and against scikit-learn."""

import numpy as np
import pytest
from scipy.stats import t
from sklearn.metrics import roc_auc_score

from analysis.statistics import paired
from analysis.statistics.paired import difference_interval, placements, placements_of_each


def interval(only_a: int, only_b: int, n: int) -> tuple[float, float]:
    """Of a difference of paired shares, each cover on its own."""
    difference = (only_a - only_b) / n
    variance = ((only_a + only_b) / n - difference**2) / n
    low, high = difference_interval(
        np.array([difference]),
        np.array([variance]),
        step=np.array([1 / n]),
        units=np.array([n]),
        shrunk=np.array([True]),
    )
    return low[0], high[0]


@pytest.mark.parametrize(("only_a", "only_b", "n"), [(0, 0, 12), (8, 2, 30), (3, 3, 20), (40, 11, 400)])
def test_shares_get_the_interval_of_agresti_and_min(only_a, only_b, n):
    """Half a cover added to each of the four cells, then Wald."""
    a, b, whole = only_a + 0.5, only_b + 0.5, n + 2
    center = (a - b) / whole
    half = 1.96 * np.sqrt(((a + b) - (a - b) ** 2 / whole) / whole**2)
    assert interval(only_a, only_b, n) == pytest.approx((center - half, center + half), abs=0.004)


@pytest.mark.parametrize(("units", "freedom"), [(20, 19), (2, 2), (1, 2)])
def test_what_is_no_share_gets_students_interval(units, freedom):
    """Neither drawn to zero nor with a normal quantile; with the two groups that nobody saw in its variance."""
    low, high = difference_interval(
        np.array([0.3]),
        np.array([0.01]),
        step=np.array([0.05]),
        units=np.array([units]),
        shrunk=np.array([False]),
        inflation=1.5,
    )
    half = 1.5 * t(freedom).ppf(0.975) * np.sqrt(0.01 + 0.05**2)
    assert (low[0], high[0]) == pytest.approx((0.3 - half, 0.3 + half))


def test_no_disagreement_is_no_certainty():
    low, high = interval(0, 0, 12)
    assert low < -0.1
    assert high > 0.1


@pytest.mark.parametrize("decimals", [1, 8])
def test_auc_equals_scikit_learns_also_with_ties(decimals):
    rng = np.random.default_rng(1)
    member = rng.random(200) < 0.3
    scores = np.round(rng.random(200) + 0.4 * member, decimals)
    auc, parts = placements(scores, member)
    assert auc == pytest.approx(roc_auc_score(member, scores))
    assert parts.sum() == pytest.approx(0, abs=1e-12)


def test_parts_are_delongs_components_by_brute_force():
    rng = np.random.default_rng(2)
    member = np.arange(30) < 12
    scores = np.round(rng.random(30) + 0.2 * member, 1)
    wins = (scores[:12, None] > scores[12:]) + (scores[:12, None] == scores[12:]) / 2
    auc, parts = placements(scores, member)
    expected = np.append((wins.mean(axis=1) - auc) / 12, (wins.mean(axis=0) - auc) / 18)
    assert parts == pytest.approx(expected)


@pytest.mark.parametrize("few", [0, 16])
def test_placements_of_each_genre_are_those_of_one_after_the_other(monkeypatch, few):
    """Genres of one cover to forty, one without any, beside each other and not, with ties, of chosen rows."""
    monkeypatch.setattr(paired, "FEW", few)
    monkeypatch.setattr(paired, "AT_ONCE", 3)
    dice = np.random.default_rng(3)
    truth = dice.permutation(np.repeat([0, 1, 2, 3, 4, 5, 7, 9, 10], [2, 2, 40, 2, 1, 2, 2, 17, 2]))
    scores, rows = np.round(dice.random((len(truth) + 5, 11)), 1).astype(np.float32), np.arange(len(truth)) + 5
    aucs, parts = np.full(11, np.nan), np.full((11, len(truth)), np.nan)
    for genres, auc, own in placements_of_each(scores, rows, truth):
        aucs[genres], parts[genres] = auc, own
    for genre in range(11):
        auc, own = placements(scores[rows, genre].astype(float), truth == genre)
        assert aucs[genre] == pytest.approx(auc, abs=1e-12)
        np.testing.assert_allclose(parts[genre], own, atol=1e-12)


def test_a_genre_without_others_has_no_auc_to_speak_of():
    assert placements(np.arange(3.0), np.ones(3, bool)) == (0.5, pytest.approx([0, 0, 0]))
    ((_, auc, parts),) = placements_of_each(np.ones((3, 1)), np.arange(3), np.zeros(3, int))
    assert (auc.tolist(), parts.tolist()) == ([0.5], [[0, 0, 0]])
