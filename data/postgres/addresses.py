"""Addresses of PostgreSQL databases: told from files, read strictly, and shown without what is secret in them."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from data.errors import GenrescopeError

# A URL as libpq takes it (PostgreSQL's manual, "Connection URIs"), but strictly: where a password has a character that
# must be written as %XX, libpq takes the rest of it for a host or a port, and its error says that aloud.
_NAME = r"(?:[^\s:@/?%\[\]]|%(?!00)[0-9A-Fa-f]{2})*"
_PASSWORD = r"(?:[^\s@/?%\[\]]|%(?!00)[0-9A-Fa-f]{2})*"
_HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|(?:[\w.-]|%(?!00)[0-9A-Fa-f]{2})*)(?::\d+)?"
_OPTION = r"\w+=(?:[^\s@&=%]|%(?!00)[0-9A-Fa-f]{2})*"
_ADDRESS = re.compile(
    rf"postgres(?:ql)?://(?:(?P<user>{_NAME})(?::{_PASSWORD})?@)?(?P<place>{_HOST}(?:,{_HOST})*)"
    rf"(?:/(?P<database>{_NAME}))?(?:\?(?P<options>{_OPTION}(?:&{_OPTION})*)?)?"
)
UNREADABLE = (
    "cannot read the address of the database: write postgresql://USER@HOST:PORT/DATABASE, other characters in a name "
    "as %XX ('@' as %40), and leave the password to PGPASSWORD or ~/.pgpass"
)
# Seconds until a server that says nothing counts as not there, unless the user's address or environment says otherwise.
PATIENCE = 15


def is_address(source: str | Path) -> bool:
    """Whether this names a database and no file; also where a Path has taken one of its slashes."""
    return re.match(r"\s*postgres(ql)?:/", str(source), re.IGNORECASE) is not None


def checked(address: str) -> str:
    """The address as libpq shall have it: with patience and a name for the server's list of connections.

    Raises GenrescopeError, without a word of the address, where it is not written as one.
    """
    found = _ADDRESS.fullmatch(address)
    if not found:
        raise GenrescopeError(UNREADABLE)
    given = dict(parse_qsl(found["options"] or "", keep_blank_values=True))
    ours = {"fallback_application_name": "genrescope"}
    if "PGCONNECT_TIMEOUT" not in os.environ:
        ours["connect_timeout"] = str(PATIENCE)
    added = "&".join(f"{name}={value}" for name, value in ours.items() if name not in given)
    mark = "" if address.endswith("?") else "&" if given else "?"
    return f"{address}{mark}{added}" if added else address


def shown(address: str) -> str:
    """The address for people: user, host, port and database, from the environment where it names none; no password."""
    found = _ADDRESS.fullmatch(address)
    if not found:
        return "postgresql://..."
    options = dict(parse_qsl(found["options"] or ""))
    user = unquote(found["user"] or "") or options.get("user") or os.environ.get("PGUSER", "")
    place = unquote(found["place"]) or _place(options)
    database = unquote(found["database"] or "") or options.get("dbname") or os.environ.get("PGDATABASE", "")
    return f"postgresql://{user and f'{user}@'}{place}{database and f'/{database}'}"


def _place(options: dict[str, str]) -> str:
    host = options.get("host") or os.environ.get("PGHOST", "")
    port = options.get("port") or os.environ.get("PGPORT", "")
    return host + (port and f":{port}")
