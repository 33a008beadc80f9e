"""Rows of a workspace as Arrow batches for PostgreSQL, a piece of a run at a time."""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.postgres.layout import Table, quoted
from data.store.workspace import Workspace

# Rows read at a time: 8 MB of vectors of 512.
BATCH = 4096
# Covers read in one go: a program that wants to write to the workspace waits no longer than that takes.
PIECE = 50_000
_NO_NUMBER = r"\b(NaN|Infinity)\b"


class Rows:
    """The rows of a table, to be read once; run_ids: of these runs alone; packed: columns for pgvector.

    `reader` streams them into the driver, which swallows what goes wrong in here: `error` is that, else None.
    """

    def __init__(
        self, workspace: Workspace, table: Table, *, run_ids: Sequence[str] | None = None, packed: str = ""
    ) -> None:
        self.workspace = workspace
        self.table = table
        self.run_ids = run_ids
        self.packed = packed
        self.error: BaseException | None = None

    def count(self, con: duckdb.DuckDBPyConnection) -> int:
        """How many there are."""
        where, values = self._of_runs()
        return con.execute(f"SELECT count(*) FROM {quoted(self.table.name)} WHERE {where}", values).fetchall()[0][0]

    def reader(self, advance: Callable[[int], object]) -> pa.RecordBatchReader:
        """The rows, batch by batch; `advance` hears how many were read."""
        schema = self._schema()
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema, advance))

    def _batches(self, schema: pa.Schema, advance: Callable[[int], object]) -> Iterator[pa.RecordBatch]:
        try:
            for where, values in self._pieces():
                with self.workspace.read() as con:
                    for batch in con.sql(self._query(where), params=values).to_arrow_reader(BATCH):
                        yield _fitted(batch, schema)
                        advance(len(batch))
        except BaseException as error:
            self.error = error
            raise

    def _pieces(self) -> Iterator[tuple[str, list[Any]]]:
        """(condition, its values) of what is read in one go: some covers of a run, whose vectors have one length."""
        if "cover_id" not in self.table.names:
            yield self._of_runs()
            return
        for run_id, last in self._last_covers():
            of_run, values = ("run_id = ?", [run_id]) if run_id else ("true", [])
            for start in range(0, last + 1, PIECE):
                yield f"{of_run} AND cover_id >= ? AND cover_id < ?", [*values, start, start + PIECE]

    def _last_covers(self) -> list[tuple[str, int]]:
        """The greatest cover_id of every run that has rows here; without runs that of the table, its run ''."""
        where, values = self._of_runs()
        run_id, group = ("''", "") if self.run_ids is None else ("run_id", "GROUP BY run_id ORDER BY run_id")
        query = f"SELECT {run_id}, max(cover_id) FROM {quoted(self.table.name)} WHERE {where} {group}"
        with self.workspace.read() as con:
            return [row for row in con.execute(query, values).fetchall() if row[1] is not None]

    def _of_runs(self) -> tuple[str, list[Any]]:
        return ("true", []) if self.run_ids is None else ("list_contains(?, run_id)", [list(self.run_ids)])

    def _query(self, where: str) -> str:
        return f"SELECT {', '.join(map(quoted, self.table.names))} FROM {quoted(self.table.name)} WHERE {where}"

    def _schema(self) -> pa.Schema:
        with self.workspace.read() as con:
            found = con.sql(self._query("false")).to_arrow_reader(1).schema
        own = {column.name: pa.json_() for column in self.table.columns if column.kind == "jsonb"}
        own |= {self.packed: pa.binary()} if self.packed else {}
        return pa.schema([pa.field(field.name, own.get(field.name, field.type)) for field in found])


def _fitted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch with JSON as what it is, and vectors as pgvector sends them, where the schema wants that."""
    columns = [
        _as_json(column)
        if field.type == pa.json_()
        else packed(column)
        if pa.types.is_list(column.type) and field.type == pa.binary()
        else column
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _as_json(texts: pa.Array) -> pa.Array:
    """JSON as PostgreSQL takes it: Python writes NaN, which is none."""
    if pc.any(pc.match_substring_regex(texts, _NO_NUMBER)).as_py():
        finite = [text and _finite(text) if re.search(_NO_NUMBER, text or "") else text for text in texts.to_pylist()]
        texts = pa.array(finite, pa.string())
    return texts.cast(pa.string()).cast(pa.json_())


def _finite(text: str) -> str:
    def mended(value: Any) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, list):
            return [mended(item) for item in value]
        return {key: mended(item) for key, item in value.items()} if isinstance(value, dict) else value

    return json.dumps(mended(json.loads(text)))


def packed(vectors: pa.ListArray) -> pa.Array:
    """Vectors of one length d, (n,) lists of float32, as pgvector's binary form: int16 d, int16 0, d float32, all
    big-endian (its function vector_recv). ADBC's driver knows no such type and hands bytes over as they are."""
    numbers = vectors.flatten().to_numpy(zero_copy_only=False)
    count = len(vectors)
    dimension = len(numbers) // count if count else 0
    width = 4 + 4 * dimension
    rows = np.empty((count, width), np.uint8)
    rows[:, :4] = np.array([dimension, 0], ">i2").view(np.uint8)
    rows[:, 4:] = numbers.astype(">f4").view(np.uint8).reshape(count, 4 * dimension)
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.Array.from_buffers(pa.binary(), count, [None, pa.py_buffer(offsets), pa.py_buffer(rows)])
