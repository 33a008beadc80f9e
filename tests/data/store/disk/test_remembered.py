"""What is remembered of a workspace is of the database that lies there now, whatever lay there before."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from data.store.disk.remembered import born, remembered
from data.store.runs import Run, compute_run
from data.store.workspace import Workspace, open_workspace

reads: list[str] = []


@remembered(maxsize=8)
def groups_of(workspace: Workspace, run_id: str) -> list[int]:
    reads.append(run_id)
    with workspace.read() as con:
        rows = con.execute("SELECT group_id FROM groups WHERE run_id = ? ORDER BY cover_id", [run_id]).fetchall()
    return [group_id for (group_id,) in rows]


def make(workspace: Workspace, *group_ids: int) -> Run:
    """The same run, whatever its rows."""
    ids = pa.array(range(len(group_ids)), pa.int32())
    rows = pa.table({"cover_id": ids, "group_id": pa.array(group_ids, pa.int32())})
    return compute_run(workspace, "groups", lambda: ({"groups": rows}, {}), params={})


def test_a_workspace_made_anew_is_read_anew_and_one_that_grows_is_not(workspace: Workspace) -> None:
    reads.clear()
    run = make(workspace, 0, 0)
    first = born(workspace)
    assert groups_of(workspace, run.run_id) == groups_of(workspace, run.run_id) == [0, 0]
    compute_run(workspace, "split", lambda: ({}, {}), params={})
    assert groups_of(workspace, run.run_id) == [0, 0]
    assert (born(workspace), len(reads)) == (first, 1), "it has grown, and is the same"
    shutil.rmtree(workspace.folder)
    open_workspace(workspace.folder, create=True)
    assert make(workspace, 0, 1).run_id == run.run_id
    assert groups_of(workspace, run.run_id) == [0, 1]
    assert born(workspace) != first


def test_threads_that_ask_at_a_time_read_once(workspace: Workspace) -> None:
    entered, beside = [], threading.Event()

    @remembered(maxsize=8)
    def slow(workspace: Workspace, name: str) -> str:
        entered.append(name)
        if entered.count(name) > 1:
            beside.set()
        if name == "first":
            beside.wait(0.3)  # long enough for the other thread to come in, if it may
        return name.upper()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda name: slow(workspace, name), ["first", "first", "other"])) == [
            "FIRST",
            "FIRST",
            "OTHER",
        ]
    assert sorted(entered) == ["first", "other"]


def test_what_fails_is_tried_again_by_who_waited(workspace: Workspace) -> None:
    tried: list[int] = []

    @remembered(maxsize=8)
    def fails(workspace: Workspace) -> int:
        tried.append(1)
        if len(tried) == 1:
            raise ZeroDivisionError
        return len(tried)

    with pytest.raises(ZeroDivisionError):
        fails(workspace)
    assert [fails(workspace), fails(workspace)] == [2, 2]


def test_another_workspace_copied_into_its_place_is_read_anew(
    workspace: Workspace, new_workspace: Callable[[], Workspace]
) -> None:
    other = open_workspace(new_workspace().folder.with_name("other"), create=True)
    run = make(workspace, 0, 0)
    make(other, 0, 1)
    assert groups_of(workspace, run.run_id) == [0, 0]
    shutil.copyfile(other.database, workspace.database)
    assert groups_of(workspace, run.run_id) == [0, 1]
