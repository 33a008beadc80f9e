"""Two processes that want the same run at once: it is computed once, and a killed process keeps nobody waiting."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest

from data.store.runs import Outcome, append_rows, compute_run, computing, find_runs, finish_run
from data.store.workspace import Workspace

ROOT = Path(__file__).parents[3]

# Enters the run, says so, stores half of it, and finishes once something is said to it.
FIRST = """
import sys
import pyarrow as pa
from data.store.runs import append_rows, computing, finish_run
from data.store.workspace import Workspace
workspace = Workspace(sys.argv[1])
rows = lambda *ids: pa.table({"cover_id": pa.array(ids, pa.int32()), "group_id": pa.array(ids, pa.int32())})
with computing(workspace, "groups", params={"n": 1}) as run:
    with workspace.write() as con:
        append_rows(con, run, "groups", rows(0, 1))
    print("computing", flush=True)
    if sys.stdin.readline() == "fail\\n":
        raise SystemExit("failed")
    finish_run(workspace, run, tables={"groups": rows(2)}, results={"by": "first"})
"""


def second() -> Outcome:
    ids = pa.array([2], pa.int32())
    return {"groups": pa.table({"cover_id": ids, "group_id": ids})}, {"by": "second"}


@contextmanager
def first(workspace: Workspace) -> Iterator[subprocess.Popen[str]]:
    """A process that computes the run, as far as half of it."""
    words = [sys.executable, "-c", FIRST, str(workspace.folder)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline() == "computing\n", process.communicate()[1]
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def waited(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once somebody says that they wait."""
    event = threading.Event()
    caplog.set_level(logging.INFO, logger="data.store.disk.locks")
    monkeypatch.setattr(caplog.handler, "emit", lambda record, emit=caplog.handler.emit: (emit(record), event.set()))
    return event


def ending(process: subprocess.Popen[str], waited: threading.Event, end: Callable[[], None]) -> threading.Thread:
    """Ends the first process as soon as the second one waits for it."""

    def run() -> None:
        waited.wait()
        end()
        process.wait()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def say(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


def rows(workspace: Workspace) -> list[int]:
    with workspace.read() as con:
        return [cover_id for (cover_id,) in con.sql("SELECT cover_id FROM groups ORDER BY ALL").fetchall()]


def test_the_later_one_waits_and_finds_what_the_first_has_finished(
    workspace: Workspace, waited: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    with first(workspace) as process:
        thread = ending(process, waited, lambda: say(process, "finish"))
        run = compute_run(workspace, "groups", second, params={"n": 1})
        waited.set()  # or the thread would wait where nobody waited
        thread.join()
        assert process.returncode == 0
    assert run.results == {"by": "first"}
    assert rows(workspace) == [0, 1, 2]
    assert caplog.messages == [f"waiting for groups {run.run_id}, which process {process.pid} computes already"]
    assert os.listdir(workspace.folder / "locks") == []


@pytest.mark.parametrize("how", ["killed", "failed"])
def test_where_the_first_ended_without_finishing_the_later_one_goes_on(
    workspace: Workspace, waited: threading.Event, how: str
) -> None:
    with first(workspace) as process:
        ends = {"killed": lambda: process.send_signal(signal.SIGKILL), "failed": lambda: say(process, "fail")}
        thread = ending(process, waited, ends[how])
        run = compute_run(workspace, "groups", second, params={"n": 1})
        waited.set()  # or the thread would wait where nobody waited
        thread.join()
        assert process.returncode != 0
    assert run.results == {"by": "second"}
    assert rows(workspace) == [0, 1, 2], "what the first had stored is kept"


def test_what_failed_before_it_stored_a_row_is_taken_back_and_what_stored_some_is_resumed(workspace: Workspace) -> None:
    def fail(store: bool) -> None:
        with computing(workspace, "groups", params={}) as run:
            if store:
                with workspace.write() as con:
                    append_rows(con, run, "groups", second()[0]["groups"])
            raise ValueError("on the way")

    with pytest.raises(ValueError, match="on the way"):
        fail(store=False)
    assert find_runs(workspace, finished=False) == []
    with pytest.raises(ValueError, match="on the way"):
        fail(store=True)
    (left,) = find_runs(workspace, finished=False)
    with computing(workspace, "groups", params={}) as run:
        assert run == left
        assert finish_run(workspace, run).finished
    with pytest.raises(ValueError, match="after all"), computing(workspace, "groups", params={}):
        raise ValueError("after all")
    assert find_runs(workspace)[0].run_id == left.run_id, "a finished run is never taken back"
