"""Figures for a notebook and for records: what is drawn is what was given."""

import io
import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from analysis.figures.palette import genre_colors
from analysis.pictures.intervals import intervals_figure
from analysis.pictures.judged import confusion_figure, reliability_figure
from analysis.pictures.maps import NOISE, map_figure
from analysis.pictures.picture import Picture, picture


def on_map(genres: list[str]) -> pd.DataFrame:
    places = np.arange(len(genres), dtype=float)
    return pd.DataFrame({"x": places, "y": places**2, "genre": genres})


def colors_by_place(figure: Picture) -> dict[float, str]:
    points = figure.axes[0].collections[0]
    faces = points.get_facecolors()
    return {float(x): to_hex(face) for (x, _), face in zip(points.get_offsets(), faces, strict=True)}


def test_every_cover_is_a_point_in_the_colour_of_its_genre() -> None:
    genres = ["Pop", "Jazz", "Pop", "Folk"] * 5
    drawn = colors_by_place(map_figure(on_map(genres)))
    assert drawn == {float(i): genre_colors(sorted(set(genres)))[genre] for i, genre in enumerate(genres)}


def test_of_a_genre_that_is_lit_only_its_points_have_colour() -> None:
    drawn = colors_by_place(map_figure(on_map(["Pop", "Jazz", "Pop"]), lit=["Jazz"]))
    assert drawn == {0.0: NOISE, 1.0: genre_colors(["Jazz", "Pop"])["Jazz"], 2.0: NOISE}


def test_points_are_not_drawn_genre_by_genre() -> None:
    table = on_map(["Folk"] * 100 + ["Pop"] * 100)
    order = [x for x, _ in map_figure(table).axes[0].collections[0].get_offsets()]
    assert sorted(order) == list(range(200))
    assert 30 < sum(x < 100 for x in order[:100]) < 70


def test_rows_stand_by_their_value_with_their_intervals() -> None:
    rows = [("B", 0.5, 0.4, 0.6), ("A", 0.2, 0.1, 0.3), ("C", 0.9, 0.8, 1.0)]
    figure = intervals_figure(pd.DataFrame(rows, columns=["genre", "value", "low", "high"]), chance=0)
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["A", "B", "C"]
    bars, dots = axes.collections
    ends = [sorted(segment[:, 0]) for segment in bars.get_segments()]
    np.testing.assert_allclose(ends, [[0.4, 0.6], [0.1, 0.3], [0.8, 1.0]])
    np.testing.assert_allclose(dots.get_offsets(), [[0.5, 1], [0.2, 0], [0.9, 2]])


def test_a_series_has_its_dot_in_each_row() -> None:
    rows = [(g, s, v, v - 0.1, v + 0.1) for g, v in (("A", 0.2), ("B", 0.5)) for s in ("color", "resnet18")]
    table = pd.DataFrame(rows, columns=["genre", "name", "value", "low", "high"])
    axes = intervals_figure(table, series="name").axes[0]
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {"color", "resnet18"}
    places = [round(float(y)) for dots in axes.collections[1::2] for y in dots.get_offsets()[:, 1]]
    assert places == [0, 1, 0, 1]


def test_a_confusion_matrix_shows_its_numbers() -> None:
    figure = confusion_figure(np.array([[3.0, 1.0], [0.0, 1234.0]]), ["Jazz", "Pop"])
    texts = {(text.get_position()): text.get_text() for text in figure.axes[0].texts}
    assert texts == {(0, 0): "3", (1, 0): "1", (1, 1): "1,234"}
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), [[0.75, 0.25], [0, 1]])


def test_reliability_shows_its_table() -> None:
    table = pd.DataFrame(
        {"from_": [0.0, 0.5], "to": [0.5, 1.0], "covers": [3, 9], "confidence": [0.4, 0.8], "right": [0.5, 0.7]}
    ).assign(low=[0.3, 0.6], high=[0.7, 0.8])
    _, dots = reliability_figure(table).axes[0].collections
    np.testing.assert_allclose(dots.get_offsets(), [[0.4, 0.5], [0.8, 0.7]])


@pytest.mark.parametrize("genre", ["A$AP $hort", "$x_{", "名前 🎷", "<b>&amp;", "R&B_{1}^2"])
def test_names_are_drawn_as_they_are_without_a_warning(genre: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = confusion_figure(np.eye(2), [genre, "Pop"], title=genre)
        map_figure(on_map([genre, "Pop"]), title=genre)._repr_png_()
        figure._repr_png_()
    assert figure.axes[0].get_yticklabels()[0].get_text().replace(r"\$", "$") == genre


def test_a_figure_shows_itself_in_a_notebook() -> None:
    figure, axes = picture(4, 3)
    axes.plot([0, 1])
    content, size = figure._repr_png_()
    assert size == {"width": 288, "height": 216}
    assert Image.open(io.BytesIO(content)).size == (576, 432)
