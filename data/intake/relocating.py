"""Covers whose files have moved: found again by what is in them, so that a workspace outlives their place."""

import hashlib
import logging
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from data.errors import GenrescopeError, UnreadableImage
from data.intake.images import read_file
from data.intake.importing import BATCH, counted
from data.progress import progress
from data.store.workspace import Workspace
from data.texts import clean

log = logging.getLogger(__name__)

# What a file name holds that is not UTF-8.
_HALF = re.compile(r"[\ud800-\udfff]")
# Paths of covers that a summary in words names, where more are missing.
NAMED = 5


@dataclass(frozen=True)
class Cover:
    """What tells a cover's file from others."""

    cover_id: int
    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Relocation:
    """What `relocate` found. covers: of the workspace; moved: those that have a new path; missing: the paths of those
    that were found nowhere, in order of cover_id. All others are where they were."""

    covers: int
    moved: int
    missing: tuple[str, ...]

    def lines(self) -> list[str]:
        """The summary in words."""
        stayed = self.covers - self.moved - len(self.missing)
        lines = [f"{counted(self.moved, 'cover')} found again, {stayed:,} were in their place"]
        if self.missing:
            more = f", ... and {len(self.missing) - NAMED:,} more (--json lists all)" if self.missing[NAMED:] else ""
            named = ", ".join(map(clean, self.missing[:NAMED]))
            lines.append(f"{counted(len(self.missing), 'cover')} still missing: {named}{more}")
        return lines


def relocate(workspace: Workspace, folder: str | Path) -> Relocation:
    """Give each cover whose file is no longer in its place the path of a file below `folder` that has its content.

    Nothing but covers.path changes: ids, genres, metadata, runs and thumbnails know a cover by its content. Covers of
    equal content get a file each, the one whose path ends most alike first; where there are fewer files than covers,
    the others stay missing. Only files of a size that is missing are read, those of a missing name before all others.
    What is found is entered size by size, so a killed call loses at most a batch, and a second one finds less to do.
    A file of another content in a cover's place is noticed where its size is another one, or that of a missing cover.

    Raises GenrescopeError without such a folder, without covers, and where something is missing and nothing is found.
    """
    folder = Path(os.path.abspath(Path(folder).expanduser()))
    if not folder.is_dir():
        raise GenrescopeError(f"there is no folder {folder}: name the one that the covers have moved to")
    covers = _covers(workspace)
    lost = _lost(covers)
    in_place = {cover.path for cover in covers}.difference(cover.path for cover in lost)
    files = _files_by_size(folder, {cover.bytes for cover in lost}, other_than=in_place) if lost else {}
    moved = _move(workspace, lost, files)
    missing = tuple(cover.path for cover in lost if cover.cover_id not in moved)
    if lost and not moved:
        raise GenrescopeError(
            f"none of {counted(len(lost), 'missing cover')} lies below {folder}, whatever it may be called now "
            f"({clean(missing[0])} is one): name the folder that they have moved to"
        )
    return Relocation(len(covers), len(moved), missing)


def _covers(workspace: Workspace) -> list[Cover]:
    with workspace.read() as con:
        rows = con.sql("SELECT cover_id, path, sha256, bytes FROM covers ORDER BY cover_id").fetchall()
    if not rows:
        raise GenrescopeError(f"{workspace.folder} holds no covers: add some with 'genrescope import SOURCE'")
    return [Cover(*row) for row in rows]


def _lost(covers: list[Cover]) -> list[Cover]:
    """Covers whose file is gone or of another size, or of the size of one of these and another content."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        missing = {cover for cover in covers if _size(cover.path) != cover.bytes}
        sizes = {cover.bytes for cover in missing}
        doubtful = [cover for cover in covers if cover.bytes in sizes and cover not in missing]
        contents = pool.map(_content, [cover.path for cover in doubtful])
        missing |= {cover for cover, sha256 in zip(doubtful, contents, strict=True) if sha256 != cover.sha256}
    return [cover for cover in covers if cover in missing]


def _size(path: str) -> int | None:
    """Size of a regular file in bytes, None where there is none that we may see."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _files_by_size(folder: Path, sizes: set[int], *, other_than: set[str]) -> dict[int, list[str]]:
    """The files below a folder that have one of these sizes, by size, sorted. A name that is not UTF-8 is no path."""
    found = defaultdict(list)
    for path in _walk(folder):
        size = _size(path)
        if size in sizes and path not in other_than and not _HALF.search(path):
            found[size].append(path)
    return {size: sorted(paths) for size, paths in found.items()}


