"""Vectors in and out of the store, a whole embedding at a time and without Python objects."""

import duckdb
import numpy as np
import pyarrow as pa

from data.errors import BadVectors
from data.store.runs import Run, append_rows, current_runs, latest_run
from data.store.workspace import Workspace


def append_vectors(workspace: Workspace, run: Run, cover_ids: np.ndarray, vectors: np.ndarray) -> None:
    """Store vectors (m, d) of the covers `cover_ids` (m,) in an unfinished run, in one transaction.

    Covers that have a vector already keep it. Raises BadVectors on NaN or infinity, and on a length other than the
    run's: its params.dimension, or that of the vectors it holds.
    """
    cover_ids, vectors = np.asarray(cover_ids, np.int32), np.ascontiguousarray(vectors, np.float32)
    if vectors.ndim != 2 or len(vectors) != len(cover_ids):
        raise BadVectors(f"{len(cover_ids)} covers need as many vectors, not an array of shape {vectors.shape}")
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        first = cover_ids[~finite][0]
        raise BadVectors(
            f"{(~finite).sum()} of {len(finite)} vectors of {run.name} hold NaN or infinity, "
            f"the first that of cover {first}: nothing of this batch was stored; look at the encoder's weights"
        )
    rows = pa.table({"cover_id": cover_ids, "vector": _as_lists(vectors)})
    with workspace.write() as con:
        dimension = run.params.get("dimension") or _stored_dimension(con, run) or vectors.shape[1]
        if vectors.shape[1] != dimension:
            raise BadVectors(f"vectors of {run.name} have {dimension} numbers, these have {vectors.shape[1]}")
        append_rows(con, run, "vectors", rows)


def current_embeddings(workspace: Workspace) -> list[Run]:
    """The newest embedding of each encoder over all covers, oldest first; without any, whatever is there.

    Raises RunNotFound when there is no embedding at all.
    """
    newest = {run.name: run for run in reversed(current_runs(workspace, "embedding"))}
    return sorted(newest.values(), key=lambda run: run.started) or [latest_run(workspace, "embedding")]


def read_vectors(workspace: Workspace, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """All vectors of an embedding: cover_ids (m,) int32 ascending, and vectors (m, d) float32, contiguous.

    Covers that were left out have no row. An embedding without any vector gives shapes (0,) and (0, 0).
    """
    with workspace.read() as con:
        dimension = _stored_dimension(con, run) or 0
        rows = con.execute("SELECT count(*) FROM vectors WHERE run_id = ?", [run.run_id]).fetchall()[0][0]
        cover_ids, vectors = np.empty(rows, np.int32), np.empty((rows, dimension), np.float32)
        filled = 0
        # As an array of fixed length it leaves DuckDB a third faster than as a list.
        query = f"SELECT cover_id, vector::FLOAT[{dimension or 1}] FROM vectors WHERE run_id = ?"
        for batch in con.sql(query, params=[run.run_id]).to_arrow_reader():
            part = slice(filled, filled + len(batch))
            cover_ids[part] = batch.column(0).to_numpy()
            vectors[part] = batch.column(1).flatten().to_numpy().reshape(-1, dimension)
            filled += len(batch)
    if (np.diff(cover_ids) < 0).any():
        order = np.argsort(cover_ids)
        cover_ids, vectors = cover_ids[order], vectors[order]
    return cover_ids, vectors


def _as_lists(vectors: np.ndarray) -> pa.ListArray:
    offsets = np.arange(0, vectors.size + 1, max(vectors.shape[1], 1), dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(vectors.ravel()))


def _stored_dimension(con: duckdb.DuckDBPyConnection, run: Run) -> int | None:
    found = con.execute("SELECT len(vector) FROM vectors WHERE run_id = ? LIMIT 1", [run.run_id]).fetchall()
    return found[0][0] if found else None
