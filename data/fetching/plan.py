"""What a fetch is asked for, which albums it goes through, and what it will cost: before anything is loaded."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from data.errors import GenrescopeError
from data.fetching.client import Client
from data.fetching.coverart import SIDES, SIZES
from data.fetching.musicbrainz import PAGE, Album, albums_of_genre, genre_names
from data.fetching.votes import check_genres
from data.store.disk.whole import whole

# What a fetch into this folder was asked for, and the answers that it got; hidden: no import takes them for covers.
REQUEST = ".fetch.json"
ANSWERS = ".answers"
# Seconds that asking the archive for the pictures of an album takes, and loading one: they are sent on twice each.
SECONDS_A_LIST, SECONDS_A_FILE = 1.0, 1.5
# Albums looked at for one that is taken: some have no picture, some more votes for another genre.
LOOKED_AT = 1.5


@dataclass(frozen=True)
class Wanted:
    """What to fetch: albums a genre, sides (see `sides`), longest side in pixels, seed of drawing, bytes at most."""

    genres: tuple[str, ...]
    per_genre: int = 100
    side: str = "front"
    size: int = 500
    seed: int = 42
    most_bytes: int = 5_000_000_000

    def sides(self) -> tuple[str, ...]:
        """The sides of an album that are loaded; of 'both' the front has to be there, the back may be."""
        return SIDES if self.side == "both" else (self.side,)


@dataclass(frozen=True)
class Plan:
    """What a fetch will do: albums that MusicBrainz has of each genre, and estimates for what is taken of them."""

    wanted: Wanted
    found: Mapping[str, int]

    def albums(self) -> int:
        """How many albums will be taken, at most."""
        return sum(min(count, self.wanted.per_genre) for count in self.found.values())

    def bytes(self) -> int:
        """What the files will take, roughly."""
        return self.albums() * len(self.wanted.sides()) * SIZES[self.wanted.size]

    def seconds(self, pause: float) -> float:
        """How long it will take, roughly: `pause` seconds for each request to MusicBrainz, and the archive's time."""
        looked_at = LOOKED_AT * self.albums()
        asked = 1 + sum(1 + LOOKED_AT * min(count, self.wanted.per_genre) / PAGE for count in self.found.values())
        files = self.albums() * len(self.wanted.sides())
        return asked * pause + looked_at * SECONDS_A_LIST + files * SECONDS_A_FILE

    def lines(self, pause: float) -> list[str]:
        """The plan in words."""
        wanted = self.wanted
        rows = [
            f"{genre}: {count:,} albums with a vote for it; {min(count, wanted.per_genre):,} of them at most"
            for genre, count in self.found.items()
        ]
        bound = f"; it stops at {wanted.most_bytes / 1e9:g} GB" if self.bytes() > wanted.most_bytes else ""
        rows.append(
            f"in all at most {self.albums():,} albums, {' and '.join(wanted.sides())}, {wanted.size} pixels: about "
            f"{self.bytes() / 1e6:,.0f} MB{bound}, and about {spoken(self.seconds(pause))}, one file after the other"
        )
        return rows


def make_plan(client: Client, wanted: Wanted) -> tuple[Plan, frozenset[str]]:
    """Ask how many albums there are of each genre; also the names of all genres. A request a genre, and one.

    Raises GenrescopeError for a genre that MusicBrainz does not know.
    """
    names = genre_names(client)
    wanted = Wanted(**{**asdict(wanted), "genres": tuple(check_genres(wanted.genres, names))})
    return Plan(wanted, {genre: albums_of_genre(client, genre, offset=0).total for genre in wanted.genres}), names


def drawn_albums(client: Client, genre: str, *, seed: int) -> Iterator[Album]:
    """All albums with a vote for a genre, page by page, the pages in an order drawn by the seed.

    A search lists those first that have few other tags: who took the first ones would take the purest of a genre, and
    find genres better told apart than they are. What is drawn is drawn in clusters, since a page holds PAGE albums.
    """
    count = albums_of_genre(client, genre, offset=0).total
    for offset in sorted(range(0, count, PAGE), key=lambda offset: _drawn(seed, genre, offset)):
        albums = albums_of_genre(client, genre, offset=offset).albums
        yield from sorted(albums, key=lambda album: _drawn(seed, genre, album.id))


def _drawn(seed: int, *what: object) -> str:
    """A place in an order drawn by the seed, which stays as it is when there is more to draw from."""
    return hashlib.sha256(repr((seed, *what)).encode()).hexdigest()


def claim_folder(folder: Path, wanted: Wanted) -> None:
    """Note in a folder what is fetched into it; a later fetch may add genres, since votes decide among those asked for.

    Raises GenrescopeError where the folder holds another collection, or covers of genres that are not named this time.
    """
    file = folder / REQUEST
    if not file.exists() and folder.exists() and any(not item.name.startswith(".") for item in folder.iterdir()):
        raise GenrescopeError(f"{folder} holds something else: name an empty folder, or one that is not there yet")
    missing = set(_asked_before(file)) - set(wanted.genres)
    if missing:
        raise GenrescopeError(
            f"{folder} holds covers of {', '.join(sorted(missing))}: name these genres, too (a genre is decided among "
            "all that are asked for, and what is there is not loaded again), or another folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with whole(file) as part:
        part.write_text(json.dumps(asdict(wanted), ensure_ascii=False, indent=1), encoding="utf-8")


def _asked_before(file: Path) -> list[str]:
    try:
        return list(json.loads(file.read_text(encoding="utf-8"))["genres"])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def spoken(seconds: float) -> str:
    """A duration in the unit that suits it."""
    for unit, size in (("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
