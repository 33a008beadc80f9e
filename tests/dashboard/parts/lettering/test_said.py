"""The words on one cover: in its panel, and framed on its picture."""

import base64
import json
import xml.etree.ElementTree as ET

from plotly.utils import PlotlyJSONEncoder

from dashboard.parts.cover.panel import panel
from dashboard.parts.lettering.said import svg
from dashboard.reading.lettering import Word
from dashboard.state.view import view
from data.store.workspace import Workspace

SVG = "{http://www.w3.org/2000/svg}"
BOX = (0.1, 0.2, 0.3, 0.2, 0.3, 0.25, 0.1, 0.25)


def shown(workspace: Workspace, search: str) -> str:
    return json.dumps(panel(view(workspace, "/map", search)), ensure_ascii=False, cls=PlotlyJSONEncoder)


def test_a_cover_says_its_words_each_a_link_to_others_with_it(lettered: Workspace) -> None:
    found = shown(lettered, "?cover=0&query=a")
    assert "Words on it" in found
    assert '"href": "/search?cover=0&written=MIDNIGHT"' in found
    assert '"href": "/search?cover=0&written=%26"' not in found, "a sign finds nothing"
    assert "English, by a guess." in found
    assert "unsure" not in found
    assert '"unsure"' in shown(lettered, "?cover=3")


def test_where_nothing_was_found_or_nobody_read_it_is_told_or_not_there(filled: Workspace, lettered: Workspace) -> None:
    assert "No words found." in shown(lettered, "?cover=10")
    assert "Words on it" not in shown(lettered, "?cover=199")
    assert "Words on it" not in shown(filled, "?cover=0&boxes=on")


def test_boxes_lie_over_the_picture_on_demand(lettered: Workspace) -> None:
    assert "svg+xml" not in shown(lettered, "?cover=0")
    assert '"href": "/map?cover=0&boxes=on"' in shown(lettered, "?cover=0")
    found = shown(lettered, "?cover=3&boxes=on")
    assert '"href": "/map?cover=3"' in found
    drawn = base64.b64decode(found.partition("svg+xml;base64,")[2].partition('"')[0]).decode()
    titles = [each.text for each in ET.fromstring(drawn).iter(f"{SVG}title")]
    assert titles[:2] == ["groove", "<midnight>"]
    assert "stroke-dasharray" in drawn, "the reader was unsure"


def test_boxes_are_in_shares_of_the_longer_side_whatever_a_word_holds() -> None:
    words = tuple(Word(0, word, 0.9, BOX) for word in ("a & <b>", "\x00\x0b\ufffe]]>", '"'))
    root = ET.fromstring(svg(words, 200, 400))
    assert root.get("viewBox") == "0 0 0.50000 1.00000"
    corners = [each.get("points") for each in root.iter(f"{SVG}polygon")]
    assert len(corners) == 6, "each twice: light on dark"
    assert corners[0] == "0.1000,0.2000 0.3000,0.2000 0.3000,0.2500 0.1000,0.2500"
    assert [each.text for each in root.iter(f"{SVG}title")][:3] == ["a & <b>", "]]>", '"']
