"""The covers of a workspace, and the collection: the snapshot of them that a run was computed on."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from data.errors import GenrescopeError
from data.store.about.enriched import read_enriched
from data.store.about.set_aside import SET_ASIDE, fingerprint, read_set_aside
from data.store.runs import Run, compute_run
from data.store.workspace import Workspace


def collection(workspace: Workspace, *, whole: bool = False) -> Run:
    """The run that stands for the covers as they are now; every run that reads covers has it among its inputs.

    Covers are only ever added, so their number n fixes the snapshot: it holds the cover_ids below n.
    Params: covers (n) and sha256, a fingerprint over every cover's content and genre; where covers are set aside also
    set_aside, a fingerprint of which: they stand in left_out, and no embedding of this collection has them; where facts
    were added after the import also metadata, a fingerprint of these covers' metadata, which groups and confounds read.
    `whole`: without a look at either, for what is true of the files whoever counts (copies).
    Raises GenrescopeError when there is no cover yet.
    """
    with workspace.read() as con:
        rows = con.sql("SELECT sha256 || genre FROM covers ORDER BY cover_id").to_arrow_table().column(0)
    if not len(rows):
        raise GenrescopeError(
            f"{workspace.folder} holds no covers yet: add some with 'genrescope import SOURCE', "
            "or make sample covers with 'genrescope sample DIR'"
        )
    content = hashlib.sha256("\n".join(rows.to_pylist()).encode()).hexdigest()[:16]
    params: dict[str, Any] = {"covers": len(rows), "sha256": content}
    enriched = "" if whole else read_enriched(workspace)
    if enriched:
        params["metadata"] = enriched
    aside = {} if whole else read_set_aside(workspace)
    if aside:
        params["set_aside"] = fingerprint(aside)
    table = left_out_table({cover_id: SET_ASIDE + reason for cover_id, reason in aside.items()})
    return compute_run(workspace, "collection", lambda: ({"left_out": table} if aside else {}, {}), params=params)


def set_aside_in(workspace: Workspace, collection: Run) -> dict[int, str]:
    """The covers of a collection that were set aside, by ascending id, each with 'set aside: ' and the reason."""
    if "set_aside" not in collection.params:
        return {}
    with workspace.read() as con:
        query = "SELECT cover_id, reason FROM left_out WHERE run_id = ? ORDER BY cover_id"
        return dict(con.execute(query, [collection.run_id]).fetchall())


def unread_in(workspace: Workspace, run: Run) -> dict[int, str]:
    """The covers that a run left out, with the reason, but for those that were set aside then."""
    with workspace.read() as con:
        query = (
            "SELECT cover_id, reason FROM left_out WHERE run_id = ? AND NOT starts_with(reason, ?) ORDER BY cover_id"
        )
        return dict(con.execute(query, [run.run_id, SET_ASIDE]).fetchall())


def left_out_table(reasons: Mapping[int, str]) -> pa.Table:
    """Covers that a run leaves out, each with its reason, as the table left_out holds them."""
    return pa.table(
        {"cover_id": pa.array(list(reasons), pa.int32()), "reason": pa.array(list(reasons.values()), pa.string())}
    )


def counting(workspace: Workspace, collection: Run) -> np.ndarray:
    """Which covers of a collection count, bool (n,) indexed by cover_id: all that were not set aside."""
    counts = np.ones(collection.params["covers"], bool)
    counts[list(set_aside_in(workspace, collection))] = False
    return counts


def read_covers(workspace: Workspace, collection: Run, *, metadata: bool = False) -> pd.DataFrame:
    """The covers of a collection, one row each, in order of cover_id (so row i is cover i), also those set aside.

    Columns: cover_id, path, sha256, phash, bytes, width, height, mode, format, genre, genres; with `metadata`
    also metadata, a dictionary as JSON text.
    """
    columns = "cover_id, path, sha256, phash, bytes, width, height, mode, format, genre, genres"
    with workspace.read() as con:
        return con.execute(
            f"SELECT {columns}{', metadata' if metadata else ''} FROM covers WHERE cover_id < ? ORDER BY cover_id",
            [collection.params["covers"]],
        ).df()
