"""The simulations of learning curves and agreement, short: what they promise, and that they can fail."""

import numpy as np
import pytest

from analysis.behind.agreement import shared
from analysis.behind.learning_curves import extrapolation
from analysis.validation.generated import Scenario
from analysis.validation.simulations import agreement
from analysis.validation.simulations.learning import foretold

pytestmark = pytest.mark.slow

COLLECTION = Scenario("60 a genre", (60, 60), (0.8, 2.0), dimensions=32)


def test_what_is_foretold_holds():
    found = foretold(draws=20, scenarios=[COLLECTION])
    assert found.held_x2.mean() >= 0.9
    assert found.held_x4.mean() >= 0.9


def test_one_law_alone_does_not(monkeypatch):
    """A law that has learnt nearly all, whatever the curve says, and is sure of it."""
    monkeypatch.setattr(extrapolation, "HALVES", np.array([1e-4]))
    found = foretold(draws=10, scenarios=[COLLECTION])
    assert found.held_x2.max() <= 0.3


def test_agreement_of_the_same_and_of_the_unrelated():
    found = agreement.agreements(draws=40).set_index("embeddings")
    same, unrelated, half = (found.loc[name] for name in ("the same, turned", "unrelated", "half shared"))
    assert (same.shared, same.cka) == (1, 1)
    assert unrelated.shared == pytest.approx(unrelated.by_chance, abs=0.004)
    assert abs(unrelated.cka) < 0.01
    assert 0.3 < half.cka < 0.7
    assert found[["shared_held", "cka_held"]].min().min() >= 0.87


def test_intervals_that_are_too_narrow_are_seen(monkeypatch):
    known = shared._parts
    monkeypatch.setattr(shared, "_parts", lambda *arguments: 0.2 * known(*arguments))
    found = agreement.agreements(draws=15).set_index("embeddings")
    assert found.shared_held["half shared"] < 0.6
