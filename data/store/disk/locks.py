"""One process at a time: a lock that the system takes back from whoever is killed."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

log = logging.getLogger(__name__)


@contextmanager
def alone(file: Path, *, what: str) -> Iterator[None]:
    """Hold the lock `file` for the `with` block; while another process, or thread, has it, say so and wait.

    what: in words, what is done under it. The file holds the process's number and is gone afterwards; a killed process
    leaves it behind, unlocked. Whoever waits must look again whether anything is left to do.
    """
    file.parent.mkdir(exist_ok=True)
    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.info("waiting for %s, which %s computes already", what, _holder(file))
        lock.acquire()
    try:
        with suppress(OSError):
            file.write_text(str(os.getpid()))
        yield
    finally:
        with suppress(OSError):
            file.unlink()
        lock.release()


def _holder(file: Path) -> str:
    try:
        return f"process {int(file.read_text())}"
    except (OSError, ValueError):
        return "another process"
