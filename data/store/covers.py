"""The covers of a workspace, and the collection: the snapshot of them that a run was computed on."""

import hashlib

import pandas as pd

from data.errors import GenrescopeError
from data.store.runs import Run, compute_run
from data.store.workspace import Workspace


def collection(workspace: Workspace) -> Run:
    """The run that stands for the covers as they are now; every run that reads covers has it among its inputs.

    Covers are only ever added, so their number n fixes the snapshot: it holds the cover_ids below n.
    Params: covers (n) and sha256, a fingerprint over every cover's content and genre.
    Raises GenrescopeError when there is no cover yet.
    """
    with workspace.read() as con:
        rows = con.sql("SELECT sha256 || genre FROM covers ORDER BY cover_id").to_arrow_table().column(0)
    if not len(rows):
        raise GenrescopeError(
            f"{workspace.folder} holds no covers yet: add some with 'genrescope import SOURCE', "
            "or make sample covers with 'genrescope sample DIR'"
        )
    fingerprint = hashlib.sha256("\n".join(rows.to_pylist()).encode()).hexdigest()[:16]
    params = {"covers": len(rows), "sha256": fingerprint}
    return compute_run(workspace, "collection", lambda: ({}, {}), params=params)


def read_covers(workspace: Workspace, collection: Run, *, metadata: bool = False) -> pd.DataFrame:
    """The covers of a collection, one row each, in order of cover_id (so row i is cover i).

    Columns: cover_id, path, sha256, phash, bytes, width, height, mode, format, genre, genres; with `metadata`
    also metadata, a dictionary as JSON text.
    """
    columns = "cover_id, path, sha256, phash, bytes, width, height, mode, format, genre, genres"
    with workspace.read() as con:
        return con.execute(
            f"SELECT {columns}{', metadata' if metadata else ''} FROM covers WHERE cover_id < ? ORDER BY cover_id",
            [collection.params["covers"]],
        ).df()
