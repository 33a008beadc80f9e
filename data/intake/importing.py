"""Importing covers: read each once, and enter what is known of it, or why it is left out."""

import hashlib
import logging
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.errors import GenrescopeError, UnreadableImage
from data.intake.images import decode, perceptual_hash, read_file, write_thumbnail
from data.intake.sources import Entry, Source, read_folder
from data.intake.tables import read_table
from data.progress import progress
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

# Covers entered in one transaction: what a killed import loses at most, and how long it locks out readers (some 50 ms).
BATCH = 500


@dataclass(frozen=True)
class ImportSummary:
    """What an import did: numbers of covers, but for `genres` (of this source) and their empty folders by name."""

    added: int
    already_there: int
    rejected: int
    ignored: int
    genres: int
    empty_genres: tuple[str, ...]

    def lines(self) -> list[str]:
        """The summary in words."""
        added = f"added {counted(self.added, 'cover')}"
        there = f", {self.already_there:,} were there already" if self.already_there else ""
        lines = [f"{added} in {counted(self.genres, 'genre')}{there}"]
        if self.rejected:
            lines.append(f"{counted(self.rejected, 'file')} left out: 'genrescope audit' says why")
        if self.ignored:
            lines.append(f"{counted(self.ignored, 'other file')} ignored: not named like an image")
        if self.empty_genres:
            lines.append(f"no image in the folder of {', '.join(self.empty_genres)}")
        return lines


def import_covers(
    workspace: Workspace,
    source: str | Path,
    *,
    path_column: str | None = None,
    genre_column: str | None = None,
    table: str | None = None,
) -> ImportSummary:
    """Add the covers of a folder (one folder a genre) or of a table to the workspace.

    Covers known by path stay as they are; files left out before are tried again. Each is read once: its size, mode,
    sha256 and perceptual hash go into the table covers, its thumbnail into the workspace; an unreadable one into
    the table rejected. Entered in batches, so a killed import resumes where it stopped. Raises GenrescopeError
    when the source holds nothing to import.
    """
    found = _read_source(Path(source), path_column=path_column, genre_column=genre_column, table=table)
    entries = _not_yet_there(workspace, found.entries)
    rejected = 0
    with progress(total=len(entries), what="importing") as bar:
        for rows in _inspected(workspace, entries):
            _enter(workspace, rows)
            rejected += sum("reason" in row for row in rows)
            bar.update(len(rows))
    return ImportSummary(
        added=len(entries) - rejected,
        already_there=len(found.entries) - len(entries),
        rejected=rejected,
        ignored=found.ignored,
        genres=len({entry.genres[0] for entry in found.entries if entry.genres}),
        empty_genres=found.empty_genres,
    )


def _read_source(source: Path, **options: Any) -> Source:
    source = Path(os.path.abspath(source.expanduser()))
    if source.is_dir():
        return read_folder(source)
    if source.is_file():
        return read_table(source, **options)
    raise GenrescopeError(f"there is no {source}: name a folder with one folder a genre, or a table of covers")


def _not_yet_there(workspace: Workspace, entries: list[Entry]) -> list[Entry]:
    with workspace.read() as con:
        known = set(con.sql("SELECT path FROM covers").to_arrow_table().column(0).to_pylist())
    return [entry for entry in entries if entry.path not in known]


def _inspected(workspace: Workspace, entries: list[Entry]) -> Iterator[list[dict[str, Any]]]:
    """Batches of rows for covers and rejected, in order; the next batch is being read while one is entered."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting: deque[Iterator[dict[str, Any]]] = deque()
        for start in range(0, len(entries), BATCH):
            waiting.append(pool.map(partial(_inspect, workspace), entries[start : start + BATCH]))
            if len(waiting) > 1:
                yield list(waiting.popleft())
        if waiting:
            yield list(waiting.popleft())


def _inspect(workspace: Workspace, entry: Entry) -> dict[str, Any]:
    """A row of covers, or one of rejected, which has a reason."""
    try:
        return _read_cover(workspace, entry)
    except UnreadableImage as error:
        path = os.fsencode(entry.path).decode("utf-8", "backslashreplace")
        genre = entry.genres[0] if entry.genres else None
        return {"path": path, "genre": genre, "reason": error.reason, "detail": error.detail}


def _read_cover(workspace: Workspace, entry: Entry) -> dict[str, Any]:
    if any("\udc80" <= character <= "\udcff" for character in entry.path):
        raise UnreadableImage("name is not UTF-8")
    content = read_file(entry.path)
    image, kind, mode = decode(content)
    if not entry.genres:
        raise UnreadableImage("no genre")
    sha256 = hashlib.sha256(content).hexdigest()
    write_thumbnail(workspace, sha256, image)
    return {
        "path": entry.path,
        "sha256": sha256,
        "phash": perceptual_hash(image),
        "bytes": len(content),
        "width": image.width,
        "height": image.height,
        "mode": mode,
        "format": kind,
        "genre": entry.genres[0],
        "genres": list(entry.genres),
        "metadata": entry.metadata,
    }


def _enter(workspace: Workspace, rows: list[dict[str, Any]]) -> None:
    """Enter one batch in one transaction; the covers get the next ids, in order."""
    covers = [row for row in rows if "reason" not in row]
    rejected = [row for row in rows if "reason" in row]
    with workspace.write() as con:
        con.execute("DELETE FROM rejected WHERE path IN (SELECT unnest(?))", [[row["path"] for row in rows]])
        con.register("new_rejected", pa.Table.from_pylist(rejected, _REJECTED))
        con.execute("INSERT INTO rejected BY NAME SELECT * FROM new_rejected")
        con.register("new_covers", pa.Table.from_pylist(covers, _COVERS).append_column("row", [range(len(covers))]))
        con.execute(_INSERT_COVERS)


_REJECTED = pa.schema([(name, pa.string()) for name in ("path", "genre", "reason", "detail")])
_COVERS = pa.schema(
    [
        *((name, pa.string()) for name in ("path", "sha256", "phash", "mode", "format", "genre", "metadata")),
        *((name, pa.int64()) for name in ("bytes", "width", "height")),
        ("genres", pa.list_(pa.string())),
    ]
)
# Another process may have entered the same covers in the meantime: theirs stand, and the ids stay without gaps.
_INSERT_COVERS = """
    INSERT INTO covers BY NAME
    SELECT (SELECT count(*) FROM covers) + row_number() OVER (ORDER BY row) - 1 AS cover_id,
        * EXCLUDE (row), current_timestamp::TIMESTAMP AS imported
    FROM new_covers WHERE path NOT IN (SELECT path FROM covers)
"""


def counted(number: int, what: str) -> str:
    """'1 cover', '5,000 covers'."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
