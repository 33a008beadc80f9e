"""Swaps of whole groups by full enumeration, against scipy, and by hand."""

from itertools import product

import numpy as np
import pytest
from scipy import stats
from scipy.sparse import csc_array, csr_array

from analysis.statistics.randomization import flipped_sums, flipped_sums_of, inflation, largest_p, randomization_p


def test_few_groups_are_enumerated():
    differences = np.array([[3.0, 1.0], [1.0, 0.0], [2.0, -1.0], [0.5, 0.25], [-1.0, 2.0]])
    expected = [np.array(signs) @ differences for signs in product([1, -1], repeat=5)]
    found = flipped_sums(differences, flips=2000)
    assert sorted(map(tuple, found)) == sorted(map(tuple, expected))
    assert found[0].tolist() == differences.sum(axis=0).tolist()
    reached = np.mean([abs(row[0]) >= 5.5 for row in expected])
    assert randomization_p(differences.sum(axis=0), found, groups=5)[0] == reached


def test_random_swaps_come_near_the_enumeration():
    differences = np.random.default_rng(1).normal(0.4, 1, size=(10, 1))
    observed = differences.sum(axis=0)
    exact = randomization_p(observed, flipped_sums(differences, flips=2000), groups=10)
    drawn = randomization_p(
        observed, flipped_sums(np.vstack([differences, np.zeros((5000, 1))]), flips=5000), groups=5010
    )
    assert 0.01 < exact[0] < 0.6
    assert drawn == pytest.approx(exact, abs=0.01)


def test_p_of_a_mean_equals_scipys():
    gains = np.random.default_rng(4).integers(-1, 2, size=(200, 1)) + (np.arange(200)[:, None] % 7 == 0)
    found = randomization_p(gains.sum(axis=0), flipped_sums(gains, flips=9999), groups=200)[0]
    theirs = stats.permutation_test(
        (gains[:, 0], np.zeros(200)),
        lambda a, b: np.mean(a - b),
        permutation_type="samples",
        n_resamples=9999,
        rng=np.random.default_rng(1),
    )
    assert found == pytest.approx(theirs.pvalue, abs=0.01)


def test_blocks_and_sparse_rows_change_nothing(monkeypatch):
    differences = np.random.default_rng(2).integers(-2, 3, size=(50, 3)).astype(float)
    dense = flipped_sums(differences, flips=100, seed=7)
    assert np.array_equal(flipped_sums(csr_array(differences), flips=100, seed=7), dense)
    assert not np.array_equal(flipped_sums(differences, flips=100, seed=8), dense)
    thin = np.where(np.arange(50)[:, None] % 25 == 3, differences, 0)
    both = np.column_stack([thin[:, :2], differences, thin[:, 2]])
    assert np.array_equal(flipped_sums(csr_array(both), flips=100, seed=7), flipped_sums(both, flips=100, seed=7))
    monkeypatch.setattr("analysis.statistics.randomization.BLOCK", 16)
    blocks = flipped_sums(differences, flips=4000, seed=7)
    # Independent signs: the variance is the sum of the squares.
    assert blocks.var(axis=0) == pytest.approx((differences**2).sum(axis=0), rel=0.1)


def test_several_arrays_swap_together(monkeypatch):
    dice = np.random.default_rng(9)
    one, other = dice.normal(size=(70, 3)), np.where(dice.random((70, 40)) < 0.05, 1.0, 0)
    monkeypatch.setattr("analysis.statistics.randomization.BLOCK", 32)
    apart = flipped_sums_of([one, csc_array(other)], flips=300, seed=2)
    together = flipped_sums(np.hstack([one, other]), flips=300, seed=2)
    np.testing.assert_allclose(np.hstack(apart), together, atol=1e-12)


