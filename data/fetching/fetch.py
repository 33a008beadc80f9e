"""Fetching covers: albums of each genre from MusicBrainz, their pictures from the Cover Art Archive, a table beside."""

import csv
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from data.errors import UnreadableImage
from data.fetching.client import Client, Unreachable
from data.fetching.coverart import Pictures, address, find_pictures
from data.fetching.musicbrainz import Album, releases
from data.fetching.plan import Plan, Wanted, claim_folder, drawn_albums
from data.fetching.votes import asked_genres, genre_votes
from data.intake.decoding import decoded
from data.progress import progress
from data.store.disk.whole import sweep, whole
from data.texts import clean, no_formula

log = logging.getLogger(__name__)

TABLE = "covers.csv"
COLUMNS = (
    *("path", "genre", "genre_votes", "artist", "artist_id", "title", "year", "label", "country", "released"),
    *("release_group_id", "release_id", "side", "source", "licence"),
)
LICENCE = "picture: its owners' copyright, via the Cover Art Archive; facts: MusicBrainz, CC0, votes CC BY-NC-SA"
# So many pictures in a row that cannot be had are not the pictures' fault.
IN_A_ROW = 5

# Why an album was passed over.
OTHER, TIED, NO_PICTURE, UNUSABLE, NOT_NOW = "another genre", "tied", "no picture", "unusable", "not now"
_SAID = {
    OTHER: "with more votes for another genre asked for, or none left for this one",
    TIED: "with as many votes for another genre asked for: left out, since votes cannot decide",
    NO_PICTURE: "without such a picture",
    UNUSABLE: "whose picture is no usable cover",
    NOT_NOW: "whose picture could not be had now: try again",
}


@dataclass
class Cover:
    """A picture of an album that lies in the folder."""

    album: Album
    genres: list[str]
    votes: dict[str, int]
    pictures: Pictures
    side: str
    path: str


@dataclass
class Fetched:
    """What a fetch did: albums taken and passed over (by reason) of each genre, pictures loaded and there before.

    room: bytes that may still be loaded; full: that bound ended it.
    """

    table: Path
    room: int
    taken: Counter[str] = field(default_factory=Counter)
    passed: dict[str, Counter[str]] = field(default_factory=dict)
    loaded: int = 0
    there: int = 0
    full: bool = False

    def lines(self) -> list[str]:
        """The summary in words."""
        rows = []
        for genre, passed in self.passed.items():
            rows.append(f"{genre}: {self.taken[genre]:,} albums")
            rows += [f"  {passed[reason]:,} passed over {_SAID[reason]}" for reason in _SAID if passed[reason]]
        there = f", {self.there:,} were there already" if self.there else ""
        rows.append(f"{self.loaded:,} pictures loaded{there}; the table: {self.table}")
        if self.full:
            rows.append("stopped at the bound on the disk: --max-gigabytes raises it, the same command goes on")
        return rows


@dataclass(frozen=True)
class _Errand:
    """What the steps of a fetch share; only `done` changes."""

    client: Client
    folder: Path
    wanted: Wanted
    names: frozenset[str]
    done: Fetched


def fetch(client: Client, folder: Path, plan: Plan, names: frozenset[str]) -> Fetched:
    """Load the covers of a plan into a folder and write its table; what is there is not loaded again.

    plan, names: of `make_plan`. An album counts for the genre asked for with the most votes, if no other one has as
    many; see `data.fetching.votes`. Each is taken once, whatever its editions. Files are checked as covers before they
    are kept. The table is written after every genre. Raises GenrescopeError, and `Unreachable` where a service stays
    away: all that is loaded is kept.
    """
    claim_folder(folder, plan.wanted)
    sweep(folder)
    (folder / "covers").mkdir(exist_ok=True)
    used = sum(file.stat().st_size for file in (folder / "covers").iterdir())
    done = Fetched(folder / TABLE, room=plan.wanted.most_bytes - used)
    errand = _Errand(client, folder, plan.wanted, names, done)
    covers: list[Cover] = []
    with progress(total=plan.albums(), what="fetching", unit=" albums") as bar:
        for genre in plan.wanted.genres:
            for taken in _albums_taken(errand, genre):
                covers += taken
                bar.update()
            _write_table(client, done.table, covers)
    return done


