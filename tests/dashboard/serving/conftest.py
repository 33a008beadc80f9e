"""A server on a real socket, in a thread."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import pytest
from waitress import wasyncore

from dashboard.serving.connections import make_server


@contextmanager
def _served(application: Any) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = make_server(application, listener)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.trigger.pull_trigger(partial(wasyncore.close_all, server._map))
        thread.join()
        server.task_dispatcher.shutdown()


@pytest.fixture(scope="session")
def served() -> Callable[[Any], AbstractContextManager[int]]:
    """Serves a WSGI application for a `with` block; gives the port."""
    return _served
