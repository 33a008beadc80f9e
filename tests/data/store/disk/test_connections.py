"""Connections: the file is held for as long as somebody reads or writes, and not a moment longer."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from data.store.disk import connections
from data.store.disk.connections import connect, disconnect


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "it's one.duckdb"
    con = connect(path, read_only=False)
    con.execute("CREATE TABLE covers AS SELECT range AS cover_id FROM range(5)")
    disconnect(path, con)
    return path


def opened_elsewhere(path: Path, *, read_only: bool) -> bool:
    program = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=sys.argv[2] == 'True')"
    found = subprocess.run([sys.executable, "-c", program, str(path), str(read_only)], capture_output=True, text=True)
    assert found.returncode == 0 or "Could not set lock" in found.stderr
    return found.returncode == 0


def test_another_process_has_the_file_as_soon_as_the_last_one_is_gone(database: Path) -> None:
    first, second = connect(database, read_only=True), connect(database, read_only=True)
    disconnect(database, first)
    assert opened_elsewhere(database, read_only=True)
    assert not opened_elsewhere(database, read_only=False)
    assert second.execute("SELECT count(*) FROM covers").fetchall() == [(5,)]
    disconnect(database, second)
    assert opened_elsewhere(database, read_only=False)


def test_who_reads_and_who_writes_have_it_in_turn(database: Path) -> None:
    reading = connect(database, read_only=True)
    with pytest.raises(duckdb.ConnectionException, match="different configuration"):
        connect(database, read_only=False)
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        reading.execute("DELETE FROM covers")
    disconnect(database, reading)
    writing = connect(database, read_only=False)
    for read_only in (True, False):
        with pytest.raises(duckdb.ConnectionException, match="different configuration"):
            connect(database, read_only=read_only)
    writing.execute("DELETE FROM covers WHERE cover_id = 0")
    disconnect(database, writing)
    assert not database.with_name(f"{database.name}.wal").exists()


def test_a_file_made_anew_is_read_anew(database: Path) -> None:
    database.unlink()
    with duckdb.connect(database) as con:
        con.execute("CREATE TABLE covers AS SELECT 1 AS cover_id")
    con = connect(database, read_only=True)
    assert con.execute("SELECT count(*) FROM covers").fetchall() == [(1,)]
    disconnect(database, con)


def test_few_instances_stay(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.duckdb" for number in range(connections.IDLE + 3)]
    for path in [*paths, paths[-1]]:
        disconnect(path, connect(path, read_only=False))
    assert len(connections._instances) <= connections.IDLE
    assert paths[-1] in connections._instances


def test_what_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    path = tmp_path / "no.duckdb"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(duckdb.IOException):
        connect(path, read_only=True)
    path.unlink()
    disconnect(path, connect(path, read_only=False))


def test_tables_of_two_connections_that_are_registered_are_apart(database: Path) -> None:
    first, second = connect(database, read_only=True), connect(database, read_only=True)
    first.register("rows", duckdb.sql("SELECT 1 AS a").to_arrow_table())
    with pytest.raises(duckdb.CatalogException):
        second.execute("FROM rows")
    for con in (first, second):
        disconnect(database, con)