def _walk(folder: Path) -> Iterator[str]:
    """Every file below a folder; links are followed, each place once; what may not be read is said, and passed over."""
    seen = set()
    for place, folders, names in os.walk(folder, followlinks=True, onerror=lambda error: log.warning("%s", error)):
        status = os.stat(place)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        yield from (os.path.join(place, name) for name in names)


def _move(workspace: Workspace, lost: list[Cover], files: Mapping[int, list[str]]) -> set[int]:
    """Enter the new paths batch by batch; returns the ids of the covers that have one now."""
    moved: set[int] = set()
    waiting: dict[int, str] = {}  # for a place that another cover has given up, or may yet
    with progress(total=len(lost), what="looking for covers") as bar, ThreadPoolExecutor(os.cpu_count()) as pool:
        for batch in _batches(lost):
            places = [files.get(covers[0].bytes, []) for covers in batch]
            for found in pool.map(_found, batch, places):
                waiting |= found
            entered = _enter(workspace, waiting)
            moved |= entered
            waiting = {cover_id: path for cover_id, path in waiting.items() if cover_id not in entered}
            bar.update(sum(map(len, batch)))
    return moved


def _batches(lost: list[Cover]) -> Iterator[list[list[Cover]]]:
    """Covers of one size together, some BATCH covers at a time: equal contents are of equal size."""
    by_size = defaultdict(list)
    for cover in lost:
        by_size[cover.bytes].append(cover)
    batch: list[list[Cover]] = []
    for covers in by_size.values():
        batch.append(covers)
        if sum(map(len, batch)) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _found(covers: list[Cover], files: list[str]) -> dict[int, str]:
    """A file for each of these covers of one size, by cover_id: first among those of their names, then among all."""
    names = {_parts(cover.path)[-1] for cover in covers}
    likely = [path for path in files if _parts(path)[-1] in names]
    contents = _contents(likely)
    found = _assigned(covers, contents)
    if len(found) < len(covers) and len(likely) < len(files):
        found = _assigned(covers, contents | _contents(set(files).difference(likely)))
    return found


def _contents(paths: Iterable[str]) -> dict[str, str]:
    """SHA-256 of each file that can be read, '' of others."""
    return {path: _content(path) for path in paths}


def _content(path: str) -> str:
    try:
        return hashlib.sha256(read_file(path)).hexdigest()
    except UnreadableImage as error:
        log.warning("%s: %s", path, error)
        return ""


def _assigned(covers: list[Cover], contents: Mapping[str, str]) -> dict[int, str]:
    """Each cover a file of its own that has its content; those whose paths end alike the furthest come first.

    contents: SHA-256 by path.
    """
    found: dict[int, str] = {}
    for length in range(max(len(_parts(cover.path)) for cover in covers), -1, -1):
        free = defaultdict(list)
        for path in sorted(set(contents).difference(found.values()), reverse=True):
            free[contents[path], _tail(path, length)].append(path)
        for cover in covers:
            fitting = free.get((cover.sha256, _tail(cover.path, length)))
            if cover.cover_id not in found and fitting:
                found[cover.cover_id] = fitting.pop()
    return found


def _parts(path: str) -> list[str]:
    """The names that a path is made of, also one of the other kind of system."""
    return re.split(r"[/\\]+", path)


def _tail(path: str, length: int) -> tuple[str, ...]:
    return tuple(_parts(path)[-length:]) if length else ()


def _enter(workspace: Workspace, found: Mapping[int, str]) -> set[int]:
    """Enter the paths that no other cover keeps, in one transaction; returns whose. A path belongs to one cover."""
    with workspace.write() as con:
        query = "SELECT path, cover_id FROM covers WHERE path IN (SELECT unnest(?))"
        holders = dict(con.execute(query, [list(found.values())]).fetchall())
        free = dict(found)
        while kept := [cover_id for cover_id, path in free.items() if holders.get(path, cover_id) not in free]:
            for cover_id in kept:
                del free[cover_id]
        con.execute(
            "UPDATE covers SET path = new.path FROM (SELECT unnest($1) AS cover_id, unnest($2) AS path) AS new "
            "WHERE covers.cover_id = new.cover_id",
            [list(free), list(free.values())],
        )
    return set(free)
