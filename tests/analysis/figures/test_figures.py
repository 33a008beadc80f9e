"""Figures: well formed, escaped, everything at its place, alone in black on white and in a page without a ground."""

import base64
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from markupsafe import escape

from analysis.figures.drawing import LONGEST, Drawing
from analysis.figures.intervals import NUMBERS, intervals_figure
from analysis.figures.maps import HEIGHT, MOST, WIDTH, map_figure, placed
from analysis.figures.matrices import confusion_figure, pairs_figure
from analysis.figures.palette import PALETTE, genre_colors
from analysis.figures.reliability import LEFT, SIDE, TOP, reliability_figure
from data.errors import GenrescopeError

NASTY = "<script>alert(\"x\")</script> & 'co'"
SVG = "{http://www.w3.org/2000/svg}"


def elements(drawing: Drawing, name: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawing.__html__()).iter(f"{SVG}{name}"))


def texts(drawing: Drawing) -> list[str]:
    return [element.text or "" for element in elements(drawing, "text")]


def dots(drawing: Drawing) -> list[tuple[float, float]]:
    return [(float(each.get("cx", "")), float(each.get("cy", ""))) for each in elements(drawing, "circle")]


def bars(drawing: Drawing) -> list[tuple[float, ...]]:
    found = [each for each in elements(drawing, "line") if each.get("stroke-width") == "5"]
    return [tuple(float(each.get(place, "")) for place in ("x1", "y1", "x2", "y2")) for each in found]


def valued(values: dict[str, float], **more: str) -> pd.DataFrame:
    rows = [(name, value, value - 0.1, value + 0.1) for name, value in values.items()]
    return pd.DataFrame(rows, columns=["genre", "value", "low", "high"]).assign(**more)


def on_map(genres: list[str]) -> pd.DataFrame:
    places = np.arange(len(genres), dtype=float)
    return pd.DataFrame({"x": places, "y": places**2, "genre": genres})


BINS = pd.DataFrame(
    {"from_": [0.0, 0.5], "to": [0.5, 1.0], "covers": [3, 9], "confidence": [0.4, 0.8], "right": [0.5, 0.7]}
).assign(low=[0.3, 0.6], high=[0.7, 0.8], band_low=[0.2, float("nan")], band_high=[0.6, float("nan")])


def test_rows_stand_by_their_value_and_dots_in_proportion() -> None:
    drawing = intervals_figure(valued({"b": 0.4, "a": 0.2, "c": 0.8}), chance=0.0)
    assert [text for text in texts(drawing) if text in "abc"] == ["c", "b", "a"]
    centers = [x for x, _ in dots(drawing)]
    assert (centers[0] - centers[1]) / (centers[1] - centers[2]) == pytest.approx(2, abs=0.02)
    assert [(left + right) / 2 for left, _, right, _ in bars(drawing)] == pytest.approx(centers, abs=0.1)
    assert all(100 < center < WIDTH - NUMBERS for center in centers)
    assert "0.400 [0.300, 0.500]" in texts(drawing)


def test_what_has_no_interval_has_no_bar_and_what_has_no_value_no_row() -> None:
    table = valued({"a": 0.5, "b": float("nan")}).assign(low=float("nan"))
    assert bars(intervals_figure(table)) == []
    assert "b" not in texts(intervals_figure(table))
    assert dots(intervals_figure(table.iloc[:0])) == []


def test_a_series_has_its_dot_in_each_row_by_the_order_of_the_first() -> None:
    first, other = valued({"a": 0.2, "b": 0.5}, name="first"), valued({"a": 0.9, "b": 0.1, "c": 0.3}, name="other")
    drawing = intervals_figure(pd.concat([first, other]), series="name", colors={"a": "red"})
    assert [text for text in texts(drawing) if text in ("a", "b", "c", "first", "other")] == [
        *("first", "other", *"bac")
    ]
    colors = [each.get("fill") for each in elements(drawing, "circle")]
    assert colors == [PALETTE[0], PALETTE[1], PALETTE[0], PALETTE[1], PALETTE[1]]


