"""All of a workspace into a PostgreSQL database, in one transaction; again, only what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.postgres.addresses import shown
from data.postgres.connecting import transaction
from data.postgres.layout import VECTOR, Table, creating, finishing, quoted, read_layout
from data.postgres.rows import Rows
from data.postgres.target import OtherWorkspace, Target, check_same_workspace, prepare
from data.progress import progress
from data.store.runs import find_runs
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

SCHEMA = "genrescope"


@dataclass(frozen=True)
class Exported:
    """What an export wrote. place: the address without its password; rows: new or changed ones by table, without zeros.

    runs: how many new ones; vectors: the type that vectors have there, in words.
    """

    place: str
    schema: str
    runs: int
    rows: dict[str, int]
    vectors: str

    def lines(self) -> list[str]:
        """In words."""
        where = f"{self.place}, schema {self.schema}"
        if not self.rows:
            return [f"{where}: nothing new"]
        tables = ", ".join(f"{name} {number:,}" for name, number in self.rows.items())
        return [f"{where}: {sum(self.rows.values()):,} rows, vectors as {self.vectors}", f"new: {tables}"]


def export_to_postgres(workspace: Workspace, address: str, *, schema: str = SCHEMA) -> Exported:
    """Write every table of a workspace into a schema of a PostgreSQL database; all of it or, on an error, nothing.

    address: 'postgresql://...', see `connecting.transaction`; a password in it is never shown or stored. The schema and
    its tables are made where they are not there. Finished runs never change, so those that are there already are left
    alone; unfinished ones wait. Covers and other tables without runs become what they are in the workspace now. In
    memory are some batches, whatever the size. Raises GenrescopeError where the server is not there or refuses, where a
    table has another shape, and where the schema holds another workspace.
    """
    runs = [run.run_id for run in find_runs(workspace)]
    with workspace.read() as con:
        layout = read_layout(con)
        longest = con.execute("SELECT coalesce(max(len(vector)), 0) FROM vectors").fetchall()[0][0]
    with transaction(address, otherwise="nothing was written; mend that and give the same command again") as cursor:
        target = prepare(cursor, schema, layout, longest=longest)
        with workspace.read() as con:
            check_same_workspace(cursor, con, target)
        layout = target.fitted(layout)
        new = sorted(set(runs) - target.runs)
        rows = _write(workspace, cursor, target, layout, new)
        for table in target.missing(layout):
            _execute(cursor, finishing(table, schema))
    vectors = "real[]" if target.vectors == "real[]" else "pgvector's vector"
    return Exported(shown(address), schema, len(new), rows, vectors)


def _write(
    workspace: Workspace, cursor: Cursor, target: Target, layout: Sequence[Table], new: Sequence[str]
) -> dict[str, int]:
    """Write all tables; returns the number of new or changed rows by table, without zeros."""
    sources = [_rows(workspace, table, new, target) for table in layout]
    with workspace.read() as con:
        sizes = [rows.count(con) for rows in sources]
    written: dict[str, int] = {}
    with progress(total=sum(sizes), what="exporting", unit=" rows") as bar:
        for rows, size in zip(sources, sizes, strict=True):
            table = rows.table
            if table.name not in target.tables:
                _execute(cursor, creating(table, target.schema))
            if table.name in target.tables and rows.run_ids is None:
                written[table.name] = _mirror(cursor, rows, target.schema, advance=bar.update)
            elif size:
                written[table.name] = ingest(cursor, rows, target.schema, advance=bar.update)
    return {name: number for name, number in written.items() if number}


def _execute(cursor: Cursor, statements: Iterable[str]) -> None:
    for statement in statements:
        cursor.execute(statement)


def _rows(workspace: Workspace, table: Table, new: Sequence[str], target: Target) -> Rows:
    run_ids = new if "run_id" in table.names else None
    packed = VECTOR[1] if table.name == VECTOR[0] and target.vectors != "real[]" else ""
    return Rows(workspace, table, run_ids=run_ids, packed=packed)


def ingest(
    cursor: Cursor, rows: Rows, schema: str, *, advance: Callable[[int], object] = int, name: str | None = None
) -> int:
    """Append rows by COPY to a table that is there, by default their own; returns how many.

    advance: called with the size of each batch. Raises what went wrong in reading them, or the driver's error.
    """
    try:
        table = name or rows.table.name
        return int(cursor.adbc_ingest(table, rows.reader(advance), mode="append", db_schema_name=schema))
    except Exception:
        if rows.error:
            raise rows.error from None
        raise


def _mirror(cursor: Cursor, rows: Rows, schema: str, *, advance: Callable[[int], object]) -> int:
    """Make a table without runs what it is in the workspace; returns how many rows were new, changed or removed.

    Raises OtherWorkspace where covers there are other pictures: a copy of this workspace that went its own way.
    """
    table = rows.table
    there, here = quoted(schema, table.name), quoted("pg_temp", f"new {table.name}")
    keys = ", ".join(map(quoted, table.key))
    cursor.execute(f"CREATE TEMPORARY TABLE {quoted(f'new {table.name}')} (LIKE {there}) ON COMMIT DROP")
    ingest(cursor, rows, "pg_temp", advance=advance, name=f"new {table.name}")
    if table.name == "covers":
        cursor.execute(
            f"SELECT 1 FROM {there} a LEFT JOIN {here} b USING (cover_id, path, sha256) WHERE b.path IS NULL"
        )
        if cursor.fetchone():
            raise OtherWorkspace(schema)
    cursor.execute(f"DELETE FROM {there} WHERE ({keys}) NOT IN (SELECT {keys} FROM {here})")
    removed = cursor.rowcount
    cursor.execute(_upserting(table, there, here, keys))
    return removed + cursor.rowcount


def _upserting(table: Table, there: str, here: str, keys: str) -> str:
    columns = ", ".join(map(quoted, table.names))
    old, new = (", ".join(f"{side}.{quoted(column)}" for column in table.names) for side in ("old", "excluded"))
    return (
        f"INSERT INTO {there} AS old ({columns}) SELECT {columns} FROM {here} ON CONFLICT ({keys}) DO UPDATE SET "
        f"({columns}) = ROW({new}) WHERE ROW({old}) IS DISTINCT FROM ROW({new})"
    )
