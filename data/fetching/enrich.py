"""Artist, year and label for covers that are there already: looked up, and taken where the match is sure.

What is taken goes into the covers' metadata, beside what came along at the import and never over it. From then on the
collection is another one (`data.store.covers.collection`): groups are made anew, and with them what counts by groups.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from data.errors import GenrescopeError
from data.fetching.answers import BATCH, is_remembered
from data.fetching.client import Client
from data.fetching.matching import DOUBTFUL, SURE, UNKNOWN, Key, Match, key_of, match
from data.fetching.musicbrainz import (
    Album,
    Release,
    albums,
    releases,
    releases_named,
    releases_of_albums,
    releases_of_barcodes,
    releases_of_discogs,
)
from data.fetching.plan import spoken
from data.store.about.enriched import ENRICHED_BY
from data.store.covers import collection, read_covers
from data.store.disk.whole import whole
from data.store.workspace import Workspace
from data.texts import clean, no_formula

# What a cover is looked up for; one that has all of them is left alone.
SOUGHT = ("artist", "year", "label")
FACTS = ("artist", "artist_id", "title", "year", "label", "country", "released", "release_group_id", "release_id")
COLUMNS = ("cover_id", "path", "why", *FACTS)


@dataclass(frozen=True)
class Question:
    """A cover that lacks a fact, and what it can be looked up by, if anything."""

    cover_id: int
    path: str
    metadata: dict[str, Any]
    key: Key | None


@dataclass(frozen=True)
class Finding:
    """What was found for a cover; facts: what a sure or a doubtful match would add, by column."""

    question: Question
    match: Match
    facts: dict[str, str]


def answers_folder(workspace: Workspace) -> Path:
    """Where answers are kept; it may be deleted."""
    return workspace.folder / "cache" / "musicbrainz"


def questions(workspace: Workspace) -> list[Question]:
    """The covers that lack artist, year or label, also those set aside."""
    covers = read_covers(workspace, collection(workspace), metadata=True)
    rows = [(cover.cover_id, cover.path, json.loads(cover.metadata)) for cover in covers.itertuples()]
    return [
        Question(cover_id, path, metadata, key_of(path, metadata))
        for cover_id, path, metadata in rows
        if any(metadata.get(name) in (None, "") for name in SOUGHT)
    ]


def plan_lines(workspace: Workspace, asked: Sequence[Question], *, pause: float = 1.0) -> list[str]:
    """What looking up would ask for and how long it takes, in words; asks nobody."""
    keys = {question.key for question in asked if question.key}
    kinds = Counter(question.key.kind if question.key else "nothing" for question in asked)
    file = answers_folder(workspace) / "answers.jsonl"
    lines, requests = [f"{len(asked):,} covers lack artist, year or label"], 0
    for kind, count in kinds.items():
        if kind == "nothing":
            lines.append(f"  {count:,} have no id, no barcode and no artist with a title: nothing to look them up by")
            continue
        wanted = {key.value for key in keys if key.kind == kind}
        new = len(wanted - is_remembered(file, kind))
        requests += new if kind == "name" else 3 * -(-new // BATCH)
        lines.append(f"  {count:,} by {_KINDS[kind]}: {len(wanted):,} different, {len(wanted) - new:,} known already")
    lines.append(f"about {requests:,} requests to MusicBrainz, one a second: {spoken(requests * pause)}")
    return lines


_KINDS = {
    "release": "MusicBrainz release id",
    "album": "MusicBrainz release group id",
    "discogs": "Discogs release id",
    "barcode": "barcode",
    "name": "artist and title",
}


def look_up(client: Client, asked: Sequence[Question]) -> list[Finding]:
    """What MusicBrainz says of covers, by `data.fetching.matching`; each key is asked for once, many at a time.

    Raises GenrescopeError; what was answered until then is kept, and not asked for again.
    """
    keys = sorted({question.key for question in asked if question.key}, key=lambda key: (key.kind, key.value))
    found: dict[Key, list[Release]] = {}
    for kind, ask in _ASK.items():
        of_kind = [key for key in keys if key.kind == kind]
        answered = ask(client, [key.value for key in of_kind])
        found |= {key: answered[key.value] for key in of_kind}
    matches = [_match(question, found) for question in asked]
    known = albums(
        client, sorted({each.release.album_id for each in matches if each.release and each.release.album_id})
    )
    return [Finding(q, each, _facts(each.release, known)) for q, each in zip(asked, matches, strict=True)]


def _match(question: Question, found: Mapping[Key, list[Release]]) -> Match:
    if question.key is None:
        return Match(UNKNOWN, "nothing to look it up by")
    return match(question.key, question.metadata, found[question.key])


def _facts(release: Release | None, known: Mapping[str, Album | None]) -> dict[str, str]:
    """What a release adds, by column; year: of the album's first release, else of this one."""
    if release is None:
        return {}
    album = known.get(release.album_id)
    facts = {name: getattr(release, name) for name in ("artist", "artist_id", "title", "label", "country", "released")}
    facts |= {"year": album.year if album and album.year else release.released[:4]}
    facts |= {"release_group_id": release.album_id, "release_id": release.id}
    return {name: value for name in FACTS if (value := clean(facts[name]))}