def test_rows_of_one_series_have_the_colours_given() -> None:
    drawing = intervals_figure(
        valued({"a": 0.5, "b": 0.4}, name="only"), series="name", colors={"a": "red", "b": "blue"}
    )
    assert [each.get("fill") for each in elements(drawing, "circle")] == ["red", "blue"]


def test_a_confusion_matrix_has_the_shares_of_its_rows() -> None:
    drawing = confusion_figure(np.array([[3.0, 1.0], [0.0, 1234.0]]), ["Jazz", "Pop"], links={(0, 1): "#there"})
    assert [text for text in texts(drawing) if text.isdigit()] == ["75", "25", "0", "100"]
    titles = [each.text for each in elements(drawing, "title")]
    assert "Jazz called Pop: 1.0 covers, 25.0%" in titles
    assert "Pop called Pop: 1,234.0 covers, 100.0%" in titles
    (link,) = elements(drawing, "a")
    assert (link.get("href"), link.find(f"{SVG}g/{SVG}title").text) == ("#there", titles[1])  # type: ignore[union-attr]


def test_a_genre_without_covers_is_an_empty_row() -> None:
    drawing = confusion_figure(np.array([[0.0, 0.0], [1.0, 1.0]]), ["a", "b"])
    assert [text for text in texts(drawing) if text.isdigit()] == ["0", "0", "50", "50"]


def test_pairs_are_a_triangle() -> None:
    rows = [("a", "b", 0.1), ("c", "a", 0.2), ("b", "c", 0.3), ("a", "d", float("nan"))]
    table = pd.DataFrame(rows, columns=["genre", "other_genre", "value"]).assign(low=0.0, high=1.0)
    drawing = pairs_figure(table)
    assert [text for text in texts(drawing) if text.startswith("0")] == ["0.10", "0.20", "0.30"]
    assert [text for text in texts(drawing) if text.isalpha()] == ["b", "c", "a", "b"]


def test_reliability_shows_its_table() -> None:
    drawing = reliability_figure(BINS)
    places = [((x - LEFT) / SIDE, 1 - (y - TOP) / SIDE) for x, y in dots(drawing)]
    np.testing.assert_allclose(places, [[0.4, 0.5], [0.8, 0.7]], atol=1e-3)
    band = [each for each in elements(drawing, "line") if each.get("stroke-width") == "14"]
    ends = [[1 - (float(each.get(y, "")) - TOP) / SIDE for y in ("y1", "y2")] for each in band]
    np.testing.assert_allclose(ends, [[0.2, 0.6]], atol=1e-3)
    few, many = (float(each.get("height", "")) for each in elements(drawing, "rect"))
    assert many == pytest.approx(3 * few, rel=0.01)


def drawn_points(drawing: Drawing) -> list[tuple[int, str, float, float]]:
    """Class, colour and place of every point, in the order drawn."""
    paths = re.findall(r'<path class="genre-(\d+)" stroke="([^"]*)" d="([^"]*)"', drawing.body)
    return [
        (int(code), color, float(x), float(y))
        for code, color, places in paths
        for x, y in re.findall(r"M([\d.]+) ([\d.]+)h0", places)
    ]


def test_a_map_has_every_cover_in_the_colour_of_its_genre() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=500), "y": rng.normal(size=500), "genre": rng.choice([*"abc"], 500)})
    across, down = placed(table.x.to_numpy(), table.y.to_numpy(), width=WIDTH, height=HEIGHT)
    expected = {
        ("abc".index(genre), genre_colors("abc")[genre], round(float(x), 1), round(float(y), 1))
        for genre, x, y in zip(table.genre, across, down, strict=True)
    }
    found = drawn_points(map_figure(table))
    assert set(found) == expected
    assert len(found) == 500
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for *_, x, y in found)


