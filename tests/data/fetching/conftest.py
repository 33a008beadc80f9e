"""A small world of albums, replayed; and a client that asks it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.fetching.client import Client
from tests.data.fetching.replaying import Disc, World, replayed

CONTACT = "listener@example.org"


@pytest.fixture
def world() -> Iterator[World]:
    """Six albums of jazz, four of death metal, one that is both and tied, one without a picture."""
    discs = [Disc(number, {"jazz": 3, "fusion": 1, "seen live": 9}, sides=("front", "back")) for number in range(1, 7)]
    discs += [Disc(number, {"death metal": 2, "jazz": 1, "rock": 5}) for number in range(11, 15)]
    discs += [Disc(21, {"jazz": 2, "death metal": 2}), Disc(22, {"jazz": 4}, sides=())]
    with replayed(World(discs)) as served:
        yield served


class Clock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1_700_000_000.0 + self.now


@pytest.fixture
def clock(world: World, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The client's clock, and the one by which the server notes when it was asked: waits take no time."""
    clock = Clock()
    world.clock = clock.monotonic
    monkeypatch.setattr("data.fetching.client.time", clock)
    return clock


@pytest.fixture
def client(world: World, tmp_path: Path) -> Client:
    """Keeps its answers in a folder of its own."""
    return Client(CONTACT, services=world.services(), cache=tmp_path / "answers")
