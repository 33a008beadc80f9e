"""Giving memory back to the system after large images, where the C library is glibc; elsewhere nothing is done.

glibc keeps blocks below a threshold for later, and raises that to 32 MB once larger ones were freed: decoding,
which allocates 16 MB at a time, would then never give anything back. See mallopt(3).
"""

import ctypes
import os
from functools import cache
from typing import Any

_M_MMAP_THRESHOLD = -3
# Bytes from which on a block is taken from the system by itself, and goes back at once.
APART = 4_000_000


def keep_large_blocks_apart() -> None:
    """From now on blocks of APART bytes and more go back to the system as soon as they are free."""
    if library := _glibc():
        library.mallopt(_M_MMAP_THRESHOLD, APART)


def give_back() -> None:
    """Give back to the system what is free; takes some milliseconds."""
    if library := _glibc():
        library.malloc_trim(0)


@cache
def _glibc() -> Any:
    try:
        return ctypes.CDLL(None) if "glibc" in (os.confstr("CS_GNU_LIBC_VERSION") or "") else None
    except (AttributeError, OSError, ValueError):  # another C library, another system
        return None
