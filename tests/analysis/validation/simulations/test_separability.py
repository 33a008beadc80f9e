"""The simulations of separability, short: what they promise, and that they can fail."""

import numpy as np
import pytest

from analysis.separability.pure import measures
from analysis.validation.generated import Scenario
from analysis.validation.report import markdown
from analysis.validation.simulations.separability import coverage, false_positives, many, ranks_held

pytestmark = pytest.mark.slow

APART = Scenario("apart", (30, 30, 30), (1.0, 2.5, 4.0), dimensions=12)
PALETTES = Scenario("palettes of 12 artists", (20, 20, 20), (0.0, 0.0, 0.0), group=5, alike=0.9, dimensions=12)
UNEQUAL = Scenario(
    "300, 60, 5, artists by genre", (300, 60, 5), (1.0, 2.5, 4.0), (3, 1.5, 1), skewed=True, alike=0.5, dimensions=12
)
BY_GENRE = Scenario(
    "artists of 1.5, 3, 10", (60, 60, 60), (0.0, 0.0, 0.0), (1.5, 3, 10), skewed=True, alike=0.5, dimensions=12
)


@pytest.fixture(scope="module")
def apart():
    return many(APART, draws=100)


def test_intervals_hold_the_truth(apart):
    held = coverage(apart)
    assert held.held.min() >= 0.9
    assert held.held.mean() >= 0.95
    assert (held.no_width == 0).all()


def test_they_do_for_genres_of_unequal_sizes_and_artists():
    held = coverage(many(UNEQUAL, draws=60))
    assert held.held.min() >= 0.88
    assert held.held.mean() >= 0.94


def test_genres_whose_artists_have_more_covers_are_no_easier_to_find():
    """Chance of the observed genres for all permutations, and swaps between all sizes: one p in five below 0.05."""
    found = false_positives(many(BY_GENRE, draws=100, permutations=99)).set_index("metric")
    assert found.worst.max() <= 0.09


def test_places_hold(apart):
    held, places = ranks_held(apart, (3, 2, 1))
    assert held >= 0.9
    assert places < 2.8  # of three
    wrong, _ = ranks_held(apart, (1, 2, 3))
    assert wrong < 0.5


def test_artists_palettes_are_no_genres():
    found = false_positives(many(PALETTES, draws=100, permutations=99)).set_index("metric")["below_0.05"]
    assert found.max() <= 0.075


def test_artists_counted_singly_would_be(monkeypatch):
    """The fault that was measured: 18 of 18 p-values below 0.05 when covers of one artist count as independent."""
    from analysis.validation.simulations import separability

    def singly(scenario, dice):
        vectors, genres, _ = draw(scenario, dice)
        return vectors, genres, np.arange(len(genres))

    draw = separability.draw
    monkeypatch.setattr(separability, "draw", singly)
    found = false_positives(many(PALETTES, draws=8, permutations=99)).set_index("metric")["below_0.05"]
    assert found.min() > 0.8


def test_intervals_that_are_too_narrow_are_seen(monkeypatch):
    def narrow(values, replicates, sizes, **bounds):
        half = 0.3 * replicates.std(axis=0)
        return values - half, values + half

    monkeypatch.setattr(measures, "range_interval", narrow)
    held = coverage(many(APART, draws=15))
    assert held[held.metric == "separability"].held.mean() < 0.7


def test_tables_are_markdown(apart):
    lines = markdown(coverage(apart).round(2)).splitlines()
    assert lines[0].startswith("| metric")
    assert set(lines[1]) <= set("|- ")
    assert len({len(line) for line in lines}) == 1
