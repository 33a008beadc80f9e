"""How good one classifier is, in words that its intervals support."""

import pytest

from dashboard.parts.classifiers.scoreboard import best_and_worst, how_judged
from dashboard.reading import chains, judged
from dashboard.state.view import View, view
from data.store.workspace import Workspace


@pytest.fixture
def here(filled: Workspace) -> View:
    return view(filled, "/classifiers", "")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (("A", "C"), "A is told best, C worst. "),
        (("A", None), "A is told best. "),
        ((None, "C"), "C is told worst. "),
        ((None, None), ""),
    ],
)
def test_best_and_worst_in_words(
    here: View, monkeypatch: pytest.MonkeyPatch, found: tuple[str | None, str | None], words: str
) -> None:
    monkeypatch.setattr(judged, "best_and_worst", lambda *_: found)
    assert best_and_worst(here, chains.classifiers(here.workspace)[0]) == words


def test_how_it_was_judged_is_said_of_folds_and_of_hold_outs(filled: Workspace) -> None:
    new, old = (chains.classifiers(filled, chain)[0] for chain in chains.chains(filled))
    assert how_judged(filled, new) == "200 covers, each judged 3 times by classifiers that have not seen its group."
    assert how_judged(filled, old).endswith("covers of the test side, judged by a classifier fitted on 120 others.")
    assert judged.chance_of(old) == 0.2