def test_a_map_by_another_column_in_given_colours() -> None:
    table = on_map(["Pop", "Pop", "Jazz"]).assign(cluster=[3, -1, 3])
    found = drawn_points(map_figure(table, by="cluster", colors={"-1": "gray", "3": "red", "7": "blue"}))
    assert sorted(color for _, color, *_ in found) == ["gray", "red", "red"]
    assert "7" in texts(map_figure(table, by="cluster", colors={"-1": "gray", "3": "red", "7": "blue"}))


def test_no_genre_is_drawn_above_all_others() -> None:
    codes = np.array([code for code, *_ in drawn_points(map_figure(on_map(["a"] * 200 + ["b"] * 200)))])
    assert abs(np.flatnonzero(codes).mean() - 199.5) < 25


@pytest.mark.parametrize(("covers", "drawn"), [(0, 0), (1, 1), (MOST + 500, MOST)])
def test_of_too_many_covers_some_are_drawn(covers: int, drawn: int) -> None:
    assert len(drawn_points(map_figure(on_map(["a"] * covers)))) == drawn


def test_a_map_keeps_its_proportions() -> None:
    x, y = np.array([0.0, 10.0, 0.0, 5.0]), np.array([0.0, 0.0, 10.0, 5.0])
    across, down = placed(x, y, width=700, height=500)
    assert across[1] - across[0] == pytest.approx(down[0] - down[2])


@pytest.mark.parametrize("name", [NASTY, "A$AP $hort", "$x_{", "名前 🎷", "<b>&amp;", "]]>", "R&B_{1}^2"])
def test_names_are_drawn_as_they_are(name: str) -> None:
    pairs = valued({name: 0.5}).assign(other_genre="Pop")
    drawn = [
        intervals_figure(pd.concat([valued({name: 0.5}, name=name), valued({name: 0.4}, name="b")]), series="name"),
        confusion_figure(np.eye(2), [name, "Pop"], links={(0, 0): f'#"{name}'}),
        pairs_figure(pairs),
        map_figure(on_map([name, "Pop"])),
        Drawing("", 100, 100, name),
    ]
    for drawing in drawn:
        assert name in "".join(ElementTree.fromstring(drawing.svg).itertext())
        assert "<script" not in drawing.svg + escape(drawing)


def test_a_long_name_is_cut_short_and_whole_by_resting_on_it() -> None:
    drawing = confusion_figure(np.eye(2), ["Pop", "x" * (LONGEST + 1)])
    assert "x" * (LONGEST - 1) + "…" in texts(drawing)
    assert "x" * (LONGEST + 1) in [each.text for each in elements(drawing, "title")]


def test_alone_it_is_black_on_white_with_its_title_and_in_a_page_neither() -> None:
    drawing = Drawing("<g/>", 100, 50, "What it is & not")
    alone = ElementTree.fromstring(drawing.svg)
    assert [each.get("fill") for each in alone.iter(f"{SVG}rect")] == ["#fff"]
    assert [each.text for each in alone.iter(f"{SVG}text")] == ["What it is & not"]
    assert float(alone.get("height", "")) > 50 < 100 < float(alone.get("width", ""))
    assert [each.get("color") for each in alone.iter(f"{SVG}g") if each.get("color")] == ["#1c1b1a"]
    page = str(escape(drawing))
    assert "<rect" not in page
    assert "<text" not in page
    assert 'aria-label="What it is &amp; not"' in page


def test_it_shows_itself_in_a_notebook_and_is_saved(tmp_path: Path) -> None:
    drawing = map_figure(on_map(["名前"]), title="A map")
    drawing.save(tmp_path / "map.svg")
    assert (tmp_path / "map.svg").read_text(encoding="utf-8") == drawing.svg
    (shown,) = re.findall(r'^<img src="data:image/svg\+xml;base64,([^"]+)" alt="A map" [^<>]*>$', drawing._repr_html_())
    assert base64.b64decode(shown).decode() == drawing.svg
    assert repr(drawing).endswith("title='A map')")
    with pytest.raises(GenrescopeError, match=r"\.svg"):
        drawing.save(tmp_path / "map.png")
    with pytest.raises(GenrescopeError, match="cannot write"):
        drawing.save(tmp_path / "nowhere" / "map.svg")
