"""Connections to PostgreSQL through ADBC's driver: one transaction each, errors in one line, no password in any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from data.errors import GenrescopeError
from data.postgres.addresses import checked, shown

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection, Cursor

# What the server or libpq says, in lower case, and what to do.
_TROUBLES = {
    (
        "authentication failed",
        "no password supplied",
        "pg_hba.conf",
    ): "mend user or password; PGPASSWORD and ~/.pgpass keep the latter out of the command line",
    ('role "',): "name another user before the '@', or in PGUSER",
    ('database "',): "make it with 'createdb', or name another one",
    (
        "connection refused",
        "no such file",
        "could not translate host name",
        "timeout expired",
        "no route to host",
        "network is unreachable",
    ): "start the server, or mend host and port in the address or in PGHOST and PGPORT",
    ("too many clients", "remaining connection slots"): "try again when others have left",
    ("unacceptable schema name",): "name another --schema",
    ("could not extend file", "no space left"): "make room on the server's disk, then give the same command again",
    ("server closed the connection", "terminating connection", "no connection to the server"): "give the same command "
    "again when the server is back",
}
_NO_RIGHT = (
    "ask the owner for it (GRANT CREATE, USAGE ON SCHEMA ... TO ..., or GRANT CREATE ON DATABASE ...), or name a "
    "schema of your own with --schema"
)


@contextmanager
def transaction(address: str, *, otherwise: str) -> Iterator[Cursor]:
    """A cursor in one transaction: committed at the end of the `with` block, rolled back on an error.

    address: 'postgresql://...'; what it does not name comes from PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, a
    service or ~/.pgpass, as libpq has it. otherwise: what to do where the trouble is none that is known here.
    Raises GenrescopeError, in one line and without the password, for whatever the server or the driver says, and where
    the driver is not installed.
    """
    dbapi = _driver()
    try:
        with _connection(dbapi, checked(address)) as con, con.cursor() as cursor:
            try:
                yield cursor
            except BaseException:
                _undo(con)
                raise
            con.commit()
    except dbapi.Error as error:
        raise GenrescopeError(f"{shown(address)}: {_told(error, otherwise)}") from error


def _driver() -> Any:
    """The driver's module; raises GenrescopeError where it is not installed."""
    try:
        import adbc_driver_postgresql.dbapi as dbapi
    except ImportError as error:
        raise GenrescopeError(
            "PostgreSQL is reached through ADBC's driver, which is not installed: get it with "
            "'pip install \"genrescope[postgresql]\"'"
        ) from error
    return dbapi


@contextmanager
def _connection(dbapi: Any, address: str) -> Iterator[Connection]:
    con = dbapi.connect(address)
    try:
        yield con
    finally:
        con.close()


def _undo(con: Connection) -> None:
    """Roll back; where the connection is gone, the server has done so."""
    import adbc_driver_manager.dbapi as dbapi

    try:
        con.rollback()
    except dbapi.Error:
        return


def _told(error: Exception, otherwise: str) -> str:
    """What is wrong and what to do, in one line."""
    said = _said(error)
    lower = said.lower()
    if getattr(error, "sqlstate", None) == "42501" or "permission denied" in lower:
        return f"{said}: {_NO_RIGHT}"
    found = (advice for signs, advice in _TROUBLES.items() if any(sign in lower for sign in signs))
    return f"{said}: {next(found, otherwise)}"


def _said(error: Exception) -> str:
    """The server's own sentence, else the first line of the driver's."""
    details = dict(getattr(error, "details", None) or ())
    primary = details.get("PG_DIAG_MESSAGE_PRIMARY")
    text = primary.decode("utf-8", "replace") if primary else str(error)
    last = re.split(r"ERROR:|FATAL:|Failed to connect:|\[libpq\]", text)[-1].strip()
    return last.splitlines()[0].strip() if last else type(error).__name__