def test_p_values_of_many_are_those_of_each():
    flipped = np.random.default_rng(1).normal(size=(99, 150))
    observed = np.linspace(-3, 3, 150)
    expected = [(1 + sum(abs(flipped[:, i]) >= abs(observed[i]) / 1.1)) / 100 for i in range(150)]
    assert randomization_p(observed, flipped, groups=90, inflation=1.1).tolist() == expected
    assert randomization_p(np.empty(0), np.empty((9, 0)), groups=90).shape == (0,)


def test_a_p_value_is_never_zero_and_one_without_a_difference():
    flipped = flipped_sums(np.column_stack([np.ones(64), np.zeros(64)]), flips=500)
    assert randomization_p(np.array([64.0, 0.0]), flipped, groups=64).tolist() == [1 / 501, 1.0]
    assert largest_p(np.array([64.0, 0.0]), flipped).tolist() == [1 / 501, 1.0]


def test_inflation_asks_for_a_larger_difference():
    differences = np.random.default_rng(3).normal(0.1, 1, size=(400, 1))
    observed, flipped = differences.sum(axis=0), flipped_sums(differences, flips=4000)
    plain = randomization_p(observed, flipped, groups=400)[0]
    wider = randomization_p(observed, flipped, groups=400, inflation=1.5)[0]
    z = observed[0] / np.sqrt((differences**2).sum())
    assert plain == pytest.approx(2 * stats.norm.sf(abs(z)), abs=0.02)
    assert wider == pytest.approx(2 * stats.norm.sf(abs(z) / 1.5), abs=0.03)


def test_a_hold_out_is_not_inflated():
    assert inflation(folds=None) == 1
    assert inflation(folds=5) == 1.5
    assert 1.5 > inflation(folds=10) > np.sqrt(2)


def test_largest_p_controls_the_chance_of_any_false_finding():
    """Twenty null differences of three kinds: one in twenty draws may find any, not two of three."""
    rng = np.random.default_rng(5)
    found = 0
    for draw in range(200):
        differences = rng.choice([-1, 0, 0, 1], size=(60, 20)).astype(float)
        p_values = largest_p(differences.sum(axis=0), flipped_sums(differences, flips=200, seed=draw))
        found += p_values.min() < 0.05
    assert found / 200 < 0.1


@pytest.mark.parametrize("inflation", [1.0, 1.5])
def test_largest_p_by_hand(inflation):
    """Three differences of quite unlike size, and one that cannot swap; each swap counts by its largest one."""
    differences = np.random.default_rng(6).normal(size=(40, 3)) * [0.1, 1, 10]
    differences[:, 1] += 0.3
    flipped = np.column_stack([flipped_sums(differences, flips=300), np.zeros(300)])
    observed = np.append(differences.sum(axis=0), 0.0)
    spread = [np.sqrt(np.mean(column**2)) for column in flipped.T[:3]]
    largest = [max(abs(row[i]) / spread[i] for i in range(3)) for row in flipped]
    expected = [(1 + sum(one >= abs(observed[i]) / spread[i] / inflation for one in largest)) / 301 for i in range(3)]
    assert min(expected) < 0.5
    found = largest_p(observed, flipped, inflation=inflation)
    np.testing.assert_allclose(found, [*expected, 1.0])
    if inflation == 1:
        assert (largest_p(observed, flipped) == found).all()


def test_a_swap_that_gives_the_same_again_counts():
    flipped = np.array([[2.0], [-2.0], [1.0], [-1.0]])
    assert largest_p(np.array([2.0]), flipped).tolist() == [3 / 5]
    assert largest_p(np.empty(0), np.empty((4, 0))).shape == (0,)


def test_as_many_swaps_as_there_are_combinations_are_all_of_them():
    found = flipped_sums(np.array([[1.0], [2.0], [4.0]]), flips=8)
    assert sorted(found[:, 0]) == [-7, -5, -3, -1, 1, 3, 5, 7]


def test_every_group_gets_both_signs():
    """77 groups, which end in the middle of a byte of random bits."""
    found = flipped_sums(np.eye(77), flips=400)
    assert set(np.unique(found)) == {-1, 1}
    assert (np.abs(found.mean(axis=0)) < 0.25).all()
