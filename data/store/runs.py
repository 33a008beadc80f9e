"""Runs: everything computed belongs to one; a finished run is immutable and found again, not computed again."""

import importlib.metadata
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from data.errors import RunNotFound, WorkspaceError
from data.store.about.enriched import read_enriched
from data.store.about.set_aside import fingerprint, read_set_aside
from data.store.disk.locks import alone
from data.store.run import Run, run_key
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

# What computing a run gives: the rows of its tables, and its results.
Outcome = tuple[Mapping[str, pa.Table], Mapping[str, Any]]

COLUMNS = "run_id, kind, name, params, seed, inputs, code_version, started, finished, results"

# What makes a run of each kind, for the message of a user who has none yet.
MADE_BY = {
    "collection": "import SOURCE",
    "duplicates": "audit",
    "groups": "audit",
    "folds": "train",
    "split": "split",
    "embedding": "embed --encoder NAME",
    "text": "read-text",
    "neighbors": "analyze",
    "projection": "analyze",
    "clustering": "analyze",
    "stability": "analyze",
    "separability": "analyze",
    "membership": "analyze",
    "kinship": "analyze",
    "control": "controls",
    "confound": "confounds",
    "classifier": "train --classifier NAME",
    "comparison": "compare A B",
    "labels": "labels",
    "oddities": "oddities",
    "sets": "sure CLASSIFIER",
    "curve": "learning-curve",
    "agreement": "agreement",
    "recommendations": "evaluate-recommendations",
}


def start_run(
    workspace: Workspace,
    kind: str,
    *,
    name: str = "",
    params: Mapping[str, Any],
    inputs: Iterable[str] = (),
    seed: int | None = None,
) -> Run:
    """Find the run with this identity, finished or to be resumed, or enter a new one."""
    inputs = tuple(inputs)
    run_id = run_key(kind, name=name, params=params, inputs=inputs, seed=seed)
    with workspace.read() as con:
        found = _select(con, "run_id = ?", [run_id])
    if found:
        return found[0]
    with workspace.write() as con:
        con.execute(
            f"INSERT OR IGNORE INTO runs ({COLUMNS}) VALUES "
            "(?, ?, ?, ?, ?, ?, ?, current_timestamp::TIMESTAMP, NULL, '{}')",
            [run_id, kind, name, json.dumps(params, sort_keys=True), seed, list(inputs), code_version()],
        )
        return _select(con, "run_id = ?", [run_id])[0]


def compute_run(
    workspace: Workspace,
    kind: str,
    compute: Callable[[], Outcome],
    *,
    name: str = "",
    params: Mapping[str, Any],
    inputs: Iterable[str] = (),
    seed: int | None = None,
) -> Run:
    """Find the finished run with this identity, or enter it, compute its tables and results, and finish it.

    The frame of everything that is computed in one go; what resumes half-way stands in `computing` itself.
    """
    with computing(workspace, kind, name=name, params=params, inputs=inputs, seed=seed) as run:
        if run.finished:
            return run
        tables, results = compute()
        return finish_run(workspace, run, tables=tables, results=results)


@contextmanager
def computing(
    workspace: Workspace,
    kind: str,
    *,
    name: str = "",
    params: Mapping[str, Any],
    inputs: Iterable[str] = (),
    seed: int | None = None,
) -> Iterator[Run]:
    """The run with this identity, finished, or for nobody but this process to compute while the `with` block lasts.

    Whoever else wants it waits, and then finds it finished; or goes on with it, where the first was killed or failed.
    A run that failed before it stored a row is taken back: no later call may have to resume it.
    """
    identity: dict[str, Any] = {"name": name, "params": params, "inputs": tuple(inputs), "seed": seed}
    run = start_run(workspace, kind, **identity)
    if run.finished:
        yield run
        return
    with alone(
        workspace.folder / "locks" / f"{run.run_id}.lock", what=" ".join(filter(None, [kind, name, run.run_id]))
    ):
        run = start_run(workspace, kind, **identity)  # whom we waited for may have finished it, or taken it back
        try:
            yield run
        except WorkspaceError:  # nothing can be written now
            raise
        except Exception:
            _take_back(workspace, run)
            raise


def append_rows(con: duckdb.DuckDBPyConnection, run: Run, table: str, rows: pa.Table) -> None:
    """Add rows of an unfinished run, without their run_id column; rows that are there already are kept as they are.

    Raises ValueError on a finished run: those never change.
    """
    if _is_finished(con, run.run_id):
        raise ValueError(f"run {run.run_id} is finished and cannot change")
    con.register("new_rows", rows)
    # Metrics and curves have no key, as their genres may be NULL; they are written once, with the end of their run.
    insert = "INSERT" if table in ("metrics", "curves") else "INSERT OR IGNORE"
    con.execute(f"{insert} INTO {table} BY NAME SELECT '{run.run_id}' AS run_id, * FROM new_rows")
    con.unregister("new_rows")


def finish_run(
    workspace: Workspace,
    run: Run,
    *,
    tables: Mapping[str, pa.Table] | None = None,
    results: Mapping[str, Any] | None = None,
) -> Run:
    """Write a run's rows and results and mark it finished, in one transaction.

    Does nothing when another process finished the same run in the meantime.
    """
    with workspace.write() as con:
        if not _is_finished(con, run.run_id):
            for table, rows in (tables or {}).items():
                append_rows(con, run, table, rows)
            con.execute(
                "UPDATE runs SET finished = current_timestamp::TIMESTAMP, results = ? WHERE run_id = ?",
                [json.dumps(results or {}), run.run_id],
            )
        return _select(con, "run_id = ?", [run.run_id])[0]


