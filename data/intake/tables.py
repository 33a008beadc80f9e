"""Covers listed in a table: CSV, TSV, Parquet, JSON, DuckDB or PostgreSQL, with a path and a genre column."""

import json
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from data.errors import GenrescopeError
from data.intake.sources import Entry, Source, clean_genres
from data.texts import clean

# Usual names of the two columns, the most telling first; compared without regard to case.
PATH_COLUMNS = ("path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "cover")
GENRE_COLUMNS = ("genre", "genres", "primary_genre", "label", "labels")

# The column in which a table says how many votes each genre has, as 'genrescope fetch' writes it: then the genres stand
# in the order of the votes, whatever that looks like.
VOTES_COLUMN = "genre_votes"

TEXT = "read_csv(?, header = true, all_varchar = true, delim = ?)"
READERS = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), TEXT),
    **dict.fromkeys((".parquet", ".pq"), "read_parquet(?)"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "read_json(?)"),
}
DATABASES = (".duckdb", ".ddb", ".db")


def read_table(
    file: Path, *, path_column: str | None = None, genre_column: str | None = None, table: str | None = None
) -> Source:
    """List the covers of a table; relative paths start from the table's folder.

    A row's genres are a list, or text separated by '|' or ';' - or by ',' in a column that has neither of those
    two, so that 'Folk, World, & Country|Rock' are two genres. Rows of the same path are one cover with the genres of
    all, whose order then says nothing; which is the primary one is said in data.intake.primary. Every other column is
    kept as metadata; text files are not guessed at: their values stay text, so that a catalogue number keeps its zeros.
    `table` names the table of a DuckDB file that holds several. Raises GenrescopeError.
    """
    with _opened(file, table) as rows:
        return _listed(rows, str(file), file.parent, path_column=path_column, genre_column=genre_column)


def read_query(
    address: str, query: str | None, *, path_column: str | None = None, genre_column: str | None = None
) -> Source:
    """As `read_table`, for what a query to PostgreSQL gives; relative paths start from the current folder.

    The password of the address goes nowhere but to the server. Raises GenrescopeError, also where there is no query.
    """
    from data.postgres.addresses import shown
    from data.postgres.querying import read_rows

    if not query:
        raise GenrescopeError(
            "say which covers: genrescope import postgresql://... --query 'SELECT path, genre FROM ...'"
        )
    found = read_rows(address, query)
    with duckdb.connect() as con:
        rows = con.from_arrow(found)
        return _listed(rows, shown(address), Path.cwd(), path_column=path_column, genre_column=genre_column)


def _listed(
    rows: duckdb.DuckDBPyRelation, name: str, folder: Path, *, path_column: str | None, genre_column: str | None
) -> Source:
    """The covers of rows; name: what errors call their source; folder: where relative paths start."""
    columns = rows.columns
    path_column = _find_column(name, columns, "path", path_column, PATH_COLUMNS)
    genre_column = _find_column(name, columns, "genre", genre_column, GENRE_COLUMNS)
    separators = _separators(rows, genre_column)
    entries: dict[str, Entry] = {}
    ordered = True
    for number, row in enumerate(_rows(rows), start=1):
        path = _absolute(folder, row.pop(path_column)) or f"{name}, row {number}"
        genres = _genres(row.pop(genre_column), separators)
        known = entries.get(path)
        ordered &= known is None or set(genres) <= set(known.genres)
        entries[path] = _merged(known, Entry(path, genres, _to_json(row)))
    if not entries:
        raise GenrescopeError(f"{name} has no rows: there is nothing to import")
    return Source([entries[path] for path in sorted(entries)], ordered=ordered, voted=VOTES_COLUMN in columns)


@contextmanager
def _opened(file: Path, table: str | None) -> Iterator[duckdb.DuckDBPyRelation]:
    """The rows of a table file as a DuckDB relation."""
    suffix = file.suffix.lower()
    try:
        if suffix in DATABASES:
            with duckdb.connect(file, read_only=True) as con:
                yield con.table(_quoted(_find_table(con, file, table)))
        elif suffix in READERS:
            with duckdb.connect() as con:
                values = [str(file), _delimiter(file)] if READERS[suffix] is TEXT else [str(file)]
                yield con.sql(f"SELECT * FROM {READERS[suffix]}", params=values)
        else:
            known = ", ".join([*READERS, *DATABASES])
            raise GenrescopeError(f"{file} is neither a folder nor a table: tables end in {known}")
    except duckdb.Error as error:
        hint = ": save it as UTF-8" if "unicode" in str(error) else ""
        raise GenrescopeError(f"cannot read {file} as a table{hint} ({' '.join(str(error).split())[:200]})") from error


def _find_table(con: duckdb.DuckDBPyConnection, file: Path, table: str | None) -> str:
    tables = [name for (name,) in con.sql("SELECT name FROM (SHOW TABLES)").fetchall()]
    if table is None and len(tables) == 1:
        return tables[0]
    if table is None or table not in tables:
        wanted = f"no table {table}" if table else "several tables" if tables else "no table"
        raise GenrescopeError(f"{file} holds {wanted}: name one with --table; there are: {', '.join(tables) or 'none'}")
    return table


def _delimiter(file: Path) -> str:
    """The separator that the header line has most of; guessed from the rows, it might be that of the genres."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        header = lines.readline()
    return max(",;\t|", key=header.count)


def _find_column(name: str, columns: list[str], what: str, wanted: str | None, usual: tuple[str, ...]) -> str:
    lower = {column.lower(): column for column in reversed(columns)}
    for known in [wanted] if wanted else usual:
        if known.lower() in lower:
            return lower[known.lower()]
    missing = f"no column {wanted}" if wanted else f"no {what} column that is easy to tell"
    raise GenrescopeError(f"{name} has {missing}: name it with --{what}-column; there are: {', '.join(columns)}")


def _separators(rows: duckdb.DuckDBPyRelation, column: str) -> str:
    """Regular expression of what separates genres in this column."""
    name = _quoted(column)
    found = rows.filter(f"contains({name}::VARCHAR, '|') OR contains({name}::VARCHAR, ';')").limit(1).fetchall()
    return r"[|;]" if found else r","


def _rows(rows: duckdb.DuckDBPyRelation) -> Iterator[dict[str, Any]]:
    for batch in rows.to_arrow_reader(10_000):
        yield from batch.to_pylist()


def _absolute(folder: Path, path: Any) -> str:
    """A row's path, from the table's folder; '' for a row without one, which is known by its number."""
    if path is None or not str(path).strip():
        return ""
    return os.path.abspath(folder / os.path.expanduser(str(path)))


def _genres(value: Any, separators: str) -> tuple[str, ...]:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ()
    if isinstance(value, list):
        return clean_genres(str(name) for name in value if name is not None)
    text = str(value).strip()
    if text.startswith("[") and text.endswith("]"):  # a list that went through a CSV file: "['Rock', 'Pop']"
        return clean_genres(name.strip(" '\"") for name in text[1:-1].split(","))
    return clean_genres(re.split(separators, text))


def _merged(known: Entry | None, new: Entry) -> Entry:
    if known is None:
        return new
    return Entry(known.path, clean_genres(known.genres + new.genres), known.metadata)


def _to_json(row: dict[str, Any]) -> str:
    """A row as JSON text, without what is empty or not a number, and without control characters; dates as text."""
    kept = {clean(name): _cleaned(value) for name, value in row.items() if not _is_empty(value)}
    return json.dumps(kept, ensure_ascii=False, default=str)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(item) for name, item in value.items()}
    return value


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and not math.isfinite(value))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
