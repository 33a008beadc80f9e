"""Figures as SVG: well formed, escaped, at the right places."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from analysis.figures.maps import HEIGHT, MOST, placed, points
from analysis.figures.svg import NAMES, NUMBERS, WIDTH, Dot, intervals, matrix

NASTY = "<script>alert(\"x\")</script> & 'co'"
SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(drawing).iter(f"{SVG}text")]


def test_dots_stand_in_proportion_on_the_axis() -> None:
    rows = [
        (name, [Dot(value, value - 0.1, value + 0.1, f"{value}")])
        for name, value in (("a", 0.2), ("b", 0.4), ("c", 0.8))
    ]
    drawing = ElementTree.fromstring(intervals(rows, label="x", reference=0.0))
    centers = [float(each.get("cx", "")) for each in drawing.iter(f"{SVG}circle")]
    assert (centers[2] - centers[1]) / (centers[1] - centers[0]) == pytest.approx(2, abs=0.02)
    wide = [each for each in drawing.iter(f"{SVG}line") if each.get("stroke-width") == "5"]
    for line, center in zip(wide, centers, strict=True):
        assert (float(line.get("x1", "")) + float(line.get("x2", ""))) / 2 == pytest.approx(center, abs=0.1)
    assert all(NAMES < center < WIDTH - NUMBERS for center in centers)


def test_a_value_without_an_interval_has_no_line() -> None:
    drawing = ElementTree.fromstring(intervals([("a", [Dot(0.5, float("nan"), float("nan"), "0.5")])], label="x"))
    assert not [each for each in drawing.iter(f"{SVG}line") if each.get("stroke-width") == "5"]


def test_names_are_escaped_everywhere() -> None:
    dot = Dot(0.5, 0.4, 0.6, NASTY, title=NASTY)
    color = {NASTY: "red"}
    cells = {(0, 0): (0.5, "1", NASTY)}
    drawn = [
        intervals([(NASTY, [dot])], label=NASTY, series={NASTY: "red"}),
        matrix(
            [NASTY], [NASTY], cells, label=NASTY, colors=color, titles=(NASTY, NASTY), links={(0, 0): '#"><script>'}
        ),
        points(np.zeros(3), np.zeros(3), np.zeros(3, int), [NASTY], ["red"]),
    ]
    for drawing in drawn:
        assert "<script" not in drawing
        assert any(text.startswith("<script>") for text in texts(drawing))


def test_a_matrix_has_its_cells_in_rows() -> None:
    cells = {(i, j): (0.5, f"{i}{j}", "") for i in range(2) for j in range(3)}
    found = texts(matrix(["x", "y"], ["a", "b", "c"], cells, label="x", colors={}, titles=("genre", "said")))
    assert [text for text in found if text.isdigit()] == ["00", "01", "02", "10", "11", "12"]


def drawn_points(drawing: str) -> list[tuple[str, float, float]]:
    """Class and place of every point, in the order drawn."""
    paths = re.findall(r'<path class="(genre-\d+)"[^>]* d="([^"]*)"', drawing)
    return [(name, float(x), float(y)) for name, path in paths for x, y in re.findall(r"M([\d.]+) ([\d.]+)h0", path)]


def test_a_map_has_every_point_in_its_genre() -> None:
    rng = np.random.default_rng(0)
    x, y, codes = rng.normal(size=500), rng.normal(size=500), rng.integers(0, 3, 500)
    found = drawn_points(points(x, y, codes, ["a", "b", "c"], ["red", "green", "blue"]))
    across, down = placed(x, y, width=WIDTH, height=HEIGHT)
    expected = {
        (f"genre-{c}", round(float(a), 1), round(float(b), 1)) for a, b, c in zip(across, down, codes, strict=True)
    }
    assert set(found) == expected
    assert len(found) == 500
    assert all(0 < a < WIDTH and 0 < b < HEIGHT for _, a, b in found)


def test_no_genre_is_drawn_above_all_others() -> None:
    codes = np.repeat([0, 1], 200)
    found = [
        name for name, *_ in drawn_points(points(np.arange(400), np.arange(400), codes, ["a", "b"], ["red", "blue"]))
    ]
    places = np.flatnonzero(np.array(found) == "genre-1")
    assert abs(places.mean() - 199.5) < 25


def test_of_too_many_covers_some_are_drawn() -> None:
    many = np.arange(MOST + 500) % 1000
    found = drawn_points(points(many, many[::-1], np.zeros(len(many), int), ["a"], ["red"]))
    assert len(found) == MOST


def test_no_cover_makes_an_empty_map() -> None:
    assert drawn_points(points(np.zeros(0), np.zeros(0), np.zeros(0, int), [], [])) == []


def test_a_map_keeps_its_proportions() -> None:
    x, y = np.array([0.0, 10.0, 0.0, 5.0]), np.array([0.0, 0.0, 10.0, 5.0])
    across, down = placed(x, y, width=700, height=500)
    assert across[1] - across[0] == pytest.approx(down[0] - down[2])
