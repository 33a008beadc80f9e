"""waitress that no slow client can keep from others: who holds a connection and says nothing gives way to who asks.

waitress alone stops accepting at its limit until connections have been silent for two minutes, and lets a client that
sends a byte now and then stay for ever. Here a newcomer always gets in: the connection goes that has waited longest
without a whole request; and so does, in time, any request that does not become whole or answer that nobody reads.
"""

import contextlib
import logging
import socket
import time
from collections.abc import Callable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, TransferEncodingNotImplemented
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from dashboard.serving.limits import BODY

THREADS = 8
# Open connections: more than browsers of fifty users hold, and far fewer than the usual 1,024 open files.
CONNECTIONS = 400
# Seconds: of silence between requests; for the head of a request; for all of it; for an answer that nobody reads.
SILENCE, HEAD, WHOLE, UNREAD = 60, 15, 120, 60
# Bytes of a request's head; addresses that name a thousand genres fit in.
HEAD_BYTES = 65_536


class Parser(HTTPRequestParser):
    """Requests that say how long they are; no browser sends others, and waitress parses theirs at quadratic cost."""

    def parse_header(self, header_plus: bytes) -> None:
        """As waitress does it; refuses a body in chunks."""
        super().parse_header(header_plus)
        if self.chunked:
            raise TransferEncodingNotImplemented("A request has to say its Content-Length.")


class Channel(HTTPChannel):
    """A connection that knows since when it has been waiting for a request to become whole."""

    parser_class = Parser
    waiting_since = 0.0

    def received(self, data: bytes) -> bool:
        """As waitress does it; remembers when a request began."""
        if self.request is None:
            self.waiting_since = time.time()
        return bool(super().received(data))

    def overdue(self, now: float) -> bool:
        """Whether its time is up."""
        if self.total_outbufs_len:
            return now - self.last_activity > UNREAD
        if self.requests:
            return False
        if self.request is None:
            return now - self.last_activity > SILENCE
        return now - self.waiting_since > (WHOLE if self.request.headers_finished else HEAD)

    def send_away(self) -> None:
        """Have it closed, also where its client takes nothing more, so that it would never be writable again."""
        self.will_close = True
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


class Server(TcpWSGIServer):
    """Listens, makes room, and closes what is overdue."""

    channel_class = Channel

    def handle_accept(self) -> None:
        """Accept, after making room where the limit is near."""
        if len(self.active_channels) >= CONNECTIONS:
            self._make_room()
        super().handle_accept()

    def maintenance(self, now: float) -> None:
        """Close the connections whose time is up; waitress calls it once in `cleanup_interval` seconds."""
        for channel in list(self.active_channels.values()):
            if channel.overdue(now):
                channel.send_away()

    def _make_room(self) -> None:
        """Have the connection closed that has been idle longest, or waiting longest for the rest of a request."""
        idle = [each for each in self.active_channels.values() if not each.requests and not each.will_close]
        if idle:
            min(idle, key=lambda each: each.waiting_since if each.request else each.last_activity).send_away()


def make_server(application: Callable[..., Any], listener: socket.socket) -> Server:
    """A server on a bound socket; `run` serves until Ctrl-C."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    options = Adjustments(
        sockets=[listener],
        threads=THREADS,
        ident="genrescope",
        connection_limit=2 * CONNECTIONS,
        cleanup_interval=2,
        asyncore_use_poll=True,
        max_request_header_size=HEAD_BYTES,
        max_request_body_size=BODY,
    )
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(THREADS)
    where = (listener.family, listener.type, listener.proto, listener.getsockname())
    return Server(
        application, {}, True, listener, dispatcher=dispatcher, adj=options, bind_socket=False, sockinfo=where
    )
