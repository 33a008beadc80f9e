"""Bytes that threads may hold together: what bounds memory, however many threads there are and whatever they meet."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Budget:
    """A number of bytes that is lent and given back; first come, first served, so that nothing large waits for ever."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._free = total
        self._turn = threading.Lock()
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Wait until so many bytes are free, and hold them for the `with` block; more than all there is counts as all.

        A thread that holds some must not ask for more of the same budget: it could wait for itself.
        """
        size = min(size, self.total)
        with self._turn, self._changed:
            self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify()
