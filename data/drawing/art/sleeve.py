"""A sleeve: what a designer is told before drawing a cover."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Option = TypeVar("Option")

LOYALTY = 0.45  # how often an artist's cover keeps to the house style


@dataclass(frozen=True)
class Sleeve:
    """The words on a cover, and the dice it is drawn with."""

    title: str
    artist: str
    year: int
    label: str
    house: int  # the artist's house style: which of the options of a kind they favour
    rng: random.Random

    def pick(self, options: Sequence[Option]) -> Option:
        """One of the options: often the artist's favourite, else any."""
        favourite, other = options[self.house % len(options)], self.rng.choice(options)
        return favourite if self.rng.random() < LOYALTY else other