def get_run(workspace: Workspace, run_id: str) -> Run:
    """The run with this id, finished or not; raises RunNotFound."""
    with workspace.read() as con:
        found = _select(con, "run_id = ?", [run_id])
    if not found:
        raise RunNotFound(f"there is no run {run_id} in {workspace.folder}: 'genrescope status' lists them")
    return found[0]


def find_runs(
    workspace: Workspace, kind: str | None = None, *, name: str | None = None, finished: bool = True
) -> list[Run]:
    """Runs of a kind (all kinds without one), newest first; `finished=False` gives the unfinished ones."""
    where = ["finished IS NOT NULL" if finished else "finished IS NULL"]
    values = []
    for column, value in (("kind", kind), ("name", name)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    with workspace.read() as con:
        return _select(con, " AND ".join(where), values)


def ancestor(workspace: Workspace, run: Run, *kinds: str) -> Run:
    """The nearest run of one of these kinds that a run was made from; of equally near ones that of the first kind.

    Raises RunNotFound where none of them is behind it.
    """
    behind = list(run.inputs)
    with workspace.read() as con:
        while behind:
            known = {each.run_id: each for each in _select(con, "list_contains(?, run_id)", [behind])}
            parents = [known[run_id] for run_id in behind if run_id in known]
            found = [parent for parent in parents if parent.kind in kinds]
            if found:
                return min(found, key=lambda parent: kinds.index(parent.kind))
            behind = list(dict.fromkeys(run_id for parent in parents for run_id in parent.inputs))
    raise RunNotFound(f"{run.kind} {run.run_id} was made from no {' or '.join(kinds)}: name a run that was")


def current_runs(workspace: Workspace, kind: str | None = None) -> list[Run]:
    """The finished runs that cover all the covers there are now, newest first; the others are stale.

    Covers are only ever added, so a run is current when the collection it descends from holds them all, when the same
    covers were set aside, and the same facts added later; copies and the whole collection are the same whatever is.
    """
    with workspace.read() as con:
        covers = con.sql("SELECT count(*) FROM covers").fetchall()[0][0]
    finished = find_runs(workspace)
    sizes: dict[str, int] = {}
    marks: dict[str, set[str]] = {}
    for run in reversed(finished):
        own = run.params if run.kind == "collection" else {}
        sizes[run.run_id] = max([own.get("covers", 0), *(sizes.get(parent, 0) for parent in run.inputs)])
        parents = (marks.get(parent, set()) for parent in run.inputs)
        marks[run.run_id] = set().union(*parents, {own[name] for name in ("set_aside", "metadata") if name in own})
    now = {mark for mark in (fingerprint(read_set_aside(workspace)), read_enriched(workspace)) if mark}
    whole = [run.run_id for run in finished if run.kind in ("collection", "duplicates") and not marks[run.run_id]]
    current = (run for run in finished if sizes[run.run_id] == covers and kind in (None, run.kind))
    return [run for run in current if run.run_id in whole or marks[run.run_id] == now]


def latest_run(workspace: Workspace, kind: str, *, name: str | None = None) -> Run:
    """The newest finished run of a kind and name, or the one with `name` as its id; raises RunNotFound."""
    found = find_runs(workspace, kind, name=name)
    if not found and name is not None:
        found = [run for run in find_runs(workspace, kind) if run.run_id == name]
    if not found:
        known = sorted({run.name for run in find_runs(workspace, kind) if run.name})
        wanted = f"{kind} '{name}'" if name else kind
        hint = f"there are: {', '.join(known)}" if known else f"make one with 'genrescope {MADE_BY[kind]}'"
        raise RunNotFound(f"no finished {wanted} in {workspace.folder}: {hint}")
    return found[0]


def code_version() -> str:
    """Version of the installed genrescope."""
    return importlib.metadata.version("genrescope")


def _is_finished(con: duckdb.DuckDBPyConnection, run_id: str) -> bool:
    return con.execute("SELECT finished IS NOT NULL FROM runs WHERE run_id = ?", [run_id]).fetchall()[0][0]


def _take_back(workspace: Workspace, run: Run) -> None:
    """Remove an unfinished run of which no table holds a row."""
    with workspace.write() as con:
        query = "SELECT table_name FROM duckdb_columns() WHERE column_name = 'run_id' AND table_name <> 'runs'"
        rows = " UNION ALL ".join(f"SELECT run_id FROM {table}" for (table,) in con.execute(query).fetchall())
        unfinished = "DELETE FROM runs WHERE run_id = $1 AND finished IS NULL"
        con.execute(f"{unfinished} AND NOT EXISTS (SELECT 1 FROM ({rows}) WHERE run_id = $1)", [run.run_id])


def _select(con: duckdb.DuckDBPyConnection, where: str, values: list[Any]) -> list[Run]:
    rows = con.execute(f"SELECT {COLUMNS} FROM runs WHERE {where} ORDER BY started DESC, run_id", values).fetchall()
    return [
        Run(
            run_id, kind, name, json.loads(params), seed, tuple(inputs), version, started, finished, json.loads(results)
        )
        for run_id, kind, name, params, seed, inputs, version, started, finished, results in rows
    ]
