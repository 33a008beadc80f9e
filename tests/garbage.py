"""What tests of generated garbage share: the same examples every time, damage done to real files, bounds."""

import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# An answer in more seconds, or with so much more memory in MB, is no answer: what takes long takes minutes, and what
# is held by mistake is held in GB. An image may take 1 GB decoded, by what its header says.
SECONDS, MEGABYTES = 30.0, 1500


def often(examples: int) -> settings:
    """So many examples, the same ones in every run, whatever a machine's speed."""
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=checks)


@contextmanager
def bounded() -> Iterator[None]:
    """Fails where the `with` block takes longer, or more memory, than any input may."""
    begin, peak = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.monotonic() - begin < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024 < MEGABYTES


@st.composite
def damaged(draw: st.DrawFn, files: Sequence[bytes]) -> bytes:
    """One of these files with some bytes changed, most of them near its head or its end, put in, or cut off."""
    content = bytearray(draw(st.sampled_from(files)))
    for _ in range(draw(st.integers(0, 6))):
        near = draw(st.integers(0, min(len(content) - 1, 80)))
        place = draw(st.sampled_from([near, -1 - near, draw(st.integers(0, len(content) - 1))]))
        content[place] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, draw(st.integers(0, 255))]))
    if draw(st.booleans()):
        place = draw(st.integers(0, len(content)))
        content[place:place] = draw(st.binary(max_size=20))
    return bytes(content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content)
