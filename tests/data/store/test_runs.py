"""Runs: found again instead of computed again, immutable once finished, resumed while not."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from data.errors import GenrescopeError, RunNotFound
from data.store.covers import collection
from data.store.runs import append_rows, find_runs, finish_run, get_run, latest_run, run_key, start_run
from data.store.workspace import Workspace


def clusters(*numbers: int) -> pa.Table:
    return pa.table(
        {
            "cover_id": pa.array(range(len(numbers)), pa.int32()),
            "cluster": pa.array(numbers, pa.int32()),
            "membership": pa.array([1.0] * len(numbers), pa.float32()),
        }
    )


def stored(workspace: Workspace) -> list[tuple[object, ...]]:
    with workspace.read() as con:
        return con.sql("SELECT run_id, cover_id, cluster FROM clusters ORDER BY ALL").fetchall()


def test_a_finished_run_is_found_again(workspace: Workspace) -> None:
    run = start_run(workspace, "clustering", name="clip", params={"k": 3, "how": [1, 2]}, inputs=["a", "b"], seed=1)
    assert not run.finished
    done = finish_run(workspace, run, tables={"clusters": clusters(0, 1)}, results={"clusters": 2})
    again = start_run(workspace, "clustering", name="clip", params={"how": [1, 2], "k": 3}, inputs=["a", "b"], seed=1)
    assert again == done
    assert done.finished >= done.started
    assert (done.params, done.inputs, done.seed, done.results) == (
        {"k": 3, "how": [1, 2]},
        ("a", "b"),
        1,
        {"clusters": 2},
    )


def test_whatever_decides_the_outcome_makes_another_run() -> None:
    base = {"kind": "clustering", "name": "clip", "params": {"k": 3}, "inputs": ["a", "b"], "seed": 1}
    others = [{"kind": "split"}, {"name": "x"}, {"params": {"k": 4}}, {"inputs": ["b", "a"]}, {"seed": None}]
    keys = {run_key(**{**base, **other}) for other in [{}, *others]}
    assert len(keys) == len(others) + 1
    assert all(len(key) == 12 for key in keys)


def test_a_finished_run_never_changes(workspace: Workspace) -> None:
    run = start_run(workspace, "clustering", params={})
    done = finish_run(workspace, run, tables={"clusters": clusters(0, 1)}, results={"clusters": 2})
    assert finish_run(workspace, run, tables={"clusters": clusters(5, 5, 5)}, results={"clusters": 1}) == done
    with workspace.write() as con, pytest.raises(ValueError, match="is finished and cannot change"):
        append_rows(con, run, "clusters", clusters(5, 5, 5))
    assert stored(workspace) == [(run.run_id, 0, 0), (run.run_id, 1, 1)]


def test_an_unfinished_run_is_resumed_and_no_row_comes_twice(workspace: Workspace) -> None:
    run = start_run(workspace, "clustering", params={})
    with workspace.write() as con:
        append_rows(con, run, "clusters", clusters(0, 1))
    assert start_run(workspace, "clustering", params={}) == run
    assert find_runs(workspace, "clustering") == []
    assert find_runs(workspace, "clustering", finished=False) == [run]
    finish_run(workspace, run, tables={"clusters": clusters(7, 7, 2)})
    assert stored(workspace) == [(run.run_id, 0, 0), (run.run_id, 1, 1), (run.run_id, 2, 2)]


def test_a_run_whose_rows_are_refused_stays_unfinished_and_empty(workspace: Workspace) -> None:
    run = start_run(workspace, "clustering", params={})
    broken = pa.table({"cover_id": [0], "no_such_column": [1]})
    with pytest.raises(Exception, match="no_such_column"):
        finish_run(workspace, run, tables={"clusters": clusters(0), "projections": broken})
    assert stored(workspace) == []
    assert get_run(workspace, run.run_id).finished is None


def test_the_newest_run_of_a_name_is_found_and_one_by_its_id(workspace: Workspace) -> None:
    first, second = (finish_run(workspace, start_run(workspace, "split", name="a", params={"n": n})) for n in (1, 2))
    other = finish_run(workspace, start_run(workspace, "split", name="b", params={}))
    assert latest_run(workspace, "split", name="a") == second
    assert latest_run(workspace, "split") == other
    assert latest_run(workspace, "split", name=first.run_id) == first
    assert find_runs(workspace, "split", name="a") == [second, first]


def test_what_is_not_there_says_what_is_or_what_makes_it(workspace: Workspace) -> None:
    with pytest.raises(RunNotFound, match=r"no finished split .*'genrescope split'"):
        latest_run(workspace, "split")
    finish_run(workspace, start_run(workspace, "split", name="grouped", params={}))
    with pytest.raises(RunNotFound, match=r"no finished split 'other' .*there are: grouped"):
        latest_run(workspace, "split", name="other")
    with pytest.raises(RunNotFound, match="genrescope status"):
        get_run(workspace, "0123456789ab")


def test_the_collection_is_another_once_covers_are_added(workspace: Workspace, enter: Callable[..., None]) -> None:
    with pytest.raises(GenrescopeError, match="genrescope import SOURCE"):
        collection(workspace)
    enter(["Jazz", "Pop"])
    first = collection(workspace)
    assert first == collection(workspace)
    assert first.params["covers"] == 2
    enter(["Jazz", "Pop", "Rock"])
    second = collection(workspace)
    assert (second.params["covers"], second.run_id != first.run_id) == (3, True)
