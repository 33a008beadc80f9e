"""MusicBrainz' web service, version 2: albums (release groups), releases, and who links to them.

Documented answers, their sources and what of them is read here lie in tests/data/fetching/shapes. As few requests as
there may be: searches take fifty ids at a time, so that a thousand covers cost some twenty requests, not a thousand.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, TypeVar

from data.errors import GenrescopeError
from data.fetching.answers import remembered
from data.fetching.client import Client, Refused

Parsed = TypeVar("Parsed")

# The most that a search answers at once.
PAGE = 100
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Album:
    """A release group. artist, artist_id: of all who are credited, as on the sleeve; year: of its first release.

    votes: by tag, MusicBrainz' genres among them.
    """

    id: str
    title: str
    artist: str
    artist_id: str
    year: str = ""
    votes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """One edition of an album; '' where a fact is not known. label: the first one named; country: ISO 3166-1."""

    id: str
    album_id: str
    title: str
    artist: str
    artist_id: str
    released: str = ""
    label: str = ""
    country: str = ""
    barcode: str = ""


class Page(NamedTuple):
    """A page of a search: how many albums there are in all, and those of this page."""

    total: int
    albums: list[Album]


def find_id(text: str) -> str | None:
    """The MusicBrainz id in a text (an address, say), None without one."""
    found = _ID.search(text.lower())
    return found.group() if found else None


def genre_names(client: Client) -> frozenset[str]:
    """The names that MusicBrainz takes for genres, lower case; any other tag is only a tag."""
    answer = client.ask(f"{client.services.musicbrainz}/genre/all", {"fmt": "txt"})
    names = frozenset(line.strip() for line in answer.text().splitlines() if line.strip())
    if answer.status != 200 or not names:
        raise GenrescopeError("MusicBrainz has no list of genres at this address: is GENRESCOPE_MUSICBRAINZ right?")
    return names


def albums_of_genre(client: Client, genre: str, *, offset: int) -> Page:
    """A page of the official albums with a vote for a genre, in MusicBrainz' own order."""
    query = f"tag:{_phrase(genre)} AND primarytype:album AND status:official"
    found = _search(client, "release-group", query, offset=offset)
    return Page(int(found.get("count", 0)), _read(_album, found.get("release-groups", [])))


def releases(client: Client, ids: Sequence[str]) -> dict[str, Release | None]:
    """Releases by id, None where there is none of that id."""

    def ask(batch: Sequence[str]) -> dict[str, Any]:
        found = _read(_release, _all(client, "release", f"reid:({' OR '.join(batch)})"))
        return {each.id: asdict(each) for each in found}

    known = remembered(_notes(client), "release", ids, ask)
    return {key: value and Release(**value) for key, value in known.items()}


def albums(client: Client, ids: Sequence[str]) -> dict[str, Album | None]:
    """Albums by id, None where there is none of that id."""

    def ask(batch: Sequence[str]) -> dict[str, Any]:
        found = _read(_album, _all(client, "release-group", f"rgid:({' OR '.join(batch)})"))
        return {each.id: asdict(each) for each in found}

    known = remembered(_notes(client), "album", ids, ask)
    return {key: value and Album(**value) for key, value in known.items()}


def releases_of_albums(client: Client, ids: Sequence[str]) -> dict[str, list[Release]]:
    """All editions of albums, by the album's id; an empty list where there is no album of that id."""

    def ask(batch: Sequence[str]) -> dict[str, Any]:
        found = _read(_release, _all(client, "release", f"rgid:({' OR '.join(batch)})"))
        return {key: [asdict(each) for each in found if each.album_id == key] for key in batch}

    known = remembered(_notes(client), "editions", ids, ask)
    return {key: [Release(**each) for each in value or []] for key, value in known.items()}


def releases_of_discogs(client: Client, ids: Sequence[str]) -> dict[str, list[str]]:
    """Ids of the releases that name a Discogs release as theirs, by its number; an empty list where none does."""

    def ask(batch: Sequence[str]) -> dict[str, Any]:
        params = [("resource", f"https://www.discogs.com/release/{number}") for number in batch]
        answer = client.ask(f"{client.services.musicbrainz}/url", [*params, ("inc", "release-rels"), ("fmt", "json")])
        if answer.status == 404:  # the only one asked for is unknown
            return {}
        found = answer.json()
        return dict(_read(_linked, found.get("urls", [found])))

    known = remembered(_notes(client), "discogs", ids, ask)
    return {key: value or [] for key, value in known.items()}


