"""Ranks: what surely differs, all at once."""

import numpy as np

from analysis.statistics.ranks import rank_intervals, surely_above


def drawn(values, errors, *, seed=0, resamples=2000):
    return np.array(values) + np.array(errors) * np.random.default_rng(seed).normal(size=(resamples, len(values)))


def test_far_apart_is_surely_above_and_near_is_not():
    values = np.array([0.9, 0.5, 0.48, np.nan, 0.1])
    replicates = drawn(values, 0.03 * np.ones(5))
    above = surely_above(values, replicates)
    assert above.dtype == bool
    assert above[0].tolist() == [False, True, True, False, True]
    assert above[1].tolist() == [False, False, False, False, True]
    assert not above[3].any()
    assert not above[:, 3].any()
    best, worst = rank_intervals(above, np.isfinite(values))
    assert best.tolist() == [1, 2, 2, 0, 4]
    assert worst.tolist() == [1, 3, 3, 0, 4]


def test_values_that_rise_and_fall_together_are_told_apart():
    shared = np.random.default_rng(0).normal(size=(500, 1))
    replicates = np.array([0.5, 0.6]) + shared + 0.01 * np.random.default_rng(1).normal(size=(500, 2))
    assert surely_above(np.array([0.5, 0.6]), replicates)[1, 0]


def test_among_equals_a_false_claim_is_made_in_5_of_100_cases():
    dice = np.random.default_rng(1)
    claims = [
        surely_above(dice.normal(size=8), drawn(np.zeros(8), np.ones(8), seed=draw, resamples=300)).any()
        for draw in range(400)
    ]
    assert 0.02 <= np.mean(claims) <= 0.085


def test_no_variation_claims_nothing():
    assert not surely_above(np.array([1.0, 0.9]), np.tile([1.0, 0.9], (50, 1))).any()


def test_many_values_a_row_at_a_time_say_the_same(monkeypatch):
    values = np.array([0.9, 0.5, 0.48, np.nan, 0.1, 0.7])
    replicates = drawn(values, 0.05 * np.ones(6), resamples=300)
    at_once = surely_above(values, replicates)
    monkeypatch.setattr("analysis.statistics.ranks.BLOCKWISE", 2)
    assert at_once.any()
    assert np.array_equal(surely_above(values, replicates), at_once)
    nothing = np.full(6, np.nan)
    assert not surely_above(nothing, replicates).any()
