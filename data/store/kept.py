"""Fitted classifiers as bytes beside the predictions of their run: nothing in them is code."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from data.errors import GenrescopeError, UnreadableClassifier
from data.store.runs import Run
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

# The name of the table, as `compute_run` wants it.
KEPT = "kept"


@dataclass(frozen=True)
class Kept:
    """One fitted classifier. format: 'skops' or 'safetensors'; description: what it needs beside `content`, as JSON."""

    format: str
    description: Mapping[str, Any]
    content: bytes


def kept_rows(parts: Sequence[Kept]) -> pa.Table:
    """What is kept of a run as rows of the table KEPT, in this order."""
    return pa.table(
        {
            "part": pa.array(range(len(parts)), pa.int16()),
            "format": pa.array([part.format for part in parts], pa.string()),
            "description": pa.array([json.dumps(part.description) for part in parts], pa.string()),
            "content": pa.array([part.content for part in parts], pa.large_binary()),
        }
    )


def read_kept(workspace: Workspace, run: Run) -> list[Kept]:
    """What is kept of a classifier run, in order; raises GenrescopeError where nothing is."""
    with workspace.read() as con:
        rows = con.execute(
            "SELECT format, description, content FROM kept WHERE run_id = ? ORDER BY part", [run.run_id]
        ).fetchall()
    if not rows:
        raise GenrescopeError(
            f"nothing is kept of {run.kind} {run.run_id} ({run.name}): train it again with 'genrescope train'"
        )
    return [Kept(format, json.loads(description), content) for format, description, content in rows]


def replace_kept(workspace: Workspace, run: Run, parts: Sequence[Kept]) -> None:
    """Keep this of a finished run instead of what was kept of it.

    For what can be made again from the run's inputs and parameters but not be read: the run itself does not change.
    """
    with workspace.write() as con:
        con.register("new_rows", kept_rows(parts))
        con.execute("DELETE FROM kept WHERE run_id = ?", [run.run_id])
        con.execute(f"INSERT INTO kept BY NAME SELECT '{run.run_id}' AS run_id, * FROM new_rows")
        con.unregister("new_rows")


def complete_kept(
    workspace: Workspace, run: Run, *, read: Callable[[list[Kept]], object], make: Callable[[], list[Kept]]
) -> None:
    """Keep what `make` gives of a finished run of which nothing is kept, or what `read` finds UnreadableClassifier."""
    kept = read_kept(workspace, run) if run.run_id in kept_run_ids(workspace) else []
    try:
        if kept:
            read(kept)
            return
    except UnreadableClassifier as error:
        log.debug("%s", error)
    log.info("%s, run %s: what is kept of it is made anew", run.name, run.run_id)
    replace_kept(workspace, run, make())


def kept_run_ids(workspace: Workspace) -> set[str]:
    """Ids of the runs of which something is kept."""
    with workspace.read() as con:
        return {run_id for (run_id,) in con.sql("SELECT DISTINCT run_id FROM kept").fetchall()}
