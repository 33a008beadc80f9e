"""What an axis shows: its range and round labels."""

import math

import numpy as np

# An axis has at most so many labels.
LABELS = 6


def round_values(left: float, right: float) -> tuple[list[float], int]:
    """At most LABELS values between two ends, 1, 2 or 5 times a power of ten apart, and the places they need."""
    least = (right - left) / LABELS
    power = math.floor(math.log10(least))
    step = next(factor * 10.0**power for factor in (1, 2, 5, 10) if factor * 10.0**power >= least)
    first, last = math.ceil(left / step - 1e-9), math.floor(right / step + 1e-9)
    return [count * step for count in range(first, last + 1)], max(0, -math.floor(math.log10(step) + 1e-9))


def in_sight(values: np.ndarray) -> list[float]:
    """Range of an axis of the map: all but the outermost 0.5 % at either end, which would make all the rest small."""
    if not len(values):
        return [-1.0, 1.0]
    low, high = (float(edge) for edge in np.quantile(values, [0.005, 0.995]))
    room = 0.08 * (high - low) or 1.0
    return [low - room, high + room]
