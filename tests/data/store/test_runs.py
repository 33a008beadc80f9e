"""Runs: found again instead of computed again, immutable once finished, resumed while not."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from data.errors import RunNotFound
from data.store.covers import collection
from data.store.runs import (
    Outcome,
    Run,
    append_rows,
    compute_run,
    current_runs,
    find_runs,
    finish_run,
    get_run,
    latest_run,
    run_key,
    start_run,
)
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


def rows(workspace: Workspace, table: str) -> list[tuple[object, ...]]:
    with workspace.read() as con:
        return con.sql(f"SELECT * FROM {table} ORDER BY ALL").fetchall()


def test_what_is_computed_is_stored_under_its_identity_and_computed_once(workspace: Workspace) -> None:
    calls: list[int] = []

    def compute() -> Outcome:
        calls.append(1)
        return {"clusters": clusters(0, 1)}, {"clusters": 2}

    identity = {"name": "clip", "params": {"k": 3}, "inputs": ["a", "b"], "seed": 7}
    run = compute_run(workspace, "clustering", compute, **identity)
    assert run.finished
    assert (run.kind, run.name, run.params, run.inputs, run.seed) == ("clustering", "clip", {"k": 3}, ("a", "b"), 7)
    assert run.results == {"clusters": 2}
    assert stored(workspace) == [(run.run_id, 0, 0), (run.run_id, 1, 1)]
    assert compute_run(workspace, "clustering", compute, **identity) == run
    assert len(calls) == 1
    nameless = compute_run(workspace, "clustering", lambda: ({}, {}), params={})
    assert (nameless.name, nameless.inputs, nameless.seed) == ("", (), None)


def test_a_computation_that_fails_is_made_anew(workspace: Workspace) -> None:
    def fail() -> Outcome:
        raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        compute_run(workspace, "clustering", fail, params={})
    assert find_runs(workspace, finished=False) == [], "nothing is left that would have to be resumed"
    assert compute_run(workspace, "clustering", lambda: ({}, {"k": 1}), params={}).results == {"k": 1}


@pytest.mark.parametrize("table", ["metrics", "curves"])
def test_rows_without_a_key_are_all_kept(workspace: Workspace, table: str) -> None:
    """Over all genres, where genre is NULL, two values may be the same."""
    run = start_run(workspace, "separability", params={})
    name = {"metrics": "metric", "curves": "curve"}[table]
    same = pa.table({name: ["purity", "purity"], "value": [0.5, 0.5]})
    finish_run(workspace, run, tables={table: same})
    found = rows(workspace, table)
    assert len(found) == 2
    assert found[0] == found[1]
    assert {run.run_id, "purity", 0.5} < set(found[0])


def test_runs_of_another_kind_are_never_taken(workspace: Workspace) -> None:
    split = finish_run(workspace, start_run(workspace, "split", name="a", params={}))
    other = finish_run(workspace, start_run(workspace, "clustering", name="a", params={}))
    finish_run(workspace, start_run(workspace, "clustering", name="b", params={}))
    assert latest_run(workspace, "split", name="a") == split
    with pytest.raises(RunNotFound, match=r"there are: a$"):
        latest_run(workspace, "split", name=other.run_id)
    with pytest.raises(RunNotFound, match=r"no finished clustering 'c' in .*there are: a, b$"):
        latest_run(workspace, "clustering", name="c")
    with pytest.raises(RunNotFound, match=r"no finished embedding in .*'genrescope embed --encoder NAME'"):
        latest_run(workspace, "embedding")


def test_current_are_the_runs_of_all_the_covers_there_are(workspace: Workspace, enter: Callable[..., None]) -> None:
    def chain() -> list[Run]:
        snapshot = collection(workspace)
        graph = compute_run(workspace, "neighbors", lambda: ({}, {}), params={}, inputs=[snapshot.run_id])
        return [compute_run(workspace, "split", lambda: ({}, {}), params={}, inputs=[graph.run_id]), graph, snapshot]

    enter(["Jazz", "Pop"])
    old = chain()
    assert current_runs(workspace) == old
    assert current_runs(workspace, "neighbors") == [old[1]]
    enter(["Jazz", "Pop", "Rock"])
    assert current_runs(workspace) == []
    new = chain()
    assert current_runs(workspace) == new
    start_run(workspace, "split", params={"n": 2}, inputs=[new[2].run_id])
    assert current_runs(workspace) == new, "what is not finished is not there"
