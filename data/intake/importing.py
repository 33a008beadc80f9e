"""Importing covers: read each once, and enter what is known of it, or why it is left out."""

import hashlib
import logging
import os
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.errors import GenrescopeError, UnreadableImage
from data.intake.decoding import decoded
from data.intake.images import held_file, perceptual_hash, write_thumbnail
from data.intake.primary import RULES, Rule, put_first, rule_for
from data.intake.sides import OTHERS, others, set_others_aside, usual_side
from data.intake.sources import Entry, Source, read_folder
from data.intake.tables import read_query, read_table
from data.listing import listed
from data.postgres.addresses import is_address
from data.progress import progress
from data.store.about.set_aside import read_set_aside
from data.store.disk.whole import sweep
from data.store.workspace import Workspace
from data.texts import LONGEST_NAME, is_cut

log = logging.getLogger(__name__)

# Covers entered in one transaction: what a killed import loses at most, and how long it locks out readers (some 50 ms).
BATCH = 500


@dataclass(frozen=True)
class ImportSummary:
    """What an import did: numbers of covers, but for `genres` (of this source) and their empty folders by name.

    several: covers of the source that have several genres; rule, why: how their primary one was chosen. filed_twice:
    covers of the workspace of which an identical file has other genres. never_primary: genres that no cover of the
    workspace has as its primary one. cut: genres whose names were too long. other_sides: new covers that
    were set aside, as analysis takes the side `side`.
    """

    added: int
    already_there: int
    rejected: int
    ignored: int
    genres: int
    empty_genres: tuple[str, ...]
    several: int = 0
    rule: str = "first"
    why: str = ""
    filed_twice: int = 0
    never_primary: tuple[str, ...] = ()
    cut: int = 0
    side: str = "both"
    other_sides: int = 0

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
            lines.append(f"no image in the folder of {listed(self.empty_genres)}")
        if self.other_sides:
            lines.append(
                f"{self.other_sides:,} of them set aside, as analysis takes {self.side} sides: 'genrescope include "
                f"{OTHERS[self.side]}' makes it take these, too"
            )
        if self.cut:
            lines.append(
                f"{counted(self.cut, 'genre')} cut to {LONGEST_NAME} characters, as no name is so long: is "
                "--genre-column the right one?"
            )
        return lines + self._of_several()

    def _of_several(self) -> list[str]:
        """What is to be known of covers with several genres; nothing where there are none."""
        lines = []
        if self.several:
            others = " or ".join(name for name in RULES if name != self.rule)
            lines.append(
                f"{counted(self.several, 'cover')} with several genres: strict figures take {RULES[self.rule]} (rule "
                f"'{self.rule}': {self.why}); other rules, in a new workspace: --primary {others}"
            )
        if self.filed_twice:
            lines.append(f"{counted(self.filed_twice, 'cover')} with other genres where the same file lies once more")
        if lines:
            lines.append("membership, and credit for any of a cover's genres, stand beside what is strict")
        if self.never_primary:
            names = listed(self.never_primary)
            lines.append(f"no cover has {names} as its primary genre: only membership measures know of it")
        return lines


def import_covers(
    workspace: Workspace,
    source: str | Path,
    *,
    path_column: str | None = None,
    genre_column: str | None = None,
    table: str | None = None,
    query: str | None = None,
    primary: str | None = None,
    side: str | None = None,
) -> ImportSummary:
    """Add the covers of a folder (one folder a genre), of a table or of a query to the workspace.

    source: a folder, a file, or the address of a PostgreSQL database ('postgresql://...'), for which `query` says
    which covers. primary: which of several genres is a cover's primary one, a key of `primary.RULES`; see
    `primary.rule_for`. side: 'front' or 'back' sets new covers aside whose column `side` says otherwise, 'both' none;
    by default see `sides.usual_side`.

    Covers known by path stay as they are; files left out before are tried again. Each is read once: its size, mode,
    sha256 and perceptual hash go into the table covers, its thumbnail into the workspace; an unreadable one into
    the table rejected. Entered in batches, so a killed import resumes where it stopped. Raises GenrescopeError
    when the source holds nothing to import.
    """
    found = _read_source(source, path_column=path_column, genre_column=genre_column, table=table, query=query)
    rule = rule_for(workspace, found, primary)
    entries = _not_yet_there(workspace, found.entries)
    side, before = side or usual_side(workspace, found), len(read_set_aside(workspace))
    sweep(workspace.folder / "thumbnails")
    added, rejected = 0, 0
    batches = closing(_inspected(workspace, entries, rule))
    with progress(total=len(entries), what="importing") as bar, batches as inspected:
        for rows in inspected:
            added += _enter(workspace, rows, side=side)
            rejected += sum("reason" in row for row in rows)
            bar.update(len(rows))
    genres = {genre for entry in found.entries for genre in entry.genres}
    return ImportSummary(
        added=added,
        already_there=len(found.entries) - added - rejected,
        rejected=rejected,
        ignored=found.ignored,
        genres=len(genres),
        cut=sum(map(is_cut, genres)),
        empty_genres=found.empty_genres,
        several=sum(len(entry.genres) > 1 for entry in found.entries),
        rule=rule.name,
        why=rule.why,
        side=side,
        other_sides=len(read_set_aside(workspace)) - before,
        **_labelled_twice(workspace),
    )


