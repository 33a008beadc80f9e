"""`export --to` and `import postgresql://` as a user types them: errors in one line, and no password anywhere."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from data.drawing.sample import read_truth, write_sample
from data.errors import GenrescopeError
from data.intake.importing import import_covers
from data.postgres.connecting import _TROUBLES
from data.postgres.exporting import export_to_postgres
from data.store.disk.schema import MIGRATIONS
from data.store.runs import find_runs
from data.store.workspace import Workspace, open_workspace
from genrescope import cli
from tests.data.postgres.conftest import PASSWORD, USER, Server

ROOT = Path(__file__).resolve().parents[3]
WRONG = "wr0ng-pass"
SECRETS = (PASSWORD, WRONG, "cret%40", "cret@")


def typed(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """genrescope in a process of its own, its output in one."""
    return subprocess.run(
        [sys.executable, ROOT / "genrescope.py", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )


@pytest.fixture
def filled(workspace: Workspace, enter_into: Any) -> Workspace:
    enter_into(workspace, ["Jazz", "Rock"])
    return workspace


@pytest.mark.parametrize("words", [["export", "--to"], ["import", "--query", "SELECT 1"]])
def test_a_wrong_password_is_told_in_one_line_that_does_not_hold_it(
    server: Server, filled: Workspace, words: list[str]
) -> None:
    arguments = [*words, server.address(password=WRONG), "--workspace", str(filled.folder)]
    told = str(CliRunner().invoke(cli, arguments).exception)
    assert told.endswith(next(iter(_TROUBLES.values())))
    assert 'password authentication failed for user "genre"' in told
    assert "\n" not in told
    aloud = typed("--debug", *arguments)
    assert aloud.returncode == 1
    assert "Traceback" in aloud.stdout
    written = [file.read_bytes() for file in filled.folder.rglob("*") if file.is_file()]
    for secret in SECRETS:
        assert secret not in told + aloud.stdout
        assert not any(secret.encode() in content for content in written)


def test_the_password_may_come_from_the_environment_and_is_kept_nowhere(
    server: Server, filled: Workspace, schema: str
) -> None:
    place = {"PGHOST": str(server.folder), "PGUSER": USER, "PGPASSWORD": PASSWORD, "PGDATABASE": "postgres"}
    said = typed(
        "--debug", "export", "--to", "postgresql://", "--schema", schema, "--workspace", filled.folder, **place
    )
    assert said.returncode == 0, said.stdout
    rows = 2 + len(MIGRATIONS)
    assert said.stdout.startswith(f"postgresql://{USER}@{server.folder}/postgres, schema {schema}: {rows} rows")
    written = [file.read_bytes() for file in filled.folder.rglob("*") if file.is_file()]
    assert not any(secret in said.stdout or secret.encode() in each for secret in SECRETS for each in written)
    ((found,),) = server.ask(f"SELECT string_agg(t::text, ' ') FROM {schema}.covers t")
    assert PASSWORD not in found


@pytest.mark.slow
def test_the_whole_chain_runs_on_a_query(server: Server, tmp_path: Path) -> None:
    """All that `import` takes, `run` takes, too."""
    covers = write_sample(tmp_path / "covers", covers=50)
    server.ask("CREATE TABLE sleeves (file text, style text, artist text)")
    try:
        for cover in read_truth(covers):
            server.ask(
                "INSERT INTO sleeves VALUES ($1, $2, $3)", str(covers.parent / cover.file), cover.genre, cover.artist
            )
        query = ["--query", "SELECT file, style, artist FROM sleeves", "--genre-column", "style"]
        place = ["--workspace", str(tmp_path / "workspace")]
        said = typed("run", server.address(), *query, "--encoder", "color", "--classifier", "logistic", *place)
    finally:
        server.ask("DROP TABLE sleeves")
    assert said.returncode == 0, said.stdout
    assert "added 50 covers" in said.stdout
    assert not any(secret in said.stdout for secret in SECRETS)
    workspace = open_workspace(tmp_path / "workspace")
    assert {run.kind for run in find_runs(workspace)} >= {"separability", "groups"}
    with workspace.read() as con:
        assert con.sql("SELECT count(*) FROM covers WHERE metadata ->> 'artist' <> ''").fetchall() == [(50,)]


def test_a_query_of_the_whole_chain_goes_to_the_server(server: Server, tmp_path: Path) -> None:
    arguments = ["run", server.address(), "--query", "SELECT * FROM nothere", "--encoder", "color"]
    told = str(CliRunner().invoke(cli, [*arguments, "--workspace", str(tmp_path / "workspace")]).exception)
    assert '"nothere" does not exist: mend the query' in told


@pytest.mark.parametrize(
    "words",
    [
        ["export", "{}"],
        ["export", "covers", "{}.csv"],
        ["export", "covers", "x.csv", "--to", "{}"],
        ["export", "--run", "x", "--to", "{}"],
        ["import", "{}"],
        ["import", "{}", "--table", "x"],
        ["import", "{}x", "--query", "SELECT 1"],
    ],
)
def test_what_is_typed_wrongly_is_not_repeated(filled: Workspace, words: list[str]) -> None:
    address = f"postgresql://me:{WRONG}@/x y?host=/nowhere"
    arguments = [word.format(address) for word in words]
    done = CliRunner().invoke(cli, [*arguments, "--workspace", str(filled.folder)])
    assert done.exit_code
    assert isinstance(done.exception, SystemExit | GenrescopeError)
    assert WRONG not in done.output + str(done.exception)


def test_a_schema_is_for_databases(filled: Workspace, tmp_path: Path) -> None:
    words = ["export", "covers", str(tmp_path / "x.csv"), "--schema", "x", "--workspace", str(filled.folder)]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 2
    assert "--to" in done.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"database": "nowhere"}, 'database "nowhere" does not exist: make it with'),
        ({"user": "nobody"}, "mend user or password"),
        ({"user": "reader", "password": "r"}, r"permission denied .*: ask the owner for it \(GRANT"),
    ],
)
def test_what_the_server_refuses_is_one_line(
    server: Server, filled: Workspace, options: dict[str, str], told: str
) -> None:
    if options.get("user") == "reader":
        server.ask("CREATE ROLE reader LOGIN PASSWORD 'r'")
    try:
        with pytest.raises(GenrescopeError, match=told) as caught:
            export_to_postgres(filled, server.address(**options))
        assert "\n" not in str(caught.value)
        assert PASSWORD not in str(caught.value)
    finally:
        server.ask("DROP ROLE IF EXISTS reader")


def test_an_existing_schema_that_one_may_write_to_is_enough(server: Server, filled: Workspace, schema: str) -> None:
    server.ask("CREATE ROLE writer LOGIN PASSWORD 'w'")
    try:
        server.ask(f"CREATE SCHEMA {schema} AUTHORIZATION writer")
        assert export_to_postgres(filled, server.address(user="writer", password="w"), schema=schema).rows
    finally:
        server.ask("DROP OWNED BY writer CASCADE")
        server.ask("DROP ROLE writer")


@pytest.mark.parametrize("place", ["?host=/nowhere", "localhost:1/x", "no-such-host.invalid/x"])
def test_a_server_that_is_not_there_is_one_line(filled: Workspace, place: str) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    at = "" if place.startswith("?") else "me@"
    with pytest.raises(GenrescopeError, match="start the server, or mend host and port") as caught:
        export_to_postgres(filled, f"postgresql://{at}{place}")
    assert "\n" not in str(caught.value)


def test_a_database_of_other_letters_is_refused(server: Server, filled: Workspace) -> None:
    server.ask("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0")
    with pytest.raises(GenrescopeError, match=r"SQL_ASCII: make one in UTF8"):
        export_to_postgres(filled, server.address("ascii"))


def test_without_the_driver_one_line_says_how_to_get_it(
    filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql.dbapi", None)
    told = r"pip install \"genrescope\[postgresql\]\""
    with pytest.raises(GenrescopeError, match=told):
        export_to_postgres(filled, "postgresql://")
    with pytest.raises(GenrescopeError, match=told):
        import_covers(filled, "postgresql://", query="SELECT 1")


def test_nobody_else_needs_the_driver() -> None:
    code = "import sys, genrescope; print([name for name in sys.modules if name.startswith('adbc')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
