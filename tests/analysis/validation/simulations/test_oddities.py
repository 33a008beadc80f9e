"""The simulation of what is no cover, short: what it promises, and that it can fail."""

from analysis.behind.oddities import suspicion
from analysis.validation.simulations import oddities


def test_labels_among_labels_and_blanks_are_listed_and_covers_never():
    found = oddities.listed(pictures=12).set_index("picture")
    among = found["100% labels"]
    assert among[["label", "label, 2 % off the middle", "label, slanted by 5 %", "whole record"]].min() == 1
    assert found.loc[["drawn cover", "sleeve with a target", "blank, shadow of 60"]].to_numpy().max() == 0
    assert found.loc[["blank", "blank, noise of 4"]].to_numpy().min() == 1
    assert among["label, 6 % off the middle"] == 0
    assert found["30% labels"]["label"] < 0.3, "labels that lie among covers are not found, as the methods say"


def test_without_their_neighbours_sleeves_with_a_target_would_be_listed(monkeypatch):
    monkeypatch.setattr(oddities, "disc_score", lambda own, _: own)
    assert oddities.listed(pictures=12).set_index("picture")["100% labels"]["sleeve with a target"] > 0.5


def test_an_edge_that_is_anything_makes_discs_of_covers(monkeypatch):
    monkeypatch.setattr(suspicion, "EDGE", 0.0)
    assert oddities.listed(pictures=4).set_index("picture")["100% labels"]["drawn cover"] > 0
