"""The store's promises: many processes at once, nothing half written, no file of a newer version touched."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from data.errors import WorkspaceError
from data.store.disk import schema
from data.store.workspace import Workspace, open_workspace

BATCH = 50

WRITER = """
import sys, time
from data.store.workspace import Workspace
workspace, seconds = Workspace(sys.argv[1]), float(sys.argv[2])
until, number = time.monotonic() + seconds, 0
while time.monotonic() < until:
    with workspace.write() as con:
        for row in range(50):
            con.execute("INSERT INTO rejected VALUES (?, 'Jazz', 'truncated', '')", [f"{sys.argv[3]} {number} {row}"])
    number += 1
    print(number, flush=True)
"""

READER = """
import sys, time
from data.store.workspace import Workspace
workspace, until, last, reads = Workspace(sys.argv[1]), time.monotonic() + float(sys.argv[2]), 0, 0
while time.monotonic() < until:
    with workspace.read() as con:
        count = con.sql("SELECT count(*) FROM rejected").fetchall()[0][0]
    assert count % 50 == 0 and count >= last, (count, last)
    last, reads = count, reads + 1
print(reads)
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def count(workspace: Workspace) -> int:
    with workspace.read() as con:
        return con.sql("SELECT count(*) FROM rejected").fetchall()[0][0]


@pytest.mark.slow
def test_writers_and_readers_in_several_processes_see_no_error(workspace: Workspace) -> None:
    seconds = 4
    writers = [start(WRITER, workspace.folder, seconds, name) for name in "ab"]
    readers = [start(READER, workspace.folder, seconds) for _ in range(2)]
    ended = [(process, *process.communicate()) for process in writers + readers]
    assert [(process.returncode, errors) for process, _, errors in ended] == [(0, "")] * 4
    done = [int(output.split()[-1]) for _, output, _ in ended]
    assert min(done) >= 1  # nobody starved, however busy the machine
    assert count(workspace) == BATCH * sum(done[:2])


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.05])
def test_a_process_killed_in_the_middle_of_a_write_leaves_whole_batches(workspace: Workspace, moment: float) -> None:
    writer = start(WRITER, workspace.folder, 60, "a")
    for _ in range(2):
        assert writer.stdout.readline()
    time.sleep(moment)
    writer.send_signal(signal.SIGKILL)
    printed, errors = writer.communicate()
    assert (writer.returncode, errors) == (-signal.SIGKILL, "")
    told = 2 + len(printed.split())
    assert count(workspace) in (BATCH * told, BATCH * (told + 1))
    with workspace.write() as con:
        con.execute("INSERT INTO rejected VALUES ('after', 'Jazz', 'truncated', '')")
    assert count(workspace) % BATCH == 1


def test_a_write_that_fails_is_undone_as_a_whole(workspace: Workspace) -> None:
    def fail() -> None:
        with workspace.write() as con:
            con.execute("INSERT INTO rejected VALUES ('a', 'Jazz', 'truncated', '')")
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        fail()
    assert count(workspace) == 0


def test_readers_cannot_write(workspace: Workspace) -> None:
    with workspace.read() as con, pytest.raises(duckdb.Error, match="read-only"):
        con.execute("DELETE FROM covers")


def test_a_file_held_open_elsewhere_is_told_after_some_patience(workspace: Workspace) -> None:
    holder = start(
        "import duckdb, sys\nwith duckdb.connect(sys.argv[1]):\n    print('open', flush=True)\n    sys.stdin.read()",
        workspace.database,
    )
    try:
        assert holder.stdout.readline()
        started = time.monotonic()
        with pytest.raises(WorkspaceError, match="stayed locked"), Workspace(workspace.folder, patience=0.3).read():
            pass
        assert time.monotonic() - started > 0.3
    finally:
        holder.kill()
        holder.communicate()


