"""Membership and kin on the Separability page, and the order that kin give to matrices."""

import json

import pytest

from dashboard.parts.behind.kinship import in_order, kinship, order_choice
from dashboard.parts.behind.membership import membership
from dashboard.reading import chains
from dashboard.reading.behind import kin
from dashboard.state.urls import link, parse
from dashboard.state.view import View, view
from data.store.workspace import Workspace
from tests.dashboard.conftest import GENRES


@pytest.fixture
def here(filled: Workspace) -> View:
    return view(filled, "/separability", "?embedding=shapes&order=kin")


def _text(parts: object) -> str:
    return json.dumps(parts, default=lambda part: part.to_plotly_json(), ensure_ascii=False)


def test_the_order_of_kin_is_in_the_address() -> None:
    assert parse("?order=kin").order == "kin"
    assert link("/classifiers", parse("?order=kin")) == "/classifiers?order=kin"
    assert link("/classifiers", parse("?order=name")) == "/classifiers"


def test_genres_stand_by_kin_where_asked_and_those_left_out_last(here: View) -> None:
    assert here.chain is not None
    tree = kin.kinship(here.workspace, here.chain.separability)
    wanted = [GENRES[code] for code in (4, 3, 0, 1, 2)]
    assert in_order(here, GENRES, tree) == wanted
    assert in_order(here, ["Zydeco", *GENRES], tree) == [*wanted, "Zydeco"]
    assert in_order(here, GENRES, None) == list(GENRES)
    assert order_choice(here, None) is None
    by_name = view(here.workspace, "/separability", "?embedding=shapes")
    assert in_order(by_name, GENRES, tree) == list(GENRES)


def test_an_embedding_without_a_tree_offers_none(filled: Workspace) -> None:
    color = next(chain for chain in chains.chains(filled) if chain.label == "color")
    assert kin.kinship(filled, color.separability) is None
    assert color.separability is not None
    assert kinship(view(filled, "/separability", "?embedding=color"), color.separability) == []
    assert membership(view(filled, "/separability", "?embedding=color"), color.separability) == []


def test_the_tree_shows_support_and_says_when_it_is_a_poor_picture(here: View) -> None:
    assert here.chain is not None
    assert here.chain.separability is not None
    shown = _text(kinship(here, here.chain.separability))
    assert all(share in shown for share in ('"97"', "97%", '"40"', "r = 0.60"))
    assert "read the matrix" in shown


def test_membership_stands_beside_the_strict_figure(here: View) -> None:
    assert here.chain is not None
    assert here.chain.separability is not None
    shown = _text(membership(here, here.chain.separability))
    assert "20 of 200 covers have several genres" in shown
    assert shown.count("strict ") == len(GENRES) + 1
    assert kin.in_several(here.workspace) == 0
