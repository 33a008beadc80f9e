"""Serving the app to a browser."""

import logging
import socket
import threading
from collections.abc import Callable

from waitress.server import create_server

from dashboard.app import create_app
from dashboard.reading import chains, judged, results
from data.errors import GenrescopeError
from data.store.workspace import Workspace

log = logging.getLogger(__name__)
THREADS = 8


def serve(
    workspace: Workspace,
    *,
    host: str = "127.0.0.1",
    port: int = 8050,
    ready: Callable[[str], None] = lambda address: log.info("genrescope is at %s", address),
) -> None:
    """Serve the dashboard of a workspace until Ctrl-C.

    `ready` is called with the address once it listens. Raises GenrescopeError when the port is taken.
    """
    listener = _listen(host, port)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(create_app(workspace).server, sockets=[listener], threads=THREADS, ident="genrescope")
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    ready(f"http://{f'[{shown}]' if ':' in shown else shown}:{listener.getsockname()[1]}")
    threading.Thread(target=_warm_up, args=[workspace], daemon=True).start()
    try:
        server.run()
    finally:
        server.close()


def _warm_up(workspace: Workspace) -> None:
    """Read beforehand what the first clicks need, so that they answer as fast as any later one."""
    try:
        for chain in chains.chains(workspace)[:1]:
            if chain.neighbors:
                results.neighbors_of(workspace, chain.neighbors.run_id, 0, k=1)
        for run in judged.ranked(workspace):
            judged.scores(workspace, run.run_id)
            judged.verdicts(workspace, run.run_id)
    except GenrescopeError as error:
        log.debug("not warmed up: %s", error)


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket; bound first, so that a taken port is known before the app is made."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise GenrescopeError(
            f"cannot listen at {host}:{port}: {error.strerror or error}; choose another with --port"
        ) from error
    return listener
