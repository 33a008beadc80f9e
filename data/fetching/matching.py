"""Which MusicBrainz release a cover is of: what it is looked up by, and how sure what is found is. No network here.

A match is sure where an id or a barcode leads to one album alone, or where exactly one album has the same artist and
title; and where nothing that the cover knows already contradicts it. Everything else is doubtful: a human's choice.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from data.fetching.musicbrainz import Release, find_id

SURE, DOUBTFUL, UNKNOWN = "sure", "doubtful", "unknown"

# Metadata columns, as they are usually called, in the order in which they are tried; compared without regard to case.
RELEASE_COLUMNS = ("release_id", "musicbrainz_release_id", "musicbrainz_albumid", "release_mbid", "mbid")
ALBUM_COLUMNS = ("release_group_id", "musicbrainz_releasegroupid", "release_group_mbid")
DISCOGS_COLUMNS = ("discogs_release_id", "discogs_id", "discogs")
BARCODE_COLUMNS = ("barcode", "ean", "upc")
ARTIST_COLUMNS = ("artist", "albumartist", "album_artist", "artist_name")
TITLE_COLUMNS = ("title", "album", "album_title", "release_title")
# Files as Discogs names its pictures: R-10011179-1490322801-7353-jpeg.jpg is one of release 10011179.
_DISCOGS_FILE = re.compile(r"R-(\d+)-")
_NUMBER = re.compile(r"(?:^|/|\br)(\d+)")


@dataclass(frozen=True)
class Key:
    """What a cover is looked up by: kind (release, album, discogs, barcode or name) and value; a name is two lines."""

    kind: str
    value: str

    def said(self) -> str:
        """The key in words."""
        return f"{self.kind} {' - '.join(self.value.splitlines())}"


@dataclass(frozen=True)
class Match:
    """What was found for a cover: sure, doubtful or unknown, why, and the release, if any."""

    verdict: str
    why: str
    release: Release | None = None


def key_of(path: str, metadata: Mapping[str, Any]) -> Key | None:
    """The best key that a cover offers: an id of MusicBrainz, of Discogs, a barcode, else artist and title; or None."""
    known = {name.lower(): str(value) for name, value in metadata.items() if value not in (None, "")}
    for kind, columns in (("release", RELEASE_COLUMNS), ("album", ALBUM_COLUMNS)):
        if value := find_id(_first(known, columns)):
            return Key(kind, value)
    named, column = _DISCOGS_FILE.match(PurePath(path).name), _NUMBER.search(_first(known, DISCOGS_COLUMNS))
    if found := column or named:
        return Key("discogs", found.group(1))
    if len(code := re.sub(r"\D", "", _first(known, BARCODE_COLUMNS))) >= 8:
        return Key("barcode", code)
    artist, title = _first(known, ARTIST_COLUMNS), _first(known, TITLE_COLUMNS)
    return Key("name", f"{_one_line(artist)}\n{_one_line(title)}") if artist and title else None


def match(key: Key, metadata: Mapping[str, Any], found: Sequence[Release]) -> Match:
    """What the releases that were found by a key say of a cover with this metadata."""
    if not found:
        return Match(UNKNOWN, "MusicBrainz knows none")
    candidates = _same_name(key, found) if key.kind == "name" else list(found)
    albums = {release.album_id for release in candidates}
    best = min(candidates or found, key=lambda release: (release.released or "9999", release.id))
    if not candidates:
        return Match(DOUBTFUL, "only names that are like it", found[0])
    if len(albums) > 1:
        return Match(DOUBTFUL, f"{len(albums)} albums have it", best)
    contradiction = _contradiction(metadata, best)
    return Match(DOUBTFUL, contradiction, best) if contradiction else Match(SURE, f"by {key.said()}", best)


def plain(name: str) -> str:
    """A name without case, accents, punctuation and a leading 'the'; '&' is 'and'."""
    text = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    words = "".join(c if c.isalnum() else " " for c in text if not unicodedata.combining(c)).split()
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words) or name.casefold().strip()


def _same_name(key: Key, found: Sequence[Release]) -> list[Release]:
    artist, title = key.value.splitlines()
    return [each for each in found if (plain(each.artist), plain(each.title)) == (plain(artist), plain(title))]


def _contradiction(metadata: Mapping[str, Any], release: Release) -> str:
    """What the cover knows that the release has otherwise, '' for nothing: artist and title, as far as it has them."""
    known = {name.lower(): str(value) for name, value in metadata.items() if value not in (None, "")}
    for what, columns, found in (("artist", ARTIST_COLUMNS, release.artist), ("title", TITLE_COLUMNS, release.title)):
        said = _first(known, columns)
        if said and found and plain(said) not in plain(found) and plain(found) not in plain(said):
            return f"the cover's {what} is '{_one_line(said)}', MusicBrainz has '{found}'"
    return ""


def _first(known: Mapping[str, str], columns: Sequence[str]) -> str:
    return next((known[name] for name in columns if name in known), "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
