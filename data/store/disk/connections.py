"""Connections to a DuckDB file that cost next to nothing, as long as a process lives.

Making an instance of DuckDB takes some 15 ms of processor time, whatever is in the file, most of it for registering
functions; attaching a file to one that is there half a millisecond. So each file has one instance a process, and the
file is attached to it, and locked against other processes, only for as long as somebody here reads or writes.
"""

# Annotations as text: see data.store.workspace.
from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import duckdb

log = logging.getLogger(__name__)

# What the file is called inside its instance.
NAME = "workspace"
# Instances that stay when nobody uses them: a process has one workspace, tests have hundreds.
IDLE = 4


@dataclass
class _Instance:
    """One file's instance; users: connections that are open, all of them to read, or one to write."""

    con: duckdb.DuckDBPyConnection
    users: int = 0
    read_only: bool = True


_instances: dict[Path, _Instance] = {}
_lock = Lock()


def connect(database: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection whose tables are those of the file; `disconnect` it. Raises what duckdb.connect does.

    Raises duckdb.ConnectionException while others of this process have it open, unless all of them only read: who
    writes is alone, as among processes, so that no two enter the same row.
    """
    with _lock:
        instance = _instance(database)
        if instance.users == 0:
            try:
                _attach(instance.con, database, read_only=read_only)
            except (duckdb.FatalException, duckdb.InternalException):  # after one of these an instance says only that
                _instances.pop(database).con.close()
                raise
            instance.read_only = read_only
        elif not (instance.read_only and read_only):
            raise duckdb.ConnectionException(f"{database} is open with a different configuration")
        instance.users += 1
        con = instance.con.cursor()
    con.execute(f"USE {NAME}")
    return con


def disconnect(database: Path, con: duckdb.DuckDBPyConnection) -> None:
    """Close a connection; the last one writes what is to be written and lets go of the file."""
    con.close()
    with _lock:
        instance = _instances[database]
        instance.users -= 1
        if instance.users == 0:
            _detach(instance.con, database)


def _instance(database: Path) -> _Instance:
    """The file's instance, now the last of all; beyond IDLE the first that nobody uses are given up."""
    found = _instances.pop(database, None)
    if found is None:
        idle = [path for path, other in _instances.items() if other.users == 0]
        for path in idle[: max(len(idle) + 1 - IDLE, 0)]:
            _instances.pop(path).con.close()
        found = _Instance(duckdb.connect(config={"temp_directory": f"{database}.tmp"}))
    _instances[database] = found
    return found


def _attach(con: duckdb.DuckDBPyConnection, database: Path, *, read_only: bool) -> None:
    path = str(database).replace("'", "''")
    con.execute(f"ATTACH '{path}' AS {NAME}" + (" (READ_ONLY)" if read_only else ""))


def _detach(con: duckdb.DuckDBPyConnection, database: Path) -> None:
    """Let go of the file; an instance that cannot (its disk is full) is given up: what was committed is in the WAL."""
    try:
        con.execute(f"DETACH {NAME}")
    except duckdb.Error as error:
        log.debug("%s: %s", database, error)
        _instances.pop(database).con.close()
