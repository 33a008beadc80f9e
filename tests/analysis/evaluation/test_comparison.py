"""McNemar, Holm and the paired bootstrap, by hand and against scipy."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from analysis.evaluation.comparison import compare, holm, mcnemar
from analysis.evaluation.predictions import Predictions
from data.errors import GenrescopeError

GENRES = ["Folk", "Jazz", "Pop"]


def predictions_of(truth, predicted, *, groups=None, title="") -> Predictions:
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    groups = np.arange(len(truth)) if groups is None else groups
    once = np.zeros(len(truth), int)
    return Predictions(np.arange(len(truth)), once, truth, predicted, np.eye(3)[predicted], GENRES, groups, title)


@pytest.fixture
def pair() -> tuple[Predictions, Predictions]:
    """900 covers; a is right on 70 %, b on 50 %, except that both are equally good on Pop."""
    rng = np.random.default_rng(3)
    truth = np.repeat([0, 1, 2], 300)
    wrong = (truth + 1) % 3
    a = np.where(rng.random(900) < 0.7, truth, wrong)
    b = np.where(rng.random(900) < np.where(truth == 2, 0.7, 0.4), truth, wrong)
    return predictions_of(truth, a), predictions_of(truth, b)


def test_mcnemar_by_hand():
    """8 discordant covers, 1 of them for a: 2 * (1 + 8) / 2**8; none discordant: no evidence; balanced: p is 1."""
    assert mcnemar(np.array([1, 7, 0, 4]), np.array([7, 1, 0, 4])) == pytest.approx([18 / 256, 18 / 256, 1, 1])


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 5), (12, 30), (3, 2), (900, 1000), (5000, 5400)])
def test_mcnemar_equals_the_binomial_test(only_a, only_b):
    expected = stats.binomtest(only_a, only_a + only_b, 0.5).pvalue
    assert mcnemar(np.array([only_a]), np.array([only_b]))[0] == pytest.approx(expected, rel=1e-9)


def test_holm_by_hand():
    """Sorted 0.01, 0.02, 0.03, 0.4 times 4, 3, 2, 1, never falling, at most 1."""
    assert holm(np.array([0.03, 0.01, 0.4, 0.02])) == pytest.approx([0.06, 0.04, 0.4, 0.06])
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1, 1])


def test_five_covers_by_hand():
    a = predictions_of([0, 0, 1, 1, 2], [0, 0, 1, 0, 0])
    b = predictions_of([0, 0, 1, 1, 2], [0, 1, 1, 1, 1])
    table = compare(a, b)
    assert list(table.genre) == [None, *GENRES]
    assert list(table.covers) == [5, 2, 2, 1]
    assert list(table.accuracy_a) == pytest.approx([0.6, 1, 0.5, 0])
    assert list(table.accuracy_b) == pytest.approx([0.6, 0.5, 1, 0])
    assert list(table.difference) == pytest.approx([0, 0.5, -0.5, 0])
    assert list(table.only_a) == [1, 1, 0, 0]
    assert list(table.only_b) == [1, 0, 1, 0]
    assert list(table.p_value) == [1, 1, 1, 1]


def test_a_planted_advantage_is_found_where_it_is(pair):
    table = compare(*pair).set_index(compare(*pair).genre.fillna("all"))
    assert (table.p_adjusted[["Folk", "Jazz"]] < 0.001).all()
    assert table.p_adjusted["Pop"] > 0.05
    assert table.p_adjusted["all"] == table.p_value["all"]
    assert (table.low[["all", "Folk", "Jazz"]] > 0).all()
    assert table.low["Pop"] < 0 < table.high["Pop"]
    assert table.p_adjusted[GENRES].tolist() == pytest.approx(stats_holm(table.p_value[GENRES].tolist()))


def stats_holm(p_values: list[float]) -> list[float]:
    """Holm's definition word for word: each p times the number of p-values not smaller, at least its predecessor's."""
    ranked = sorted(p_values)
    steps = [min(1, (len(ranked) - i) * p) for i, p in enumerate(ranked)]
    return [max(steps[: ranked.index(p) + 1]) for p in p_values]


def test_interval_of_the_difference_is_paired(pair):
    """The variance of a difference of paired covers, not the sum of two variances."""
    a, b = pair
    gains = (a.predicted == a.truth).astype(int) - (b.predicted == b.truth)
    half = 1.96 * gains.std() / np.sqrt(len(gains))
    row = compare(a, b, resamples=4000).iloc[0]
    assert (row.low, row.high) == pytest.approx((gains.mean() - half, gains.mean() + half), abs=0.006)
    same = compare(a, a)
    assert (same.low == 0).all()
    assert (same.high == 0).all()


def test_groups_widen_the_interval(pair):
    groups = np.arange(900) // 30
    a, b = (dataclasses.replace(side, groups=groups) for side in pair)
    # Within a group all covers now share one fate, so only 30 independent facts are left.
    a, b = (
        dataclasses.replace(side, predicted=np.where(right(side), side.truth, (side.truth + 1) % 3)) for side in (a, b)
    )
    loose = [dataclasses.replace(side, groups=np.arange(900)) for side in (a, b)]
    grouped, single = compare(a, b).iloc[0], compare(*loose).iloc[0]
    assert grouped.high - grouped.low > 3 * (single.high - single.low)


def right(side: Predictions) -> np.ndarray:
    """Whether the first cover of each cover's group is predicted rightly."""
    first = side.groups * 30
    return side.predicted[first] == side.truth[first]


def test_other_test_covers_are_refused(pair):
    a, b = pair
    other = dataclasses.replace(b, cover_ids=b.cover_ids + 450, title="knn on color, split 'random'")
    with pytest.raises(GenrescopeError, match=r"split 'random'.* 450 of them shared.*same split"):
        compare(a, other)
