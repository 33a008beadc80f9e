"""Covers that a query to a real PostgreSQL names."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from data.errors import GenrescopeError
from data.intake.importing import import_covers
from data.postgres.exporting import export_to_postgres
from data.store.workspace import Workspace, open_workspace
from tests.data.postgres.conftest import PASSWORD, Server


@pytest.fixture(scope="module")
def table(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A table 'albums' with columns of every kind; the folder of its three covers."""
    folder = tmp_path_factory.mktemp("covers")
    for number in range(3):
        Image.new("RGB", (8, 8), (80 * number, 10, 10)).save(folder / f"{number} 🎷.png")
    server.ask("CREATE TYPE mood AS ENUM ('Jazz', 'R&B', 'Rock')")
    server.ask(
        "CREATE TABLE albums AS SELECT n AS number, CASE WHEN n < 3 THEN $1 || '/' || n || ' 🎷.png' END AS file, "
        "(ARRAY['Jazz', 'Rock', 'Rock', 'Jazz'])[n + 1]::mood AS mood, ARRAY['Rock', 'Jazz']::mood[] AS moods, "
        "ARRAY['Rock', 'Jazz'] AS genres, 'Rock|Jazz' AS joined, '007'::varchar(9) AS catalog, 1970 + n AS year, "
        "1.50::numeric AS price, DATE '1970-01-02' AS day, '{\"a\": 1}'::jsonb AS more, NULL::text AS nothing, "
        "now() AS seen, gen_random_uuid() AS id FROM generate_series(0, 3) n",
        str(folder),
    )
    yield folder
    server.ask("DROP TABLE albums")
    server.ask("DROP TYPE mood")


def stored(workspace: Workspace) -> list[tuple[str, list[str], dict[str, object]]]:
    with workspace.read() as con:
        rows = con.sql("SELECT path, genres, metadata FROM covers ORDER BY path").fetchall()
    return [(path, genres, json.loads(metadata)) for path, genres, metadata in rows]


def test_covers_come_with_every_column(server: Server, table: Path, workspace: Workspace) -> None:
    summary = import_covers(workspace, server.address(), query="SELECT * FROM albums; ", genre_column="mood")
    assert (summary.added, summary.rejected, summary.genres) == (3, 1, 2)
    path, genres, metadata = stored(workspace)[1]
    assert (path, genres) == (str(table / "1 🎷.png"), ["Rock"])
    assert metadata.items() >= {"number": 1, "catalog": "007", "year": 1971, "price": "1.50"}.items()
    assert metadata.items() >= {"day": "1970-01-02", "more": '{"a": 1}', "joined": "Rock|Jazz"}.items()
    assert metadata["genres"] == metadata["moods"] == ["Rock", "Jazz"]
    assert "nothing" not in metadata
    with workspace.read() as con:
        ((rejected,),) = con.sql("SELECT path FROM rejected").fetchall()
    assert rejected == f"postgresql://genre@{server.folder}/postgres, row 4"


@pytest.mark.parametrize("column", ["genres", "moods", "joined"])
def test_several_genres_are_a_list_or_separated(server: Server, table: Path, workspace: Workspace, column: str) -> None:
    query = f"SELECT file, {column} AS genre FROM albums WHERE number < 3 -- all of them"
    import_covers(workspace, server.address(), query=query, primary="first")
    assert [genres for _, genres, _ in stored(workspace)] == [["Rock", "Jazz"]] * 3


def test_relative_paths_start_here(
    server: Server, table: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(table)
    import_covers(workspace, server.address(), query="VALUES ('0 🎷.png', 'Jazz')", **COLUMNS)
    assert stored(workspace)[0][0] == str(table / "0 🎷.png")


COLUMNS = {"path_column": "column1", "genre_column": "column2"}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (None, "say which covers: .*--query"),
        ("SELECT * FROM nothere", '"nothere" does not exist: mend the query'),
        ("SELEC 1", "syntax error at or near"),
        ("DELETE FROM albums RETURNING file AS path, joined AS genre", "syntax error"),
        ("SELECT 1; SELECT 2", "syntax error"),
        ("SELECT 'x' AS genre", "has no path column.*--path-column"),
        ("SELECT 'x' AS path, 'y' AS genre WHERE false", "has no rows"),
        ("SELECT path, genre FROM (SELECT set_config('a.b', '1', false) AS path, nextval('s') AS genre) q", "s"),
    ],
)
def test_mistakes_are_one_line(server: Server, table: Path, workspace: Workspace, query: str | None, told: str) -> None:
    with pytest.raises(GenrescopeError, match=told) as caught:
        import_covers(workspace, server.address(), query=query)
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert server.ask("SELECT count(*) FROM albums") == [(4,)]


def test_a_query_can_change_nothing(server: Server, table: Path, workspace: Workspace) -> None:
    server.ask("CREATE FUNCTION sweep() RETURNS text LANGUAGE sql AS 'DELETE FROM albums RETURNING file'")
    try:
        with pytest.raises(GenrescopeError, match="read-only transaction"):
            import_covers(workspace, server.address(), query="SELECT sweep() AS path, 'Jazz' AS genre")
    finally:
        server.ask("DROP FUNCTION sweep")
    assert server.ask("SELECT count(*) FROM albums") == [(4,)]


def test_tables_and_queries_are_not_mixed_up(server: Server, workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(GenrescopeError, match="in --query"):
        import_covers(workspace, server.address(), table="albums")
    with pytest.raises(GenrescopeError, match="--query is for PostgreSQL"):
        import_covers(workspace, tmp_path, query="SELECT 1")
    with pytest.raises(GenrescopeError, match="cannot read the address") as caught:
        import_covers(workspace, Path(server.address()), query="SELECT 1")  # a Path loses a slash
    assert "cret" not in str(caught.value)


def test_what_was_exported_comes_back(server: Server, table: Path, schema: str, tmp_path: Path) -> None:
    first, second = (open_workspace(tmp_path / name, create=True) for name in ("first", "second"))
    import_covers(first, server.address(), query="SELECT file, genres FROM albums WHERE number < 3", primary="first")
    export_to_postgres(first, server.address(), schema=schema)
    import_covers(second, server.address(), query=f"SELECT path, genres FROM {schema}.covers", primary="first")
    assert [row[:2] for row in stored(second)] == [row[:2] for row in stored(first)]
