"""The state of a view as a query string, and back: a link reproduces what was on the screen."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

COVERS_SHOWN = 120
# Digits of a number in an address; more say nothing more, and Python reads thousands of them as an error.
LONGEST = 12


@dataclass(frozen=True)
class State:
    """What a page shows. Runs are named by run id, so a link to a finished run shows the same for ever.

    Empty means: the page's own default. `genres` filters the map; `pair` is a cell of a matrix, (true, predicted)
    in a confusion matrix, two genres in the matrix of separability. `only` is 'first' or 'second': the covers that
    only this one of two compared classifiers got right. `beside` is the embedding that the map's colours compare with.
    `why` is the classifier whose reasons the panel shows. `order` is that of the genres in matrices: 'name', 'kin' or,
    of more than are shown, 'most' confused first. `find` is part of the names of genres to be shown, where there are
    too many for all; `first` is 'high' or 'low': which end of a long list of genres is shown. `liked` and `disliked`
    are the covers that others are recommended by, `across` is 'genres' for those of other genres only.

    Of what is written on covers: `written` are the words that those shown have, `lettered` is 'with' or 'without' any,
    `language` the one they are in; `lettering` is the number of theirs that colours the map, `boxes` is 'on' where the
    panel frames them.
    """

    embedding: str = ""
    color: str = "genre"
    classifier: str = ""
    other: str = ""
    beside: str = ""
    metric: str = "separability"
    values: str = "counts"
    order: str = "name"
    find: str = ""
    first: str = "high"
    genres: tuple[str, ...] = ()
    pair: tuple[str, ...] = ()
    only: str = ""
    cover: int | None = None
    why: str = ""
    query: str = ""
    words: str = ""
    liked: tuple[int, ...] = ()
    disliked: tuple[int, ...] = ()
    across: str = ""
    written: str = ""
    lettered: str = ""
    language: str = ""
    lettering: str = "words"
    boxes: str = ""
    shown: int = COVERS_SHOWN


_NAMES = tuple(field.name for field in fields(State))
_COVERS = ("liked", "disliked")
_LISTS = ("genres", "pair", *_COVERS)
_NUMBERS = ("cover", "shown", *_COVERS)


def parse(search: str | None) -> State:
    """The state in a query string; what is unknown or malformed, or no text at all, is left at its default."""
    found: dict[str, Any] = {}
    # A call made by hand may bring anything in JSON; half a character is in no address.
    text = search.encode("utf-8", "replace").decode() if isinstance(search, str) else ""
    for name, value in parse_qsl(text.removeprefix("?")):
        if name in _NUMBERS and not (value.isascii() and value.isdigit()):
            continue
        read: Any = min(int(value.lstrip("0")[:LONGEST] or 0), 2**31 - 1) if name in _NUMBERS else value
        if name in _LISTS:
            found.setdefault(name, []).append(read)
        elif name in _NAMES:
            found[name] = read
    if len(found.get("pair", ())) != 2:
        found.pop("pair", None)
    return State(**found | {name: tuple(found[name]) for name in _LISTS if name in found})


def query_string(state: State) -> str:
    """The query string of a state, without what is at its default: '' or '?name=value&...'."""
    default = State()
    pairs: list[tuple[str, Any]] = []
    for name in _NAMES:
        value = getattr(state, name)
        if value != getattr(default, name):
            pairs += [(name, item) for item in value] if name in _LISTS else [(name, value)]
    return "?" + urlencode(pairs) if pairs else ""


def link(path: str, state: State, **changes: Any) -> str:
    """Address of a page in a state, with some of it changed: link("/map", state, color="cluster")."""
    return path + query_string(replace(state, **changes))


def judged(state: State, cover_id: int, side: str) -> dict[str, Any]:
    """The changes of a state by a click on 'liked' or 'disliked' of a cover: onto that side, or off it again."""
    without = {name: tuple(each for each in getattr(state, name) if each != cover_id) for name in _COVERS}
    there = cover_id in getattr(state, side)
    return without if there else without | {side: (*without[side], cover_id)}


def toggled(genre: str, selected: Iterable[str], genres: Iterable[str]) -> tuple[str, ...]:
    """Genres selected after a click on one: the first click isolates it, all or none selected means no filter."""
    after = set(selected) ^ {genre}
    return () if after == set(genres) else tuple(sorted(after))
