"""Resamples and permutations: whole groups, kept sizes, uniform p-values."""

import numpy as np
import pytest

from analysis.statistics.resampling import bootstrap_weights, permutation_p_values, permuted_genres


def test_bootstrap_draws_whole_groups_and_keeps_the_genres_sizes():
    genres, groups = np.repeat([0, 1], [60, 40]), np.arange(100)
    groups[10:14] = 10
    weights = bootstrap_weights(genres, groups, resamples=500, seed=1)
    assert (weights[:, 10:14] == weights[:, 10:11]).all()
    assert (weights[:, 60:].sum(axis=1) == 40).all()
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.2)
    assert weights[:, 0].var() == pytest.approx(1, abs=0.2)


def test_p_values_count_what_happened():
    observed, chance = np.array([3.0, 0.5, np.nan]), np.arange(9.0)[:, None] * [0.25, 0.25, 1]
    np.testing.assert_allclose(permutation_p_values(observed, chance), [0.1, 0.8, np.nan])
    nearly = np.array([[0.5 - 1e-6], [0.5 - 1e-4], [0.5 + 1e-6]])
    assert permutation_p_values(np.array([0.5]), nearly) == 3 / 4


def test_permutations_swap_genres_among_groups_of_equal_size():
    sizes = np.repeat([1, 2, 3], 12)
    groups = np.repeat(np.arange(36), sizes)
    genres = np.repeat(np.arange(36) % 3, sizes)
    permuted = permuted_genres(genres, groups, permutations=300, seed=1)
    assert (np.sort(permuted) == np.sort(genres)).all()
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    assert (permuted == permuted[:, starts][:, groups]).all()  # a group stays of one genre
    for size in (1, 2, 3):
        of_size = np.flatnonzero(sizes == size)
        drawn = permuted[:, starts[of_size]]
        assert (np.sort(drawn) == np.repeat([0, 1, 2], 4)).all()  # each size keeps its genres
        assert (drawn == 0).mean(axis=0) == pytest.approx(1 / 3, abs=0.12)  # and each group gets each of them
    assert len(np.unique(permuted, axis=0)) == 300


def test_groups_of_several_genres_swap_as_they_are():
    groups = np.array([0, 0, 1, 1, 2, 2, 3, 4, 5, 5, 5])
    genres = np.array([0, 1, 2, 0, 1, 1, 0, 2, 0, 0, 1])
    permuted = permuted_genres(genres, groups, permutations=200, seed=1)
    assert {tuple(row[:4]) for row in permuted} == {(0, 1, 2, 0), (2, 0, 0, 1)}
    assert (permuted[:, 8:] == [0, 0, 1]).all()  # no other group of three carries several genres
    assert (permuted[:, 4] == permuted[:, 5]).all()
    assert set(permuted[:, 4]) == {0, 1, 2}  # the pure groups are few, so they swap across sizes


def test_groups_of_several_genres_swap_also_where_no_other_group_has_their_size():
    groups = np.array([0, 0, 0, 1, 1, 1, 2, 3])
    genres = np.array([0, 0, 1, 2, 1, 1, 0, 1])
    permuted = permuted_genres(genres, groups, permutations=50, seed=1)
    assert {tuple(row[:6]) for row in permuted} == {(0, 0, 1, 2, 1, 1), (2, 1, 1, 0, 0, 1)}


def test_the_seed_decides():
    genres, groups = np.arange(60) % 3, np.arange(60)
    for draw in (permuted_genres, bootstrap_weights):
        many = {"permutations": 20} if draw is permuted_genres else {"resamples": 20}
        first, again, other = (draw(genres, groups, **many, seed=seed) for seed in (1, 1, 2))
        assert (first == again).all()
        assert (first != other).any()


def test_groups_of_unlike_sizes_do_not_swap():
    """Ten small groups of one genre, three large ones of two others: these swap among themselves, few as they are."""
    sizes = np.append(np.ones(10, int), [5, 6, 7])
    genres = np.repeat(np.append(np.zeros(10, int), [1, 1, 2]), sizes)
    permuted = permuted_genres(genres, np.repeat(np.arange(13), sizes), permutations=100, seed=1)
    assert (permuted[:, :10] == 0).all()
    assert {tuple(row) for row in permuted[:, [10, 15, 21]]} == {(1, 1, 2), (1, 2, 1), (2, 1, 1)}


def test_rare_sizes_swap_with_the_nearest_up_to_twice_their_own():
    sizes = np.arange(1, 25)  # every size once
    labels = np.arange(24) % 2
    permuted = permuted_genres(np.repeat(labels, sizes), np.repeat(np.arange(24), sizes), permutations=200, seed=1)
    drawn = permuted[:, np.cumsum(sizes) - sizes]
    for first, last in ((1, 2), (3, 6), (7, 14), (15, 24)):  # of the latter ten are enough
        own = slice(first - 1, last)
        assert (drawn[:, own].sum(axis=1) == labels[own].sum()).all()
        assert drawn[:, own].mean(axis=0) == pytest.approx(0.5, abs=0.15), (first, last)


def test_enough_groups_of_one_size_swap_with_no_other():
    sizes = np.repeat([2, 3], [10, 4])
    genres = np.repeat(np.repeat([0, 1], [10, 4]), sizes)
    assert (permuted_genres(genres, np.repeat(np.arange(14), sizes), permutations=50, seed=1) == genres).all()
