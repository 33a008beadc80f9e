"""The reliability diagram as a figure."""

import json

import pandas as pd

from dashboard.parts.classifiers.sure import reliability_curve


def test_points_and_band_are_drawn_and_a_bin_without_a_band_has_none() -> None:
    table = pd.DataFrame(
        {
            "covers": [40.0, 2.0],
            "confidence": [0.35, 0.9],
            "right": [0.4, 1.0],
            "low": [0.3, 0.2],
            "high": [0.5, 1.0],
            "band_low": [0.28, float("nan")],
            "band_high": [0.42, float("nan")],
        }
    )
    diagonal, band, points = reliability_curve(table)["data"]
    assert diagonal["x"] == diagonal["y"] == [0, 1]
    assert (band["x"], band["y"]) == ([0.35, 0.35, None], [0.28, 0.42, None])
    assert (points["x"], points["y"]) == ([0.35, 0.9], [0.4, 1.0])
    assert "NaN" not in json.dumps(reliability_curve(table))
