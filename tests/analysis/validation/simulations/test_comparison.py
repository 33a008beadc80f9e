"""The simulations, short: what they promise, and that they can fail."""

import pytest

from analysis.validation.simulations.comparison import coverage, false_positives, power


def rate(table, words: str) -> float:
    (row,) = table[table.scenario.str.contains(words, regex=False)].itertuples()
    return row.rate


@pytest.mark.slow
def test_groups_of_five_fool_mcnemar_and_not_the_swaps():
    table = false_positives(draws=100, covers=(300,), sizes=(5,), learners=("nearest mean",))
    assert list(table.columns) == ["scenario", "rate", "draws"]
    assert rate(table, "McNemar") > 0.25
    assert rate(table, "balanced accuracy, 3 x 5") <= 0.06
    assert rate(table, "AUC of a genre, 3 x 5") <= 0.06


@pytest.mark.slow
def test_a_better_procedure_is_found():
    table = power(draws=40, covers=600, edges=(0.3,))
    assert rate(table, "balanced accuracy, 3 x 5") > 0.8


@pytest.mark.slow
def test_intervals_hold_the_truth():
    table = coverage(draws=100, covers=((40, 40, 40),), size=5)
    assert table.rate.min() >= 0.87


@pytest.mark.slow
def test_genres_of_one_or_two_covers_widen_the_means():
    """Weighted by their shares they would not be seen: the true difference was held in 3 of 5 cases."""
    table = coverage(draws=100, covers=((300, 60, 5, 1), (300, 60, 5, 2)))
    assert table.rate.min() >= 0.88