def _labelled_twice(workspace: Workspace) -> dict[str, Any]:
    """filed_twice and never_primary of the summary."""
    with workspace.read() as con:
        twice = con.sql(
            "SELECT count(*) FROM (SELECT max(list_sort(genres)) OVER same AS last, min(list_sort(genres)) OVER same "
            "AS first FROM covers WINDOW same AS (PARTITION BY sha256)) WHERE first <> last"
        ).fetchall()[0][0]
        never = con.sql(
            "SELECT DISTINCT unnest(genres) AS name FROM covers EXCEPT SELECT genre FROM covers ORDER BY name"
        )
        return {"filed_twice": twice, "never_primary": tuple(name for (name,) in never.fetchall())}


def _read_source(source: str | Path, *, table: str | None, query: str | None, **options: Any) -> Source:
    if is_address(source):
        if table:
            raise GenrescopeError("--table names a table of a DuckDB file: name one of PostgreSQL's in --query")
        return read_query(str(source), query, **options)
    if query:
        raise GenrescopeError("--query is for PostgreSQL: name a source postgresql://..., or leave the query out")
    source = Path(os.path.abspath(Path(source).expanduser()))
    if source.is_dir():
        return read_folder(source)
    if source.is_file():
        return read_table(source, table=table, **options)
    raise GenrescopeError(f"there is no {source}: name a folder with one folder a genre, or a table of covers")


def _not_yet_there(workspace: Workspace, entries: list[Entry]) -> list[Entry]:
    with workspace.read() as con:
        known = set(con.sql("SELECT path FROM covers").to_arrow_table().column(0).to_pylist())
    return [entry for entry in entries if entry.path not in known]


def _inspected(workspace: Workspace, entries: list[Entry], rule: Rule) -> Generator[list[dict[str, Any]]]:
    """Batches of rows for covers and rejected, in order; the next batch is being read while one is entered."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting: deque[Iterator[dict[str, Any]]] = deque()
        try:
            for start in range(0, len(entries), BATCH):
                waiting.append(pool.map(partial(_inspect, workspace, rule), entries[start : start + BATCH]))
                if len(waiting) > 1:
                    yield list(waiting.popleft())
            if waiting:
                yield list(waiting.popleft())
        except BaseException:  # the disk is full, or the user has enough: nobody needs the rest
            pool.shutdown(cancel_futures=True)
            raise


def _inspect(workspace: Workspace, rule: Rule, entry: Entry) -> dict[str, Any]:
    """A row of covers, or one of rejected, which has a reason."""
    try:
        return _read_cover(workspace, rule, entry)
    except UnreadableImage as error:
        path = os.fsencode(entry.path).decode("utf-8", "backslashreplace")
        genre = entry.genres[0] if entry.genres else None
        return {"path": path, "genre": genre, "reason": error.reason, "detail": error.detail}


def _read_cover(workspace: Workspace, rule: Rule, entry: Entry) -> dict[str, Any]:
    if any("\udc80" <= character <= "\udcff" for character in entry.path):
        raise UnreadableImage("name is not UTF-8")
    with held_file(entry.path) as content, decoded(content) as (image, kind, mode, size):
        if not entry.genres:
            raise UnreadableImage("no genre")
        sha256 = hashlib.sha256(content).hexdigest()
        write_thumbnail(workspace, sha256, image)
        genres = put_first(entry.genres, rule, sha256=sha256)
        return {
            "path": entry.path,
            "sha256": sha256,
            "phash": perceptual_hash(image),
            "bytes": len(content),
            "width": size[0],
            "height": size[1],
            "mode": mode,
            "format": kind,
            "genre": genres[0],
            "genres": genres,
            "primary_by": rule.name,
            "metadata": entry.metadata,
        }


def _enter(workspace: Workspace, rows: list[dict[str, Any]], *, side: str = "both") -> int:
    """Enter one batch in one transaction; the covers get the next ids, in order. Returns how many were new."""
    covers = [row for row in rows if "reason" not in row]
    rejected = [row for row in rows if "reason" in row]
    with workspace.write() as con:
        con.execute("DELETE FROM rejected WHERE path IN (SELECT unnest(?))", [[row["path"] for row in rows]])
        con.register("new_rejected", pa.Table.from_pylist(rejected, _REJECTED))
        con.execute("INSERT INTO rejected BY NAME SELECT * FROM new_rejected")
        con.register("new_covers", pa.Table.from_pylist(covers, _COVERS).append_column("row", [range(len(covers))]))
        (start,) = con.execute("SELECT count(*) FROM covers").fetchall()[0]
        added = int(con.execute(_INSERT_COVERS).fetchall()[0][0])
        set_others_aside(con, others(covers, side), start=start, side=side)
        return added


_REJECTED = pa.schema([(name, pa.string()) for name in ("path", "genre", "reason", "detail")])
_COVERS = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("path", "sha256", "phash", "mode", "format", "genre", "primary_by", "metadata")
        ),
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
