"""How large a request may be, and how many large ones there may be at a time."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.wrappers import Response

from data.errors import GenrescopeError

# Bytes of an uploaded image, and of a request: an image goes as base64, beside it little else.
UPLOAD = 40_000_000
BODY = UPLOAD * 4 // 3 + 200_000
# Bytes that decoding an uploaded image may take: 100 megapixels of most formats.
DECODED = 540_000_000
# From how many bytes on a request counts as large: it is read and parsed in copies of that size.
LARGE = 1_000_000


class Gate:
    """Lets some through at a time and a few wait, so that whatever comes leaves threads for everybody else."""

    def __init__(self, *, running: int = 2, waiting: int = 2) -> None:
        self._places = threading.BoundedSemaphore(running + waiting)
        self._turns = threading.BoundedSemaphore(running)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Wait for a turn and have it for the `with` block; raises GenrescopeError where enough wait already."""
        if not self._places.acquire(blocking=False):
            raise GenrescopeError("too many large images are being looked at: try again in a moment")
        try:
            with self._turns:
                yield
        finally:
            self._places.release()


def few_large_at_a_time(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application to which few large requests come at a time; the others are answered 503."""
    gate = Gate()

    def limited(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if int(environ.get("CONTENT_LENGTH") or 0) < LARGE:
            return application(environ, start_response)
        try:
            with gate.entered():
                return application(environ, start_response)
        except GenrescopeError as error:
            return Response(f"{error}\n", 503, {"Retry-After": "5"})(environ, start_response)

    return limited
