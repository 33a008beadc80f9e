"""Vectors that earlier embeddings hold: copied, not computed again, to covers with the same bytes."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from data.errors import MissingWeights, TooLittle
from data.store.covers import collection, left_out_table, set_aside_in, unread_in
from data.store.runs import Run, computing, find_runs, finish_run
from data.store.workspace import Workspace
from embeddings.encoders.families.joined import is_joined
from embeddings.encoders.families.lettered import is_lettered
from embeddings.joining import join
from embeddings.lettering.embedding import embed_words
from embeddings.lettering.reading import carry_text


def copy_known(workspace: Workspace, run: Run, snapshot: Run) -> None:
    """Copy the vectors that earlier embeddings like this one hold, to every cover with the same bytes that counts."""
    runs = find_runs(workspace, "embedding", name=run.name) + find_runs(
        workspace, "embedding", name=run.name, finished=False
    )
    for earlier in runs:
        if earlier.run_id != run.run_id and earlier.params == run.params:
            with workspace.write() as con:
                con.execute(
                    "INSERT OR IGNORE INTO vectors SELECT ?, covers.cover_id, any_value(vector) "
                    "FROM vectors JOIN covers AS known USING (cover_id) JOIN covers USING (sha256) "
                    "WHERE run_id = ? AND covers.cover_id < ? AND covers.cover_id NOT IN "
                    "(SELECT cover_id FROM left_out WHERE run_id = ?) GROUP BY covers.cover_id",
                    [run.run_id, earlier.run_id, snapshot.params["covers"], snapshot.run_id],
                )


def carry_over(workspace: Workspace, embeddings: Iterable[Run]) -> list[Run]:
    """Make these embeddings anew for the covers that count now, from vectors that are there; nothing is encoded.

    Covers that an embedding could not read stay left out, as do those set aside; `concat:A+B` is put together again,
    the words that were read are carried over, and what is made of them is made of these.
    One that lacks a vector or the words of a cover that counts, its model, or words that covers have in common, is left
    to `genrescope embed`. Returns those that are finished.
    """
    snapshot = collection(workspace)
    words = carry_text(workspace)
    plain: list[Run] = []
    of_words: list[Run] = []
    several: list[Run] = []
    for embedding in embeddings:
        kind = several if is_joined(embedding.name) else of_words if is_lettered(embedding.name) else plain
        kind.append(embedding)
    carried = [run for run in (_carry(workspace, each, snapshot) for each in plain) if run.finished]
    for each in of_words if words else ():
        with suppress(MissingWeights, TooLittle):
            carried.append(embed_words(workspace, each.name, preprocessing=each.params["preprocessing"]))
    names = {run.name for run in carried}
    for each in several:
        if {part["name"] for part in each.results["blocks"]} <= names:
            carried.append(join(workspace, each.name, preprocessing=each.params["preprocessing"]))
    return carried


def _carry(workspace: Workspace, embedding: Run, snapshot: Run) -> Run:
    identity: dict[str, Any] = {"name": embedding.name, "params": embedding.params, "inputs": [snapshot.run_id]}
    with computing(workspace, "embedding", **identity) as run:
        return run if run.finished else _fill(workspace, run, embedding, snapshot)


def _fill(workspace: Workspace, run: Run, embedding: Run, snapshot: Run) -> Run:
    copy_known(workspace, run, snapshot)
    left_out = unread_in(workspace, embedding) | set_aside_in(workspace, snapshot)
    with workspace.read() as con:
        (stored,) = con.execute("SELECT count(*) FROM vectors WHERE run_id = ?", [run.run_id]).fetchall()[0]
    if stored + len(left_out) < snapshot.params["covers"]:
        return run
    results = {**embedding.results, "covers": stored, "left_out": len(left_out), "seconds": 0.0, "backend": "copied"}
    return finish_run(workspace, run, tables={"left_out": left_out_table(left_out)}, results=results)