def releases_of_barcodes(client: Client, codes: Sequence[str]) -> dict[str, list[Release]]:
    """Releases by barcode (digits alone); twelve digits and thirteen with a leading zero are the same code."""

    def ask(batch: Sequence[str]) -> dict[str, Any]:
        both = [form for code in batch for form in {code, f"0{code}", code.removeprefix("0")} if 12 <= len(form) <= 13]
        found = _read(_release, _all(client, "release", f"barcode:({' OR '.join(both or batch)})"))
        return {code: [asdict(each) for each in found if _same_code(each.barcode, code)] for code in batch}

    known = remembered(_notes(client), "barcode", codes, ask)
    return {key: [Release(**each) for each in value or []] for key, value in known.items()}


def releases_named(client: Client, names: Sequence[str]) -> dict[str, list[Release]]:
    """What a search finds first by artist and title (two lines), likely and unlikely alike: a request each.

    Which of it is what was asked for, `data.fetching.matching` says.
    """

    def ask(batch: Sequence[str]) -> dict[str, Any]:
        artist, title = batch[0].splitlines()
        found = _search(client, "release", f"artist:{_phrase(artist)} AND release:{_phrase(title)}", limit=25)
        return {batch[0]: [asdict(each) for each in _read(_release, found.get("releases", []))]}

    known = remembered(_notes(client), "name", names, ask, batch=1)
    return {key: [Release(**each) for each in value or []] for key, value in known.items()}


def _notes(client: Client) -> Any:
    return client.cache / "answers.jsonl" if client.cache else None


def _search(client: Client, kind: str, query: str, *, offset: int = 0, limit: int = PAGE) -> dict[str, Any]:
    params = {"query": query, "limit": limit, "offset": offset, "fmt": "json"}
    return client.ask(f"{client.services.musicbrainz}/{kind}", params).json()


def _all(client: Client, kind: str, query: str) -> Iterator[dict[str, Any]]:
    """Everything that a search finds, page by page."""
    offset, count = 0, 1
    while offset < count:
        found = _search(client, kind, query, offset=offset)
        yield from found.get(f"{kind}s", [])
        count, offset = int(found.get("count", 0)), offset + PAGE


def _read(parse: Callable[[dict[str, Any]], Parsed], entries: Iterable[dict[str, Any]]) -> list[Parsed]:
    """Entries of an answer, parsed; raises Refused where they have another shape than documented."""
    try:
        return [parse(each) for each in entries]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused(
            f"MusicBrainz answered in another shape than it documents ({error!r}): report it to us"
        ) from error


def _known_id(entry: dict[str, Any]) -> str:
    """The id of an entry, which will be part of addresses and file names; raises ValueError for what is none."""
    if not _ID.fullmatch(entry["id"]):
        raise ValueError(entry["id"])
    return str(entry["id"])


def _phrase(text: str) -> str:
    """A text as a phrase of Lucene's query syntax."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _linked(url: dict[str, Any]) -> tuple[str, list[str]]:
    """The number of a Discogs release and the ids of the releases that it is linked to."""
    number = str(url.get("resource", "")).rstrip("/").rpartition("/")[2]
    return number, [_known_id(each["release"]) for each in url.get("relations", []) if each.get("release")]


def _same_code(a: str, b: str) -> bool:
    return bool(a) and a.lstrip("0") == b.lstrip("0")


def _credit(entry: dict[str, Any]) -> dict[str, str]:
    """artist and artist_id; a credit without a name of its own goes by the artist's."""
    credits = entry.get("artist-credit") or []
    name = "".join((each.get("name") or each["artist"]["name"]) + (each.get("joinphrase") or "") for each in credits)
    return {"artist": name, "artist_id": "|".join(each["artist"]["id"] for each in credits)}


def _album(entry: dict[str, Any]) -> Album:
    votes = {each["name"]: int(each["count"]) for each in entry.get("tags") or []}
    year = str(entry.get("first-release-date") or "")[:4]
    return Album(id=_known_id(entry), title=entry.get("title") or "", year=year, votes=votes, **_credit(entry))


def _release(entry: dict[str, Any]) -> Release:
    labels = [each["label"]["name"] for each in entry.get("label-info") or [] if (each.get("label") or {}).get("name")]
    return Release(
        id=_known_id(entry),
        album_id=(entry.get("release-group") or {}).get("id") or "",
        title=entry.get("title") or "",
        released=entry.get("date") or "",
        label=labels[0] if labels else "",
        country=entry.get("country") or "",
        barcode=entry.get("barcode") or "",
        **_credit(entry),
    )