def _albums_taken(errand: _Errand, genre: str) -> Iterator[list[Cover]]:
    """The covers of each album that is taken for a genre, as they come; counts in `done` what becomes of the others."""
    done, seen, failed = errand.done, set[str](), 0
    passed = done.passed.setdefault(genre, Counter())
    for album in drawn_albums(errand.client, genre, seed=errand.wanted.seed):
        if done.full or done.taken[genre] >= errand.wanted.per_genre:
            return
        if album.id in seen:
            continue
        seen.add(album.id)
        covers, reason = _tried(errand, genre, album)
        failed = failed + 1 if reason == NOT_NOW else 0
        if failed == IN_A_ROW:
            raise Unreachable(f"{failed} pictures in a row could not be had: try the same command later, it goes on")
        passed[reason] += bool(reason)
        if covers:
            done.taken[genre] += 1
            yield covers


def _tried(errand: _Errand, genre: str, album: Album) -> tuple[list[Cover], str]:
    """An album's covers; without any, why it is passed over ('' at the bound)."""
    votes = genre_votes(album.votes, errand.names)
    genres = asked_genres(votes, errand.wanted.genres)
    if genres[:1] != [genre]:
        return [], OTHER if genres or genre not in votes else TIED
    try:
        pictures = find_pictures(errand.client, album.id)
        if pictures is None or errand.wanted.sides()[0] not in pictures.numbers:
            return [], NO_PICTURE
        return _loaded(errand, album, genres, pictures), ""
    except UnreadableImage as error:
        log.debug("%s: %s", album.id, error)
        return [], UNUSABLE
    except Unreachable as error:
        log.debug("%s: %s", album.id, error)
        return [], NOT_NOW


def _loaded(errand: _Errand, album: Album, genres: list[str], pictures: Pictures) -> list[Cover]:
    """The sides of an album that are wanted and there, loaded; none at the bound.

    Raises UnreadableImage where the first side is no usable cover; without a second one it goes on.
    """
    covers: list[Cover] = []
    for side in errand.wanted.sides():
        path = f"covers/{album.id}-{side}-{errand.wanted.size}.jpg"
        if side not in pictures.numbers:
            continue
        try:
            if _load(errand, address(errand.client, pictures, side, errand.wanted.size), errand.folder / path):
                covers.append(Cover(album, genres, genre_votes(album.votes, errand.names), pictures, side, path))
        except UnreadableImage:
            if not covers:
                raise
    return covers


def _load(errand: _Errand, url: str, file: Path) -> bool:
    """Load a picture unless it is there, and keep it if it is a cover; False where the bound leaves no room for it.

    Raises UnreadableImage, also where there is no such picture.
    """
    done = errand.done
    if file.exists():
        done.there += 1
        return True
    answer = errand.client.load(url)
    if answer.status == 404:
        raise UnreadableImage("missing", url)
    with decoded(answer.content):
        pass
    done.full = done.full or len(answer.content) > done.room
    if done.full:
        return False
    with whole(file) as part:
        part.write_bytes(answer.content)
    done.room -= len(answer.content)
    done.loaded += 1
    return True


def _write_table(client: Client, table: Path, covers: list[Cover]) -> None:
    """Write the table of all covers so far, for `genrescope import`."""
    known = releases(client, sorted({cover.pictures.release_id for cover in covers}))
    with whole(table) as part, part.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.DictWriter(lines, COLUMNS)
        rows.writeheader()
        for cover in sorted(covers, key=lambda cover: cover.path):
            release = known[cover.pictures.release_id]
            edition = {name: getattr(release, name) if release else "" for name in ("label", "country", "released")}
            rows.writerow({name: no_formula(clean(value)) for name, value in (_row(cover) | edition).items()})


def _row(cover: Cover) -> dict[str, str]:
    album, pictures = cover.album, cover.pictures
    return {
        "path": cover.path,
        "genre": "|".join(cover.genres),
        "genre_votes": "|".join(f"{name}:{count}" for name, count in cover.votes.items()),
        "artist": album.artist,
        "artist_id": album.artist_id,
        "title": album.title,
        "year": album.year,
        "release_group_id": album.id,
        "release_id": pictures.release_id,
        "side": cover.side,
        "source": f"https://coverartarchive.org/release/{pictures.release_id}/{pictures.numbers[cover.side]}",
        "licence": LICENCE,
    }
