"""The tables of a workspace as PostgreSQL's: names, types, keys and comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from data.postgres.comments import comments

TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "VARCHAR": "text",
    "JSON": "jsonb",
    "BLOB": "bytea",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}
# The columns that refer to another table, where that is not their own.
REFERENCES = {"run_id": "runs", "cover_id": "covers"}
# The one column that becomes pgvector's type where that extension is there: what one searches by.
VECTOR = ("vectors", "vector")


@dataclass(frozen=True)
class Column:
    """One column; kind: PostgreSQL's type, as its format_type writes it."""

    name: str
    kind: str
    required: bool


@dataclass(frozen=True)
class Table:
    """One table; key: the columns of its primary key, () where it has none; unique: single columns."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]

    @property
    def of_runs(self) -> bool:
        """Whether each row belongs to a run, and so never changes once that is finished."""
        return "run_id" in self.names and self.name != "runs"


def read_layout(con: duckdb.DuckDBPyConnection) -> list[Table]:
    """All tables of a workspace, those first that others refer to."""
    columns: dict[str, list[Column]] = {}
    query = (
        "SELECT table_name, column_name, data_type, NOT is_nullable FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name = 'main' ORDER BY table_name, column_index"
    )
    for table, name, kind, required in con.execute(query).fetchall():
        columns.setdefault(table, []).append(Column(name, postgres_type(kind), required))
    keys = _constraints(con, "PRIMARY KEY")
    unique = _constraints(con, "UNIQUE")
    tables = [
        Table(name, tuple(found), next(iter(keys.get(name, [])), ()), tuple(key[0] for key in unique.get(name, [])))
        for name, found in columns.items()
    ]
    return sorted(tables, key=lambda table: (table.name not in REFERENCES.values(), table.name))


def _constraints(con: duckdb.DuckDBPyConnection, kind: str) -> dict[str, list[tuple[str, ...]]]:
    query = (
        "SELECT table_name, constraint_column_names FROM duckdb_constraints() "
        "WHERE database_name = current_database() AND constraint_type = ?"
    )
    found: dict[str, list[tuple[str, ...]]] = {}
    for table, names in con.execute(query, [kind]).fetchall():
        found.setdefault(table, []).append(tuple(names))
    return found


def postgres_type(kind: str) -> str:
    """PostgreSQL's type for one of DuckDB's: FLOAT[] and FLOAT[512] are real[]. Raises ValueError for others."""
    lists = re.fullmatch(r"(.*?)((?:\[\d*\])*)", kind)
    if lists is None or lists[1] not in TYPES:
        raise ValueError(f"no type of PostgreSQL's is known for {kind}: add one to TYPES")
    return TYPES[lists[1]] + "[]" * lists[2].count("[")


def quoted(*names: str) -> str:
    """Names as SQL writes them, joined by dots."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def creating(table: Table, schema: str) -> Iterator[str]:
    """The statements that make a table, as yet without keys: rows come in faster before there are any.

    Bytes and vectors are stored as they are: trying to compress them takes most of the time and gives next to nothing.
    """
    name = quoted(schema, table.name)
    columns = (
        f"{quoted(column.name)} {column.kind}{' NOT NULL' if column.required else ''}" for column in table.columns
    )
    yield f"CREATE TABLE {name} ({', '.join(columns)})"
    for column in table.columns:
        if column.kind == "bytea" or (table.name, column.name) == VECTOR:
            yield f"ALTER TABLE {name} ALTER COLUMN {quoted(column.name)} SET STORAGE EXTERNAL"


def finishing(table: Table, schema: str) -> Iterator[str]:
    """The statements that give a table its keys, then its comments."""
    name = quoted(schema, table.name)
    if table.key:
        yield f"ALTER TABLE {name} ADD PRIMARY KEY ({', '.join(map(quoted, table.key))})"
    elif table.of_runs:
        yield f"CREATE INDEX ON {name} (run_id)"
    for column in table.unique:
        yield f"ALTER TABLE {name} ADD UNIQUE ({quoted(column)})"
    for column, other in REFERENCES.items():
        if column in table.names and table.name != other:
            yield f"ALTER TABLE {name} ADD FOREIGN KEY ({column}) REFERENCES {quoted(schema, other)} ({column})"
    yield from _commenting(table, name)


def _commenting(table: Table, name: str) -> Iterator[str]:
    for column in ("", *table.names):
        if text := comments().get((table.name, column)):
            what = f"COLUMN {name}.{quoted(column)}" if column else f"TABLE {name}"
            text = text.replace("'", "''")
            yield f"COMMENT ON {what} IS '{text}'"
