"""Both sides of a sleeve: front and back are covers, and analysis takes the fronts unless told otherwise.

Those of the other side are set aside as they are entered: they are in the workspace, count nowhere, and can come back
(`genrescope include backs`). Groups keep them with their fronts: `data.grouping.groups.SLEEVE`.
"""

import json
from collections.abc import Iterable
from typing import Any

import duckdb

from data.intake.sources import Source
from data.store.workspace import Workspace

# The metadata column that says which side a picture shows; one without it is a front.
SIDE = "side"
SIDES = ("front", "back", "both")
# What 'genrescope exclude' and 'include' call the covers of each side.
NAMES = {"fronts": "front", "backs": "back"}
OTHERS = {"front": "backs", "back": "fronts"}


def side_of(metadata: str) -> str:
    """The side that a cover shows, by its metadata (JSON text): 'back' where it says so, else 'front'."""
    return "back" if str(json.loads(metadata).get(SIDE, "")).strip().lower() == "back" else "front"


def usual_side(workspace: Workspace, source: Source) -> str:
    """The side that analysis takes where nobody says: 'front', but 'both' where only backs would be there."""
    with workspace.read() as con:
        (there,) = con.sql("SELECT count(*) FROM covers").fetchall()[0]
    fronts = there or any(side_of(entry.metadata) == "front" for entry in source.entries)
    return "front" if fronts else "both"


def others(rows: Iterable[dict[str, Any]], side: str) -> list[str]:
    """Paths of the covers (rows with path and metadata) that are not of a side; none of 'both'."""
    return [row["path"] for row in rows if side != "both" and side_of(row["metadata"]) != side]


def set_others_aside(con: duckdb.DuckDBPyConnection, paths: list[str], *, start: int, side: str) -> None:
    """Set new covers (from the id `start` on) aside, inside the caller's transaction: no analysis sees them before."""
    con.execute(
        "INSERT INTO set_aside SELECT cover_id, ?, current_timestamp::TIMESTAMP FROM covers "
        "WHERE cover_id >= ? AND list_contains(?, path)",
        [f"no {side} side", start, paths],
    )
