"""The map by lettering: each cover in the colour of its number, those that a filter leaves out faded."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from dashboard.app import create_app
from dashboard.parts.drawn.coloring import coloring
from dashboard.parts.lettering.coloring import KINDS, NUMBERS, kept
from dashboard.state.colors import FADED, NOISE, RISING, UNKNOWN
from dashboard.state.view import view
from data.store.workspace import Workspace
from tests.dashboard.driving import call, texts

ALL = np.arange(200)
BOTH = "?written=midnight&genres=Blues&genres=Disco"


def colors(workspace: Workspace, search: str, cover_ids: np.ndarray = ALL) -> tuple[list[str], Any]:
    here = view(workspace, "/map", search)
    assert here.chain is not None
    found = coloring(here, here.chain, None, cover_ids)
    return [found.colors[code] for code in found.codes], found


def left(workspace: Workspace, search: str) -> list[int]:
    return np.flatnonzero(kept(view(workspace, "/map", search), ALL)).tolist()


def test_more_words_are_darker_and_none_are_grey(lettered: Workspace) -> None:
    found, whole = colors(lettered, "?color=lettering")
    by_count = {6: RISING[2], 3: RISING[1], 2: RISING[0], 1: RISING[0], 0: NOISE}
    words = [6, 3, 3, 2, 3, 1, 0, 0, 2]  # as the texts of `lettered` have them
    assert found[:9] == [by_count[count] for count in words]
    assert found[199] == FADED, "it was not read"
    assert whole.legend[-1] == ("no words 192", NOISE)
    assert len(whole.legend) == 6


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_colours_covers_in_any_order(lettered: Workspace, kind: str) -> None:
    found, whole = colors(lettered, f"?color=lettering&lettering={kind}")
    turned, _ = colors(lettered, f"?color=lettering&lettering={kind}", ALL[::-1])
    assert turned == found[::-1]
    shown = {color for _, color in whole.legend}
    assert {color for color in found if color != FADED} <= shown
    if kind in NUMBERS:
        assert len(NUMBERS[kind].steps) == len(RISING) == len(NUMBERS[kind].edges) + 1


def test_languages_have_a_colour_each_and_what_is_not_told_another(lettered: Workspace) -> None:
    found, whole = colors(lettered, "?color=lettering&lettering=language")
    assert Counter(found)[UNKNOWN] == 4
    assert len({found[0], found[2], found[4], UNKNOWN, NOISE}) == 5
    assert {"English 1", "German 1", "Swedish 1", "not told 4", "no words 192"} == {name for name, _ in whole.legend}


def test_the_filter_leaves_what_it_says(lettered: Workspace, filled: Workspace) -> None:
    assert left(lettered, "") == ALL.tolist()
    assert left(lettered, "?lettered=with") == [0, 1, 2, 3, 4, 5, 8]
    assert left(lettered, "?lettered=without") == [6, 7, *range(9, 199)]
    assert left(lettered, "?language=sv") == [2]
    assert left(lettered, "?written=midnight&language=en") == [0]
    assert left(lettered, "?written=nowhere") == []
    assert left(lettered, "?lettered=nonsense") == ALL.tolist()
    assert left(filled, "?lettered=with&written=midnight&language=sv") == ALL.tolist(), "nobody read these covers"


def test_filters_by_genre_and_lettering_hold_at_once(lettered: Workspace) -> None:
    found, _ = colors(lettered, BOTH)
    assert [cover_id for cover_id, color in enumerate(found) if color != FADED] == [1, 2]


def test_the_map_offers_it_only_where_covers_were_read(lettered: Workspace, filled: Workspace) -> None:
    for workspace, there in ((lettered, True), (filled, False)):
        client = create_app(workspace).server.test_client()
        assert ("Lettering" in texts(call(client, "map.figure", view_map__data=""))) == there
        answer = call(client, "map-lettered.children", view_map__data="?written=midnight")
        assert ("4 covers left" in texts(answer)) == there
        assert answer["map-written-control"]["hidden"] != there
    both = call(create_app(lettered).server.test_client(), "map-lettered.children", view_map__data=BOTH)
    assert '"2 covers left"' in texts(both), "the filter by genre counts, too"
    near = call(create_app(lettered).server.test_client(), "map-lettered.children", view_map__data="?written=mldnight")
    assert "4 covers left, by near spellings" in texts(near)


def test_search_by_what_is_written(lettered: Workspace, filled: Workspace) -> None:
    client = create_app(lettered).server.test_client()
    for query, expected in (
        ("written=midnight", "4 covers with “midnight” written on them"),
        ("written=mldnight", "“mldnight” as midnight"),
        ("written=xyzzy+nothing", "No cover has “xyzzy nothing” written on it"),
        ("written=midnight&cover=3", "4 covers with"),
    ):
        assert expected in texts(call(client, "search-found.children", view_panel__data=f"/search?{query}"))
    unread = create_app(filled).server.test_client()
    assert "Some covers" in texts(call(unread, "search-found.children", view_panel__data="/search?written=midnight"))
