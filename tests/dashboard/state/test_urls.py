"""The address of a view: what goes in comes out, and rubbish does no harm."""

import pytest

from dashboard.state.urls import State, judged, link, parse, query_string, toggled

STATES = [
    State(),
    State(embedding="abc123", color="cluster", genres=("R&B", "Rock = <b>"), cover=0),
    State(classifier="c1", other="c2", pair=("Pop", "Pop & 'Co' ☃"), values="shares", only="first", shown=360),
    State(query="100% & more? #1", words="two words"),
    State(liked=(3, 0, 12), disliked=(7,), across="genres"),
    State(written='"love & <b>" ü', lettered="without", language="de", lettering="covered", cover=3, boxes="on"),
]


@pytest.mark.parametrize("state", STATES)
def test_a_state_survives_the_query_string(state: State) -> None:
    assert parse(query_string(state)) == state


def test_defaults_leave_no_trace() -> None:
    assert query_string(State()) == ""
    assert link("/map", State(cover=3), cover=None) == "/map"


@pytest.mark.parametrize(
    "search",
    [
        None,
        "",
        "?",
        "?cover=x",
        "?cover=-1",
        "?cover=²",
        "?pair=one",
        "?pair=a&pair=b&pair=c",
        "?nonsense=1",
        "?=&&",
        "?liked=x&disliked=-1",
    ],
)
def test_what_is_malformed_is_left_at_its_default(search: str | None) -> None:
    assert parse(search) == State()


def test_numbers_beyond_any_id_do_not_overflow() -> None:
    assert parse("?cover=99999999999999999999").cover == 2**31 - 1
    assert parse("?cover=" + "9" * 5_000).cover == 2**31 - 1
    assert parse("?cover=" + "0" * 5_000 + "7").cover == 7
    assert parse("?cover=000").cover == 0


def test_the_first_click_on_a_genre_isolates_it_and_the_last_one_ends_the_filter() -> None:
    genres = ("a", "b", "c")
    assert toggled("b", (), genres) == ("b",)
    assert toggled("a", ("b",), genres) == ("a", "b")
    assert toggled("c", ("a", "b"), genres) == ()
    assert toggled("b", ("b",), genres) == ()


def test_a_cover_is_liked_or_disliked_or_neither() -> None:
    state = State(liked=(3,))
    assert judged(state, 5, "liked") == {"liked": (3, 5), "disliked": ()}
    assert judged(state, 3, "disliked") == {"liked": (), "disliked": (3,)}
    assert judged(state, 3, "liked") == {"liked": (), "disliked": ()}
