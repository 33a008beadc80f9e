"""Remembering what was read of a workspace: by which database it was, not only by where that lies."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

from data.store.workspace import Workspace

Reader = TypeVar("Reader", bound=Callable[..., Any])


def remembered(maxsize: int) -> Callable[[Reader], Reader]:
    """As `lru_cache`, for a function of a workspace: what it gave is forgotten where another database lies there now.

    Whoever deletes a workspace and makes it anew, or copies another into its place, has the same path and may have the
    same ids of covers and runs.
    """

    def decorate(read: Reader) -> Reader:
        cached = lru_cache(maxsize)(lambda workspace, _, *args, **named: read(workspace, *args, **named))

        @wraps(read)
        def reading(workspace: Workspace, *args: Any, **named: Any) -> Any:
            return cached(workspace, born(workspace), *args, **named)

        reading.cache_clear = cached.cache_clear  # type: ignore[attr-defined]
        return reading  # type: ignore[return-value]

    return decorate


def stamp(workspace: Workspace) -> tuple[tuple[int, int, int], ...]:
    """Changes whenever somebody has written to the database; reading it needs no connection."""
    found = []
    for path in (workspace.database, workspace.database.with_name(workspace.database.name + ".wal")):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        found.append((status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(found)


def born(workspace: Workspace) -> str:
    """When the database that lies here now was made, to the microsecond: no two at one place have that in common."""
    return _born(workspace, stamp(workspace))


@lru_cache(maxsize=64)
def _born(workspace: Workspace, stamp: Any) -> str:  # noqa: ARG001
    with workspace.read() as con:
        return str(con.sql("SELECT min(applied) FROM migrations").fetchall()[0][0])