def test_without_a_workspace_the_message_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="genrescope import SOURCE"):
        open_workspace(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_workspace_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="cannot make the workspace"):
        open_workspace(tmp_path / "file" / "workspace", create=True)


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "genrescope.duckdb").write_text("something else")
    with pytest.raises(WorkspaceError, match="cannot open") as caught:
        open_workspace(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_folder_is_named_by_argument_or_environment_or_custom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GENRESCOPE_WORKSPACE", raising=False)
    assert open_workspace(create=True).folder == tmp_path / "workspace"
    monkeypatch.setenv("GENRESCOPE_WORKSPACE", str(tmp_path / "named"))
    assert open_workspace(create=True).folder == tmp_path / "named"
    assert open_workspace(tmp_path / "other", create=True).folder == tmp_path / "other"


def test_a_newer_workspace_is_refused_and_left_alone(workspace: Workspace) -> None:
    newer = len(schema.MIGRATIONS) + 1
    with workspace.write() as con:
        con.execute("INSERT INTO migrations VALUES (?, current_timestamp::TIMESTAMP)", [newer])
    before = workspace.database.read_bytes()
    with pytest.raises(WorkspaceError, match=f"version {newer}, this genrescope knows up to {newer - 1}: upgrade"):
        open_workspace(workspace.folder)
    assert workspace.database.read_bytes() == before


def tables(workspace: Workspace) -> list[tuple[str, str]]:
    with workspace.read() as con:
        return con.sql("SELECT table_name, sql FROM duckdb_tables() ORDER BY table_name").fetchall()


@pytest.fixture
def of_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Workspace]:
    """Makes a workspace as that version of the schema made it."""

    def of_version(number: int) -> Workspace:
        with monkeypatch.context() as old:
            old.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:number])
            return open_workspace(tmp_path / f"version {number}", create=True)

    return of_version


def test_a_workspace_of_version_1_is_brought_up_to_date_with_what_it_holds(
    workspace: Workspace, of_version: Callable[[int], Workspace]
) -> None:
    ancient = of_version(1)
    with ancient.write() as con:
        con.execute("INSERT INTO rejected VALUES ('a', 'Jazz', 'truncated', '')")
    assert len(tables(ancient)) < len(tables(workspace))
    opened = open_workspace(ancient.folder)
    assert tables(opened) == tables(workspace)
    assert count(opened) == 1
    with opened.read() as con:
        assert schema.version(con) == len(schema.MIGRATIONS)


def test_predictions_of_version_2_are_kept_as_those_of_repeat_0(
    workspace: Workspace, of_version: Callable[[int], Workspace]
) -> None:
    before = of_version(2)
    with before.write() as con:
        con.execute("INSERT INTO predictions VALUES ('a', 0, 'Jazz', [0.75, 0.25]), ('a', 1, 'Pop', [0.5, 0.5])")
        con.execute("INSERT INTO metrics VALUES ('b', 'purity', 'Jazz', NULL, 0.5, 0.25, 0.75, 0.01, 0.02)")
    opened = open_workspace(before.folder)
    assert tables(opened) == tables(workspace)
    with opened.write() as con:
        kept = con.sql(
            "SELECT run_id, cover_id, repeat, predicted, probabilities FROM predictions ORDER BY 2"
        ).fetchall()
        assert con.sql("SELECT value, p_adjusted, rank_low, rank_high FROM metrics").fetchall() == [
            (0.5, 0.02, None, None)
        ]
        con.execute("INSERT INTO predictions VALUES ('a', 0, 1, 'Pop', [0.25, 0.75])")  # another repeat of a cover
    with pytest.raises(duckdb.ConstraintException), opened.write() as con:
        con.execute("INSERT INTO predictions VALUES ('a', 0, 1, 'Pop', [0.25, 0.75])")
    assert kept == [("a", 0, 0, "Jazz", [0.75, 0.25]), ("a", 1, 0, "Pop", [0.5, 0.5])]


def test_a_migration_that_fails_changes_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables(workspace)
    broken = "CREATE TABLE half (n INTEGER); CREATE TABLE nonsense (n NO_SUCH_TYPE);"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
    with pytest.raises(duckdb.Error):
        open_workspace(workspace.folder)
    assert tables(workspace) == before


def test_two_processes_may_make_the_same_workspace(tmp_path: Path) -> None:
    script = "import sys; from data.store.workspace import open_workspace; open_workspace(sys.argv[1], create=True)"
    makers = [start(script, tmp_path / "shared") for _ in range(4)]
    ended = [(*maker.communicate(), maker.returncode) for maker in makers]
    assert ended == [("", "", 0)] * 4
    assert os.listdir(tmp_path / "shared") == ["genrescope.duckdb"]
