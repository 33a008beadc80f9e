"""The figure of learning curves."""

import numpy as np
import pandas as pd

from analysis.figures.learning import learning_figure


def test_a_panel_a_genre_and_names_are_escaped():
    rows = [("learning", x, genre, 0.1 * x, 0.0, 0.5) for x in (1, 2, 4) for genre in ("<i>", None)]
    rows += [("learning_ahead", x, "<i>", 0.1 * x, 0.0, 0.9) for x in (1, 8)]
    rows += [("learning", 1, "few", np.nan, np.nan, np.nan)]
    table = pd.DataFrame(rows, columns=["curve", "x", "genre", "value", "low", "high"])
    drawn = learning_figure(table, title="Curves").svg
    assert drawn.count("<circle") == 6
    assert drawn.count("<polyline") == 1
    assert "&lt;i&gt;" in drawn
    assert "<i>" not in drawn
    assert "Mean over the genres" in drawn
    assert "few" not in drawn


def test_nothing_measured_draws_nothing():
    table = pd.DataFrame(
        [("learning", 1.0, "a", np.nan, np.nan, np.nan)], columns=["curve", "x", "genre", "value", "low", "high"]
    )
    assert "<circle" not in learning_figure(table).svg
