"""Where covers come from, and the folder with one folder a genre. Tables are read in data.intake.tables."""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data.errors import GenrescopeError
from data.texts import clean, cut

# File names taken for covers. Those of formats we cannot read are among them: they get listed with their reason.
COVER_SUFFIXES = {
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".avif"),
    *(".heic", ".heif", ".jp2", ".jxl", ".psd", ".svg", ".tga", ".ico", ".eps"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A cover as its source names it: absolute path, genres (none: the source names none), metadata as JSON text."""

    path: str
    genres: tuple[str, ...]
    metadata: str = "{}"


@dataclass(frozen=True)
class Source:
    """What lies in a source: covers sorted by path, how many files are no covers, genres without any cover.

    ordered: whether a cover's genres stand in an order of the source's own, and not in rows apart. voted: whether that
    order is known to be that of votes.
    """

    entries: list[Entry]
    ignored: int = 0
    empty_genres: tuple[str, ...] = ()
    ordered: bool = True
    voted: bool = False


def clean_genres(names: Iterable[str]) -> tuple[str, ...]:
    """Genre names without outer blanks, in composed Unicode (macOS decomposes file names), each once, none empty.

    Without control characters, too, and cut where they are too long for a name: see `data.texts`.
    """
    cleaned = (cut(unicodedata.normalize("NFC", clean(name)).strip()) for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if name))


def read_folder(folder: Path) -> Source:
    """List a folder with one folder a genre; below that, folders nest at will.

    Hidden files, and files that do not have the name of an image, are ignored. An image beside the genre folders
    is listed without a genre. Raises GenrescopeError when there is no image in any genre.
    """
    entries, ignored, empty = [], 0, []
    for item in _sorted_items(folder):
        if item.is_dir():
            if _is_workspace(item.path):
                continue
            found, others = files_below(item.path)
            entries += [Entry(path, clean_genres([item.name])) for path in found]
            ignored += others
            if not found:
                empty.append(item.name)
        elif _named_like_a_cover(item.name):
            entries.append(Entry(item.path, ()))
        else:
            ignored += 1
    _check_not_empty(folder, entries, empty)
    return Source(sorted(entries, key=lambda entry: entry.path), ignored, tuple(empty))


def _check_not_empty(folder: Path, entries: list[Entry], empty_genres: list[str]) -> None:
    if any(entry.genres for entry in entries):
        return
    if entries:
        found = f"{len(entries):,} images but no genre folders"
    elif empty_genres:
        found = f"folders ({', '.join(empty_genres[:5])}{', ...' if len(empty_genres) > 5 else ''}) but no images"
    else:
        found = "nothing to import"
    raise GenrescopeError(
        f"{folder} holds {found}: put the covers of each genre into a folder named after it, or import a table "
        "(CSV, Parquet, DuckDB) with a path and a genre column"
    )


def files_below(folder: str) -> tuple[list[str], int]:
    """Paths in a genre folder that have the name of an image, and the number of other files."""
    found, others = [], 0
    for item in _walk(folder, seen=set()):
        if _named_like_a_cover(item.name):
            found.append(item.path)
        else:
            others += 1
    return found, others


def _walk(folder: str, *, seen: set[tuple[int, int]]) -> Iterator[os.DirEntry[str]]:
    """Everything below a folder that is no folder, or has the name of an image; follows links, each place once."""
    place = os.stat(folder)
    if (place.st_dev, place.st_ino) in seen:
        return
    seen.add((place.st_dev, place.st_ino))
    for item in _sorted_items(folder):
        if item.is_dir() and not _named_like_a_cover(item.name):
            yield from _walk(item.path, seen=seen)
        else:
            yield item


def _sorted_items(folder: str | Path) -> list[os.DirEntry[str]]:
    """What a folder holds, but for hidden files."""
    try:
        with os.scandir(folder) as items:
            return sorted((item for item in items if not item.name.startswith(".")), key=lambda item: item.name)
    except OSError as error:
        raise GenrescopeError(f"cannot read the folder {folder}: {error.strerror}") from error


def _named_like_a_cover(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in COVER_SUFFIXES


def _is_workspace(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "genrescope.duckdb"))
