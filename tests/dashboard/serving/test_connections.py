"""Over real sockets: clients that hold connections and say nothing keep nobody waiting, and are sent away."""

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from dashboard.app import create_app
from dashboard.serving import connections
from dashboard.serving.limits import BODY
from data.store.workspace import Workspace

Served = Callable[[Any], AbstractContextManager[int]]

HALF = {
    "silent": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: localh",
    "half a body": b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
}
# Seconds. waitress alone let nobody in for 120; no machine is so slow.
PATIENCE = 60


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Says how many bytes came."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(len(environ["wsgi.input"].read())).encode()]


@contextmanager
def holding(port: int, count: int, first: bytes) -> Iterator[list[socket.socket]]:
    """So many connections that have sent this much."""
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    try:
        for each in held:
            each.sendall(first)
        yield held
    finally:
        for each in held:
            each.close()


def page(port: int, path: str = "/") -> tuple[int, float]:
    """Status and seconds of a request on a connection of its own."""
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, time.monotonic() - started


def closed(each: socket.socket) -> bool:
    """Whether the server closes a connection, without an answer, before patience ends."""
    each.settimeout(PATIENCE)
    try:
        return each.recv(1) == b""
    except ConnectionError:
        return True


def exchange(port: int, sent: bytes) -> bytes:
    """The first line that the server answers; what is sent may be cut off."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as each:
        each.sendall(sent)
        return each.recv(1000).partition(b"\r\n")[0]


@pytest.mark.parametrize("kind", HALF)
def test_pages_come_beside_200_who_hold_connections(served: Served, filled: Workspace, kind: str) -> None:
    with served(create_app(filled).server) as port, holding(port, 200, HALF[kind]):
        assert page(port)[0] == 200
        status, seconds = page(port, "/_dash-layout")
    assert status == 200
    assert seconds < PATIENCE


@pytest.mark.parametrize("kind", HALF)
def test_newcomers_get_in_where_the_limit_is_reached(
    served: Served, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS", 20)
    with served(application) as port, holding(port, 60, HALF[kind]) as held:
        for _ in range(30):
            assert page(port)[0] == 200
        assert closed(held[0]), "who has waited longest goes first"


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "limit"), [("silent", "SILENCE"), ("half a head", "HEAD"), ("half a body", "WHOLE")])
def test_whoever_is_overdue_is_sent_away(
    served: Served, monkeypatch: pytest.MonkeyPatch, kind: str, limit: str
) -> None:
    monkeypatch.setattr(connections, limit, 0)
    with served(application) as port, holding(port, 1, HALF[kind]) as (one,):
        assert closed(one)


@pytest.mark.slow
def test_a_byte_now_and_then_does_not_help(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD", 1)
    with served(application) as port, holding(port, 1, b"GET / HTTP/1.1\r\n") as (one,):
        one.settimeout(0.1)
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            try:
                one.sendall(b"X")
                if one.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    pytest.fail("it was still connected")


@pytest.mark.slow
def test_an_answer_that_nobody_reads_frees_its_thread(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "UNREAD", 1)

    def large(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"x"] if environ["PATH_INFO"] == "/small" else [bytes(20_000_000)] * 3

    with served(large) as port, holding(port, connections.THREADS, b"GET / HTTP/1.0\r\n\r\n"):
        assert page(port, "/small")[0] == 200


def test_large_bodies_are_refused_by_what_they_say_of_themselves(served: Served) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    with served(application) as port:
        assert exchange(port, head % (BODY + 1)) == b"HTTP/1.1 413 Request Entity Too Large"
        assert exchange(port, head % 3 + b"abc") == b"HTTP/1.1 200 OK"


def test_bodies_that_do_not_say_how_large_they_are_are_refused(served: Served) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with served(application) as port:
        assert exchange(port, head).startswith(b"HTTP/1.1 501")
