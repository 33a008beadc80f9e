"""Remembering what was read of a workspace: by which database it was, not only by where that lies."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from threading import Lock, RLock
from typing import Any, TypeVar

from data.store.workspace import Workspace

Reader = TypeVar("Reader", bound=Callable[..., Any])


def remembered(maxsize: int) -> Callable[[Reader], Reader]:
    """As `lru_cache`, for a function of a workspace: what it gave is forgotten where another database lies there now.

    Whoever deletes a workspace and makes it anew, or copies another into its place, has the same path and may have the
    same ids of covers and runs. Threads that ask for the same at a time, as a page's callbacks do, read it once.
    """

    def decorate(read: Reader) -> Reader:
        turns = _Turns()
        cached = lru_cache(maxsize)(lambda workspace, _, *args, **named: read(workspace, *args, **named))

        @wraps(read)
        def reading(workspace: Workspace, *args: Any, **named: Any) -> Any:
            now = born(workspace)
            with turns.of((workspace, now, args, *named.items())):
                return cached(workspace, now, *args, **named)

        reading.cache_clear = cached.cache_clear  # type: ignore[attr-defined]
        return reading  # type: ignore[return-value]

    return decorate


class _Turns:
    """One thread at a time for each key."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Hashable, tuple[RLock, list[None]]] = {}

    @contextmanager
    def of(self, key: Hashable) -> Iterator[None]:
        """The turn of this thread; forgotten when nobody else waits for it."""
        with self._lock:
            turn, waiting = self._waiting.setdefault(key, (RLock(), []))
            waiting.append(None)
        try:
            with turn:
                yield
        finally:
            with self._lock:
                waiting.pop()
                if not waiting:
                    del self._waiting[key]


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
