"""Generated covers as vectors, whose truth is known: genres as far apart as one likes, groups that are as alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scenario:
    """A kind of collection to draw from.

    sizes: covers of each genre. distances: how far each genre's mean lies from the others', in standard deviations
    of a cover. group: covers that belong together, as of an artist. alike: share of a cover's variance that its
    group has in common. dimensions: of the vectors.
    """

    name: str
    sizes: Sequence[int]
    distances: Sequence[float]
    group: int = 1
    alike: float = 0.0
    dimensions: int = 32


def draw(scenario: Scenario, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors (n, d) float32, genres by name (n,) and groups (n,) of one collection; every group is of one genre."""
    vectors, genres, groups = [], [], []
    for code, (size, distance) in enumerate(zip(scenario.sizes, scenario.distances, strict=True)):
        group = np.arange(size) // scenario.group
        common = dice.normal(size=(group.max() + 1, scenario.dimensions))[group]
        own = dice.normal(size=(size, scenario.dimensions))
        cover = np.sqrt(scenario.alike) * common + np.sqrt(1 - scenario.alike) * own
        cover[:, code % scenario.dimensions] += distance
        vectors.append(cover)
        genres += [f"genre {code:02}"] * size
        groups.append(group + sum(scenario.sizes[:code]))
    return np.concatenate(vectors).astype(np.float32), np.array(genres), np.concatenate(groups)
