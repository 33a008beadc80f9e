"""Vectors in the store: float32, one row a (run, cover), written at a checked door, read into one array."""

import duckdb
import numpy as np
import pyarrow as pa

from data.errors import BadVectors
from data.runs import Run, append_rows
from data.workspace import Workspace


def append_vectors(con: duckdb.DuckDBPyConnection, run: Run, cover_ids: np.ndarray, vectors: np.ndarray) -> None:
    """Add vectors (m, d) of the covers (m,) to an unfinished embedding, within the caller's write.

    Raises BadVectors when their length is not the run's, or when one holds NaN or infinity.
    """
    dimension = run.params["dimension"]
    if vectors.ndim != 2 or vectors.shape != (len(cover_ids), dimension):
        raise BadVectors(f"{run.name} gave vectors of shape {vectors.shape}, expected ({len(cover_ids)}, {dimension})")
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        bad = int(np.asarray(cover_ids)[~finite][0])
        raise BadVectors(f"{run.name} gave {np.sum(~finite)} vectors with NaN or infinity, the first for cover {bad}")
    flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
    rows = pa.FixedSizeListArray.from_arrays(flat, dimension)
    append_rows(con, run, "vectors", pa.table({"cover_id": pa.array(cover_ids, pa.int32()), "vector": rows}))


def read_vectors(workspace: Workspace, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """The cover ids (m,) int32, ascending, and vectors (m, d) float32, contiguous, of an embedding.

    Batches arrive from DuckDB as Arrow and are copied once into place: no Python object a number, none a row.
    """
    with workspace.read() as con:
        count = con.execute("SELECT count(*) FROM vectors WHERE run_id = ?", [run.run_id]).fetchall()[0][0]
        query = "SELECT cover_id, vector FROM vectors WHERE run_id = ?"
        cover_ids, vectors, done = np.empty(count, np.int32), np.empty((count, 0), np.float32), 0
        for batch in con.sql(query, params=[run.run_id]).to_arrow_reader(10_000):
            flat = batch.column(1).flatten().to_numpy()
            if not done:
                vectors = np.empty((count, len(flat) // len(batch)), np.float32)
            end = done + len(batch)
            cover_ids[done:end] = batch.column(0).to_numpy()
            vectors[done:end] = flat.reshape(len(batch), -1)
            done = end
    if np.any(np.diff(cover_ids) < 0):
        order = np.argsort(cover_ids)
        return cover_ids[order], vectors[order]
    return cover_ids, vectors
