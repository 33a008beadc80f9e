"""Generated covers as vectors, whose truth is known: genres as far apart as one likes, groups that are as alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scenario:
    """A kind of collection to draw from.

    sizes: covers of each genre. distances: how far each genre's mean lies from the others', in standard deviations
    of a cover. group: covers that belong together, as of an artist; a number a genre where genres differ in that.
    skewed: groups vary in size (geometrically, `group` on average) instead of being equal. alike: share of a cover's
    variance that its group has in common. mixed: share of covers that swap their genres, so that groups hold several.
    dimensions: of the vectors.
    """

    name: str
    sizes: Sequence[int]
    distances: Sequence[float]
    group: int | Sequence[float] = 1
    skewed: bool = False
    alike: float = 0.0
    mixed: float = 0.0
    dimensions: int = 32


def draw(scenario: Scenario, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors (n, d) float32, genres by name (n,) and groups (n,) of one collection."""
    codes = np.repeat(np.arange(len(scenario.sizes)), scenario.sizes)
    groups = _groups(scenario, dice)
    common = dice.normal(size=(groups.max() + 1, scenario.dimensions))[groups]
    own = dice.normal(size=(len(codes), scenario.dimensions))
    vectors = np.sqrt(scenario.alike) * common + np.sqrt(1 - scenario.alike) * own
    vectors[np.arange(len(codes)), codes % scenario.dimensions] += np.asarray(scenario.distances)[codes]
    swapping = dice.permutation(len(codes))[: round(scenario.mixed * len(codes))]
    codes[swapping] = codes[dice.permutation(swapping)]
    return vectors.astype(np.float32), np.array([f"genre {code:02}" for code in codes]), groups


def _groups(scenario: Scenario, dice: np.random.Generator) -> np.ndarray:
    """Groups (n,), each of covers of one genre, the last of a genre cut off where its covers end."""
    parts, first = [], 0
    for size, mean in zip(scenario.sizes, np.broadcast_to(scenario.group, len(scenario.sizes)), strict=True):
        lengths = dice.geometric(1 / mean, size) if scenario.skewed else np.full(size, int(mean))
        parts.append(first + np.repeat(np.arange(size), lengths)[:size])
        first = parts[-1][-1] + 1
    return np.concatenate(parts)
