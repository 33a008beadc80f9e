"""Serving the app to a browser."""

import importlib
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from dashboard.app import create_app
from dashboard.reading import chains, judged, results
from dashboard.serving.connections import make_server
from dashboard.serving.guard import EVERY_NETWORK, access_for, is_loopback, new_token
from dashboard.serving.limits import few_large_at_a_time
from dashboard.serving.memory import keep_large_blocks_apart
from data.errors import GenrescopeError
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

# What pages import where they use it.
AHEAD = ("scipy.sparse", "scipy.special", "analysis.chain.status", "analysis.evaluation.scores")


def serve(
    workspace: Workspace,
    *,
    host: str = "127.0.0.1",
    port: int = 8050,
    allow_hosts: Iterable[str] = (),
    token: str | None = None,
    ready: Callable[[str], None] = lambda address: log.info("genrescope is at %s", address),
) -> None:
    """Serve the dashboard of a workspace until Ctrl-C.

    allow_hosts: names to answer to beside localhost's and `host`. token: what a browser has to bring once, '' for
    nothing; None makes one where others than this machine can reach it. `ready` is called with the address, which has
    the token in it, once it listens. Raises GenrescopeError when the port is taken, or a name or the token is none.
    """
    access = access_for(host, allow_hosts, token=token or "")
    listener = _listen(host, port)
    exposed = not is_loopback(listener.getsockname()[0])
    if exposed and token is None:
        access = replace(access, token=new_token())
    keep_large_blocks_apart()
    server = make_server(few_large_at_a_time(create_app(workspace, access=access).server), listener)
    if exposed:
        log.warning("%s", _exposed(access.token))
    import_ahead()
    ready(_address(host, listener.getsockname()[1], access.token))
    threading.Thread(target=_warm_up, args=[workspace], daemon=True).start()
    try:
        server.run()
    finally:
        server.close()


def import_ahead() -> None:
    """Import what the first pages would import, some 0.15 s of processor time; together they wait less than apart."""
    for name in AHEAD:
        importlib.import_module(name)


def _exposed(token: str) -> str:
    """What it means to listen to more than this machine."""
    who = "whoever has this address with its token" if token else "everybody who reaches this machine"
    return f"open to the network: {who} sees the covers, and nothing sent is encrypted (SECURITY.md says more)"


def _address(host: str, port: int, token: str) -> str:
    shown = "127.0.0.1" if host in EVERY_NETWORK else host
    end = f"/?token={token}" if token else ""
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}{end}"


def _warm_up(workspace: Workspace) -> None:
    """Read beforehand what the first clicks need, so that they answer as fast as any later one."""
    try:
        for chain in chains.chains(workspace)[:1]:
            if chain.neighbors:
                results.neighbors_of(workspace, chain.neighbors.run_id, 0, k=1)
        runs = judged.ranked(workspace)
        for run in runs:
            judged.balanced(workspace, run.run_id)
        for run in runs:
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
