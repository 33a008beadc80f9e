"""The simulations of controls and confounds, short: what they promise, and that they can fail."""

import pytest

from analysis.behind.controls import paired
from analysis.validation.simulations.controls import Beside, many, rates, table

pytestmark = pytest.mark.slow

EQUAL = Beside("equal", (1.0, 1.5, 2.0), (1.0, 1.5, 2.0), (40, 40, 40))
NOTHING = Beside("a function of the confound", (0.0, 0.0, 0.0), (1.0, 1.5, 2.0), (50, 50, 50), copied=8)
AIMED = Beside("its telling part", (0.0, 0.0, 0.0), (1.0, 1.5, 2.0), (50, 50, 50), copied=3, aimed=True)


def test_intervals_hold_and_equals_are_not_told_apart():
    found = rates(many(EQUAL, draws=40))
    assert found.held.min() >= 0.85
    assert found.held.mean() >= 0.94
    assert found[found.metric.isin(("difference", "purity_difference"))].shown.mean() <= 0.05
    assert found[(found.metric == "left") & (found.genre != "all")].shown.min() > 0.5
    assert set(table(EQUAL, many(EQUAL, draws=2)).measure) >= {"left", "adds"}


@pytest.mark.parametrize("scenario", [NOTHING, AIMED])
def test_a_function_of_the_confound_tells_nothing_beyond_it(scenario):
    found = rates(many(scenario, draws=40))
    left = found[found.metric == "left"]
    assert left.shown.mean() <= 0.05
    assert left.truth.abs().mean() < 0.06  # of some directions of the confound there are too few groups to tell


def test_intervals_that_forget_the_training_are_seen(monkeypatch):
    monkeypatch.setattr(paired, "stretch", lambda replicates, value: value + 0.5 * (replicates - value))
    found = rates(many(EQUAL, draws=25))
    assert found[found.metric == "difference"].held.mean() < 0.85
