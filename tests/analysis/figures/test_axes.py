"""Axes: round labels, and a range that one outlier does not spoil."""

import numpy as np
import pytest

from analysis.figures.axes import in_sight, round_values


@pytest.mark.parametrize(
    ("ends", "values", "places"),
    [
        ((-0.03, 0.66), [0, 0.2, 0.4, 0.6], 1),
        ((0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1], 1),
        ((-0.0044, 0.0064), [-0.004, -0.002, 0, 0.002, 0.004, 0.006], 3),
        ((-0.1, 0.15), [-0.1, -0.05, 0, 0.05, 0.1, 0.15], 2),
        ((3, 47), [10, 20, 30, 40], 0),
    ],
)
def test_labels_of_an_axis_are_round(ends: tuple[float, float], values: list[float], places: int) -> None:
    found, shown = round_values(*ends)
    assert found == pytest.approx(values)
    assert shown == places


def test_one_outlier_does_not_make_the_map_small() -> None:
    values = np.append(np.random.default_rng(0).uniform(0, 1, 5000), 50).astype(np.float32)
    low, high = in_sight(values)
    assert -0.2 < low < 0
    assert 1 < high < 1.2
    few = np.array([0, 1, 2], dtype=np.float32)
    assert in_sight(few)[0] < 0 < 2 < in_sight(few)[1]
    assert in_sight(np.array([], dtype=np.float32)) == [-1, 1]
