"""Joined embeddings: `concat:A+B` out of the finished embeddings by A and B."""

import time
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa

from data.errors import GenrescopeError
from data.store.covers import collection, left_out_table, set_aside_in
from data.store.runs import Run, computing, current_runs, finish_run, get_run
from data.store.workspace import Workspace
from embeddings.encoders.families.joined import Block, joined_params, learn_block, parts_of
from embeddings.vectors import append_vectors, read_vectors

# Vectors stored in one transaction.
ROWS = 10_000


def join(workspace: Workspace, name: str, *, preprocessing: str = "whole") -> Run:
    """Put the newest embeddings by the encoders in `concat:A+B` side by side; returns the finished run.

    How blocks are standardised is learnt from the vectors of all covers that every part has, without their genres: a
    classifier's test covers have a share in it, though not what they are. A cover that a part lacks goes into left_out.
    Inputs: the collection, then the embeddings. Results: as of `embed`, and blocks (name, run_id, dimension, scale).
    Raises GenrescopeError where a part was not embedded yet, or no cover has all of them.
    """
    snapshot = collection(workspace)
    parents = [_newest(workspace, part, name=name, preprocessing=preprocessing) for part in parts_of(name)]
    with computing(
        workspace,
        "embedding",
        name=name,
        params=joined_params(parts_of(name), preprocessing=preprocessing),
        inputs=[snapshot.run_id, *(parent.run_id for parent in parents)],
    ) as run:
        return run if run.finished else _fill(workspace, run, parents, snapshot)


def parents_of(workspace: Workspace, run: Run) -> list[Run]:
    """The embeddings that a joined one was made of, in order."""
    return [get_run(workspace, run_id) for run_id in run.inputs[1:]]


def blocks_of(workspace: Workspace, run: Run) -> list[Block]:
    """How each part of a joined embedding was standardised, learnt again from the same vectors."""
    return [learn_block(vectors) for vectors in _shared(workspace, parents_of(workspace, run))[1]]


def _fill(workspace: Workspace, run: Run, parents: Sequence[Run], snapshot: Run) -> Run:
    started = time.monotonic()
    cover_ids, vectors = _shared(workspace, parents)
    blocks = [learn_block(part) for part in vectors]
    for start in range(0, len(cover_ids), ROWS):
        rows = slice(start, start + ROWS)
        joined = np.hstack([block(part[rows]) for block, part in zip(blocks, vectors, strict=True)])
        append_vectors(workspace, run, cover_ids[rows], joined)
    left_out = _left_out(workspace, parents, snapshot)
    results = {
        "dimension": sum(len(block.centre) for block in blocks),
        "covers": len(cover_ids),
        "left_out": len(left_out),
        "seconds": round(time.monotonic() - started, 2),
        "backend": "joined",
        "weights_file": None,
        "blocks": [_facts(parent, block) for parent, block in zip(parents, blocks, strict=True)],
    }
    return finish_run(workspace, run, tables={"left_out": left_out}, results=results)


def _facts(parent: Run, block: Block) -> dict[str, Any]:
    return {"name": parent.name, "run_id": parent.run_id, "dimension": len(block.centre), "scale": block.scale}


def _newest(workspace: Workspace, part: str, *, name: str, preprocessing: str) -> Run:
    for run in current_runs(workspace, "embedding"):
        if run.name == part and run.params.get("preprocessing", preprocessing) == preprocessing:
            return run
    option = "" if preprocessing == "whole" else f" --preprocessing {preprocessing}"
    raise GenrescopeError(
        f"{name} needs all covers embedded with {part}: run 'genrescope embed --encoder {part}{option}' first"
    )


def _shared(workspace: Workspace, parents: Sequence[Run]) -> tuple[np.ndarray, list[np.ndarray]]:
    """cover_ids (n,) that every parent has a vector of, ascending, and these vectors (n, d) by parent."""
    found = [read_vectors(workspace, parent) for parent in parents]
    shared = reduce(np.intersect1d, [cover_ids for cover_ids, _ in found])
    if not len(shared):
        names = " and ".join(parent.name for parent in parents)
        raise GenrescopeError(f"no cover has a vector by {names}: 'genrescope audit' says which were left out, and why")
    return shared, [vectors[np.searchsorted(cover_ids, shared)] for cover_ids, vectors in found]


def _left_out(workspace: Workspace, parents: Sequence[Run], snapshot: Run) -> pa.Table:
    """Rows of the covers set aside, and of those that a parent has no vector of, and why."""
    reasons = set_aside_in(workspace, snapshot)
    for parent in parents:
        with workspace.read() as con:
            ids = con.execute("SELECT cover_id FROM vectors WHERE run_id = ?", [parent.run_id]).fetchnumpy()["cover_id"]
        for cover_id in np.setdiff1d(np.arange(snapshot.params["covers"]), ids).tolist():
            reasons.setdefault(cover_id, f"no vector by {parent.name}")
    return left_out_table(reasons)
