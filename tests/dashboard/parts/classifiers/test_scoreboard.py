"""How good one classifier is, in words that its intervals support."""

import pytest

from dashboard.parts.classifiers import scoreboard
from dashboard.parts.classifiers.scoreboard import best_and_worst, chance_of, how_judged
from dashboard.reading import chains, judged
from dashboard.reading.judged import Score
from dashboard.state.view import View, view
from data.store.workspace import Workspace


@pytest.fixture
def here(filled: Workspace) -> View:
    return view(filled, "/classifiers", "")


def recalls(*intervals: tuple[float, float]) -> list[Score]:
    return [Score("recall", name, sum(each) / 2, *each) for name, each in zip("ABCD", intervals, strict=False)]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (recalls((0.7, 0.8), (0.4, 0.6), (0.1, 0.3)), "A is told best, C worst. "),
        (recalls((0.7, 0.8), (0.4, 0.6), (0.3, 0.5)), "A is told best. "),
        (recalls((0.5, 0.8), (0.4, 0.6), (0.1, 0.3)), "C is told worst. "),
        (recalls((0.5, 0.8), (0.4, 0.6), (0.3, 0.5)), ""),
        (recalls((0.5, 0.8)), ""),
        ([], ""),
    ],
)
def test_best_and_worst_only_where_intervals_are_apart(
    here: View, monkeypatch: pytest.MonkeyPatch, found: list[Score], words: str
) -> None:
    monkeypatch.setattr(scoreboard, "_recalls", lambda *_: found)
    assert best_and_worst(here, chains.classifiers(here.workspace)[0]) == words


def test_genres_too_small_for_a_claim_are_left_out_of_it(here: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoreboard, "_recalls", lambda *_: recalls((0.7, 0.8), (0.4, 0.6), (0.1, 0.3)))
    monkeypatch.setattr(judged, "too_small", lambda *_: ("C",))
    assert best_and_worst(here, chains.classifiers(here.workspace)[0]) == "A is told best, B worst. "


def test_how_it_was_judged_is_said_of_folds_and_of_hold_outs(filled: Workspace) -> None:
    new, old = (chains.classifiers(filled, chain)[0] for chain in chains.chains(filled))
    assert how_judged(filled, new) == "200 covers, each judged 3 times by classifiers that have not seen its group."
    assert how_judged(filled, old).endswith("covers of the test side, judged by a classifier fitted on 120 others.")
    assert chance_of(old) == 0.2
