"""A workspace: one folder with the DuckDB file, the thumbnails and the trained classifiers."""

# Annotations as text: where torch is imported late, functions outlive the interpreter, and DuckDB reports those of its
# types that they hold as leaked.
from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from data.errors import WorkspaceError
from data.store.disk import schema
from data.store.disk.connections import connect, disconnect

# What DuckDB says while another process, or another thread of this one, has the file open the other way.
_LOCKED = ("could not set lock", "different configuration", "being used by another process")
# What it says of other troubles that a user can mend: the signs of each, and what to do.
_TROUBLES = {
    (
        "read-only file system",
        "permission denied",
    ): "it may only be read here: mend its permissions, or work on a copy of the folder; nothing was changed",
    ("could not write", "no space left", "failed to write", "could not truncate"): "make room on its disk, then try "
    "again; what was stored before is kept",
    ("corrupt", "could not read enough bytes", "failure while replaying wal", "deserializ", "invalidated"): "it is "
    "damaged: put a copy of the folder in its place, or import and compute again in a new --workspace; 'genrescope "
    "export' still writes the tables that can be read, and the covers themselves are not touched",
}


class Workspace:
    """A workspace folder, whose database is open only for as long as one read or one batch of writes.

    DuckDB locks the file against every other process while a writer has it open. Nobody here keeps it open:
    `read()` and `write()` connect, retrying for up to `patience` seconds, and disconnect. So a pipeline can
    run while the dashboard is in use.
    """

    def __init__(self, folder: str | Path, *, patience: float = 60.0) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self.patience = patience

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / "genrescope.duckdb"

    @property
    def classifiers(self) -> Path:
        """Folder of the trained classifiers, one file a run."""
        return self.folder / "classifiers"

    def thumbnail(self, sha256: str) -> Path:
        """Where the thumbnail of the cover with this content lies; named by content, so it never goes stale."""
        return self.folder / "thumbnails" / sha256[:2] / f"{sha256}.webp"

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection for as long as the `with` block."""
        with self._explained(), self._open(read_only=True) as con:
            yield con

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in one transaction: committed at the end of the `with` block, rolled back on an error.

        Raises WorkspaceError where the disk takes no more; what was committed before is kept.
        """
        with self._explained(), self._open(read_only=False) as con:
            con.begin()
            try:
                yield con
            except BaseException:
                with suppress(duckdb.Error):  # a damaged database cannot even do that, and says why itself
                    con.rollback()
                raise
            con.commit()

    @contextmanager
    def _open(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        con = self._connect(read_only=read_only)
        try:
            yield con
        finally:
            disconnect(self.database, con)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what DuckDB says of a full disk, of a read-only or a damaged file into a WorkspaceError."""
        try:
            yield
        except duckdb.Error as error:
            if told := _told(error):
                raise WorkspaceError(f"{self.database}: {told}") from error
            raise

    def _connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        deadline = time.monotonic() + self.patience
        pause = 0.005
        while True:
            try:
                return connect(self.database, read_only=read_only)
            except duckdb.Error as error:
                if not any(words in str(error).lower() for words in _LOCKED):
                    told = _told(error) or str(error).splitlines()[0]
                    raise WorkspaceError(f"cannot open {self.database}: {told}") from error
                if time.monotonic() > deadline:
                    raise WorkspaceError(
                        f"{self.database} stayed locked by another process for {self.patience:.0f} s: "
                        "close the program that holds it open, then try again"
                    ) from error
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 1.5, 0.1)


def _told(error: duckdb.Error) -> str:
    """What is wrong with the file and what to do, in one line; '' where that is no matter of the file."""
    said = str(error).splitlines()[0]
    lower = said.lower()
    found = (advice for signs, advice in _TROUBLES.items() if any(sign in lower for sign in signs))
    advice = next(found, "")
    return f"{said}: {advice}" if advice else ""


def open_workspace(folder: str | Path | None = None, *, create: bool = False) -> Workspace:
    """Open a workspace folder, bringing its schema up to date.

    Without a folder: `GENRESCOPE_WORKSPACE`, else `./workspace`. Raises WorkspaceError when there is none
    and `create` is off, when a newer genrescope wrote it, and for a path with a question mark: DuckDB takes what
    follows for options, and would put the log of what is not yet in the file into another folder.
    """
    workspace = Workspace(folder or os.environ.get("GENRESCOPE_WORKSPACE") or "workspace")
    if "?" in str(workspace.folder):
        raise WorkspaceError(
            f"{workspace.folder} cannot be a workspace, DuckDB opens no file with a '?' in its path: name a folder "
            "without one"
        )
    if not workspace.database.exists():
        if not create:
            raise WorkspaceError(
                f"no workspace in {workspace.folder}: make one with 'genrescope import SOURCE --workspace DIR', "
                "or name an existing one with --workspace or GENRESCOPE_WORKSPACE"
            )
        try:
            workspace.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(f"cannot make the workspace {workspace.folder}: {error.strerror}") from error
        found = 0
    else:
        with workspace.read() as con:
            found = schema.version(con)
    schema.check_version(found)
    if found < len(schema.MIGRATIONS):
        with workspace.write() as con:
            schema.migrate(con)
    return workspace