def take(workspace: Workspace, found: Iterable[tuple[int, Mapping[str, str], str]]) -> int:
    """Add facts to the covers' metadata, where these have no value of that name; returns how many covers gained any.

    found: cover_id, facts by column, and by what they were found (kept as ENRICHED_BY).
    """
    wanted = {cover_id: (facts, why) for cover_id, facts, why in found}
    with workspace.write() as con:
        rows = con.execute(
            "SELECT cover_id, metadata FROM covers WHERE list_contains(?, cover_id)", [list(wanted)]
        ).fetchall()
        changed = {cover_id: _added(json.loads(text), *wanted[cover_id]) for cover_id, text in rows}
        new = {cover_id: text for cover_id, text in changed.items() if text is not None}
        con.register(
            "enriched", pa.table({"id": pa.array(new, pa.int32()), "text": pa.array(new.values(), pa.string())})
        )
        con.execute("UPDATE covers SET metadata = text FROM enriched WHERE cover_id = id")
    return len(new)


def _added(metadata: dict[str, Any], facts: Mapping[str, str], why: str) -> str | None:
    """Metadata with facts that it had no value for, as JSON; None where there is none to add."""
    new = {name: value for name, value in facts.items() if value and metadata.get(name) in (None, "")}
    return json.dumps({**metadata, **new, ENRICHED_BY: why}, ensure_ascii=False) if new else None


def sure(found: Iterable[Finding]) -> list[tuple[int, Mapping[str, str], str]]:
    """What `take` may have without a human's look."""
    return [(each.question.cover_id, each.facts, each.match.why) for each in found if each.match.verdict == SURE]


def write_doubtful(file: Path, found: Iterable[Finding]) -> int:
    """Write the doubtful matches as a table to go through; returns how many there are, and removes it where none is."""
    doubtful = [each for each in found if each.match.verdict == DOUBTFUL]
    if not doubtful:
        file.unlink(missing_ok=True)
        return 0
    with whole(file) as part, part.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.DictWriter(lines, COLUMNS, restval="")
        rows.writeheader()
        for each in doubtful:
            row = {"cover_id": each.question.cover_id, "path": each.question.path, "why": each.match.why, **each.facts}
            rows.writerow({name: no_formula(value) for name, value in row.items()})
    return len(doubtful)


def accepted(workspace: Workspace, file: Path) -> list[tuple[int, Mapping[str, str], str]]:
    """The rows of such a table that a human has left in it, for `take`; raises GenrescopeError for another table."""
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        rows = [(int(row["cover_id"]), row["path"], row) for row in table.to_dict("records")]
    except (OSError, ValueError, KeyError) as error:
        raise GenrescopeError(f"{file} is no table of matches, as 'genrescope enrich' writes it") from error
    paths = dict(
        zip(*(read_covers(workspace, collection(workspace))[name] for name in ("cover_id", "path")), strict=True)
    )
    for cover_id, path, _ in rows:
        if paths.get(cover_id) != path.removeprefix("'"):
            raise GenrescopeError(f"{file} is of another workspace: cover {cover_id} is not {path} here")
    facts = [{name: row[name].removeprefix("'") for name in FACTS if row.get(name)} for _, _, row in rows]
    return [(cover_id, each, "accepted by hand") for (cover_id, _, _), each in zip(rows, facts, strict=True)]


def _by_release(client: Client, values: Sequence[str]) -> dict[str, list[Release]]:
    return {key: [each] if each else [] for key, each in releases(client, values).items()}


def _by_discogs(client: Client, values: Sequence[str]) -> dict[str, list[Release]]:
    linked = releases_of_discogs(client, values)
    known = releases(client, sorted({each for ids in linked.values() for each in ids}))
    return {value: [each for each in map(known.get, linked[value]) if each] for value in values}


_ASK: dict[str, Callable[[Client, Sequence[str]], dict[str, list[Release]]]] = {
    "release": _by_release,
    "album": releases_of_albums,
    "discogs": _by_discogs,
    "barcode": releases_of_barcodes,
    "name": releases_named,
}
