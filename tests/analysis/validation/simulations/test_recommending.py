"""The simulations of recommendations, short: what they promise, and that they can fail."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.recommending import measures
from analysis.recommending.evaluation import RANDOM, K
from analysis.validation.generated import Scenario
from analysis.validation.report import _of_recommendations
from analysis.validation.simulations import recommending
from analysis.validation.simulations.recommending import ABOVE, OWN, SHOWN, Sought, many, rates

pytestmark = pytest.mark.slow

METHODS = (Path(__file__).resolve().parents[4] / "docs" / "methods.md").read_text()

APART = Sought(Scenario("20 a genre, apart", (20, 20, 20), (1.0, 2.0, 4.0), dimensions=12))
ALIKE = Sought(Scenario("artists of 5, apart", (100, 100, 100), (1.0, 2.0, 3.0), group=5, alike=0.8, dimensions=12))
NOTHING = Sought(Scenario("no genres", (20, 20, 20), (0.0, 0.0, 0.0), dimensions=12))


@pytest.fixture(scope="module")
def apart() -> pd.DataFrame:
    return rates(many(APART, draws=100)).set_index("metric").loc[list(SHOWN)]


def test_intervals_hold_the_truth(apart: pd.DataFrame) -> None:
    assert apart.held.drop(f"diversity@{OWN}").min() >= 0.9
    assert apart.held[f"diversity@{OWN}"].min() >= 0.84, "lists of ten out of twenty are the loosest of all"
    assert 0.94 <= apart.held.mean() <= 0.99
    assert (apart.no_width == 0).all()


def test_genres_further_apart_are_recommended_better(apart: pd.DataFrame) -> None:
    assert apart.loc[f"precision@{OWN}"].set_index("genre").truth.drop("all").is_monotonic_increasing


def test_chance_is_what_it_must_be() -> None:
    """Right of ten drawn at random: 19 of the 59 others."""
    found = rates(many(NOTHING, draws=40)).set_index(["metric", "genre"]).truth
    for by in (OWN, RANDOM):
        assert found[f"precision@{by}", "all"] == pytest.approx(19 / 59, abs=0.01)
        assert found[f"recall@{by}", "all"] == pytest.approx(K / 59, abs=0.005)


def test_nothing_is_called_better_than_chance_that_is_not() -> None:
    found = rates(many(NOTHING, draws=100))
    assert found[found.metric.isin(ABOVE)].real.max() <= 0.12
    assert found[found.metric.isin(ABOVE)].real.mean() <= 0.06


def test_artists_are_no_covers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals hold where artists are drawn anew, and not where their covers are, one by one."""
    wanted = [f"{metric}@{OWN}" for metric in ("precision", "ndcg", "diversity")]
    held = rates(many(ALIKE, draws=30)).set_index("metric").held[wanted].mean()

    def singly(*arguments: object, units: np.ndarray, **options: object) -> pd.DataFrame:
        return measures.measure(*arguments, units=np.arange(len(units)), **options)  # type: ignore[arg-type]

    monkeypatch.setattr(recommending, "measure", singly)
    wrong = rates(many(ALIKE, draws=30)).set_index("metric").held[wanted].mean()
    assert held >= 0.92
    assert wrong < 0.82


def test_tables_have_a_row_a_collection_and_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommending, "COVERAGE", (APART,))
    monkeypatch.setattr(recommending, "NULL", (NOTHING,))
    titles, tables = zip(*_of_recommendations(draws=3, processes=1), strict=True)
    assert [list(table.measure) for table in tables] == [list(SHOWN), list(ABOVE)]
    assert all(f"**{title} (" in METHODS for title in titles)
    assert set(tables[1].overall) <= {0, 0.333, 0.667, 1}


def test_covers_that_stand_in_no_list_would_make_intervals_too_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    known = measures.added
    monkeypatch.setattr(measures, "added", lambda values, lost, *rest: known(values, 0 * lost, *rest))
    found = rates(many(APART, draws=40)).set_index("metric").held
    assert found[f"diversity@{OWN}"].mean() < 0.85
