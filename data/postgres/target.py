"""The schema of a PostgreSQL database that a workspace is written to: what is there, and whether it fits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import duckdb

from data.errors import GenrescopeError
from data.postgres.layout import VECTOR, Column, Table, quoted

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

# Longer names PostgreSQL cuts without an error.
LONGEST_SCHEMA = 63
# Longer vectors pgvector's type does not take.
LONGEST_VECTOR = 16_000
_REAL = "real[]"
_COLUMNS = """
    SELECT class.relname, attribute.attname, format_type(attribute.atttypid, attribute.atttypmod)
    FROM pg_attribute attribute JOIN pg_class class ON class.oid = attribute.attrelid
    WHERE class.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
        AND class.relkind IN ('r', 'p', 'v', 'm', 'f') AND attribute.attnum > 0 AND NOT attribute.attisdropped
"""
_PGVECTOR = """
    SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'
"""


@dataclass(frozen=True)
class Target:
    """tables: {table: {column: type}} of what is there. runs: ids of those that are. vectors: the type of vectors."""

    schema: str
    tables: dict[str, dict[str, str]]
    runs: frozenset[str]
    vectors: str

    def missing(self, layout: Sequence[Table]) -> list[Table]:
        """The tables that are to be made."""
        return [table for table in layout if table.name not in self.tables]

    def fitted(self, layout: Sequence[Table]) -> list[Table]:
        """The layout with vectors of the type that they have there."""
        return [_with_vectors(table, self.vectors) for table in layout]


def prepare(cursor: Cursor, schema: str, layout: Sequence[Table], *, longest: int) -> Target:
    """Look at a schema, or make it; nobody else writes to it through us until the transaction ends.

    longest: the length of the longest vector. Raises GenrescopeError where the database is not in UTF-8, and for a
    table that has another shape than ours.
    """
    if not 0 < len(schema.encode()) <= LONGEST_SCHEMA:
        raise GenrescopeError(f"the name of a schema has 1 to {LONGEST_SCHEMA} bytes: name another --schema")
    ((encoding,),) = _fetched(cursor, "SELECT current_setting('server_encoding')")
    if encoding != "UTF8":
        raise GenrescopeError(f"the database is in {encoding}: make one in UTF8 (createdb --encoding UTF8)")
    _fetched(cursor, "SELECT pg_advisory_xact_lock(hashtext($1))", f"genrescope {schema}")
    # IF NOT EXISTS wants the right to make schemas even where there is nothing to make.
    if not _fetched(cursor, "SELECT 1 FROM pg_namespace WHERE nspname = $1", schema):
        cursor.execute(f"CREATE SCHEMA {quoted(schema)}")
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in _fetched(cursor, _COLUMNS, schema):
        tables.setdefault(table, {})[column] = kind
    target = Target(schema, tables, frozenset(), _vectors(cursor, tables.get(VECTOR[0]), longest))
    for table in target.fitted(layout):
        _check_shape(table, tables.get(table.name), schema)
    runs = _fetched(cursor, f"SELECT run_id FROM {quoted(schema, 'runs')}") if "runs" in tables else []
    return replace(target, runs=frozenset(run_id for (run_id,) in runs))


def _fetched(cursor: Cursor, query: str, *values: str) -> list[tuple]:
    cursor.execute(query, values or None)
    return cursor.fetchall()


def _vectors(cursor: Cursor, there: dict[str, str] | None, longest: int) -> str:
    """The type of vectors: as they are there already, else pgvector's where its extension is there and takes them."""
    if there is not None:
        kind = there.get(VECTOR[1], _REAL)
        return kind if re.fullmatch(r"(.*\.)?vector(\(\d+\))?", kind) else _REAL
    found = _fetched(cursor, _PGVECTOR)
    return f"{quoted(found[0][0])}.vector" if found and longest <= LONGEST_VECTOR else _REAL


def _with_vectors(table: Table, kind: str) -> Table:
    if table.name != VECTOR[0]:
        return table
    columns = (replace(column, kind=kind) if column.name == VECTOR[1] else column for column in table.columns)
    return replace(table, columns=tuple(columns))


def _check_shape(table: Table, there: dict[str, str] | None, schema: str) -> None:
    if there is None:
        return
    wrong = [_difference(column, there) for column in table.columns if there.get(column.name) != column.kind]
    if wrong:
        raise GenrescopeError(
            f"the table {schema}.{table.name} has another shape than ours ({wrong[0]}), nothing was written: name "
            "another schema with --schema, or drop that one"
        )


def _difference(column: Column, there: dict[str, str]) -> str:
    if column.name not in there:
        return f"it has no column {column.name}"
    return f"its column {column.name} is {there[column.name]}, not {column.kind}"


def check_same_workspace(cursor: Cursor, con: duckdb.DuckDBPyConnection, target: Target) -> None:
    """Raise GenrescopeError where the schema holds another workspace: one whose file was made at another time."""
    if "migrations" not in target.tables:
        return
    there = _fetched(cursor, f"SELECT min(applied) FROM {quoted(target.schema, 'migrations')}")[0][0]
    here = con.execute("SELECT min(applied) FROM migrations").fetchall()[0][0]
    if there is not None and there != here:
        raise OtherWorkspace(target.schema)


class OtherWorkspace(GenrescopeError):
    """The schema holds another workspace."""

    def __init__(self, schema: str) -> None:
        super().__init__(
            f"the schema {schema} holds another workspace, nothing was written: name another one with --schema"
        )
