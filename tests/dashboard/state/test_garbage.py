"""Addresses that nobody wrote: a state, in bounded time, and a page that says what is wrong at most."""

import time
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.app import PAGES, create_app
from dashboard.reading import queries
from dashboard.state.urls import State, link, parse, query_string
from dashboard.state.view import view
from data.store.workspace import Workspace
from tests.dashboard.driving import open_page
from tests.garbage import bounded, often

NAMES = list(State.__dataclass_fields__)
# Halves of characters among them: JSON can bring them.
TEXTS = st.text(st.characters(), max_size=30)
VALUES = st.one_of(
    TEXTS,
    st.sampled_from(
        ["-1", "0", "2147483648", "9" * 5000, "٣", "1e9", "%00", "%ff", "&&&=", "a" * 20_000, "😀", "\ud800"]
    ),
)
QUERIES = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), TEXTS), VALUES), max_size=8).map(
    lambda pairs: "?" + "&".join(f"{name}={value}" for name, value in pairs)
)


@often(200)
@given(st.one_of(QUERIES, TEXTS))
def test_any_query_is_a_state_that_survives_its_own_address(search: str) -> None:
    with bounded():
        state = parse(search)
        assert parse(query_string(state)) == state
        assert link("/map", state, cover=3).startswith("/map?")


@pytest.mark.parametrize("name", ["genres", "pair", "query", "nonsense"])
def test_a_hundred_thousand_values_are_read_at_once(name: str) -> None:
    """Twice as many take twice as long, not four times: a long address keeps nobody else waiting."""
    search = "&".join(f"{name}={i}" for i in range(100_000))
    begin = time.monotonic()
    parse(search)
    assert time.monotonic() - begin < 20


@often(60)
@given(path=TEXTS, search=QUERIES)
def test_any_address_is_a_view(filled: Workspace, path: str, search: str) -> None:
    with bounded():
        shown = view(filled, path, search)
        assert shown.to("/map").startswith("/map")
        assert shown.chain


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.TITLE)
def test_any_state_is_a_page(filled: Workspace, page: Any) -> None:
    """Every callback of the page, with runs, genres and covers that are there among the garbage."""
    client = create_app(filled).server.test_client()
    there = [run.run_id for run in queries.runs(filled)] + list(queries.covers(filled).genres) + ["5", "199", "200"]

    @often(12)
    @given(st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(st.sampled_from(there), TEXTS)), max_size=6))
    def check(pairs: list[tuple[str, str]]) -> None:
        search = "?" + urlencode(pairs, errors="replace")
        trouble: Any = ""
        with bounded():
            try:
                open_page(client, page.PATH, search)
            except AssertionError as error:  # something stands in the notice at the foot of the page
                trouble = error.args[0]
        assert "terminal says why" not in str(trouble), (search, trouble)
        assert not trouble or "notice" in str(trouble), (search, trouble)

    check()


@pytest.mark.parametrize("value", [7, 1.5, True, ["?cover=1"], {"cover": 1}, None])
def test_what_is_no_text_is_no_state(value: Any) -> None:
    assert parse(value) == State()
