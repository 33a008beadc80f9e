"""Figures: valid for Plotly, with binary arrays, and without names that Plotly could read as markup."""

import base64

import numpy as np
import plotly.graph_objects as go

from dashboard.parts.drawn.figures import draw_order, frames, map_figure, marker_colors, marker_size, typed
from dashboard.parts.drawn.tracks import Track, track_table


def decoded(spec: dict[str, str]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(spec["bdata"]), dtype=np.dtype(spec["dtype"]))


def test_arrays_travel_as_bytes() -> None:
    values = np.array([1.5, -2, np.float32(1e-7)], dtype=np.float32)
    np.testing.assert_array_equal(decoded(typed(values)), values)
    np.testing.assert_array_equal(decoded(typed(np.array([0, 255], np.uint8))), [0, 255])
    reversed_view = np.arange(6, dtype=np.int32)[::-2]
    np.testing.assert_array_equal(decoded(typed(reversed_view)), [5, 3, 1])


def test_the_map_is_one_trace_that_plotly_accepts() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 50)).astype(np.float32)
    codes = np.arange(50) % 3
    figure = map_figure(x, y, codes, ["#eee", "#f00", "#00f"], revision="run")
    points = go.Figure(figure).data[0]
    assert points.type == "scattergl"
    assert len(figure["data"]) == 1
    np.testing.assert_array_equal(decoded(figure["data"][0]["x"]), x)
    np.testing.assert_array_equal(decoded(figure["data"][0]["marker"]["color"]), codes)
    assert figure["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)", "the theme shows through"


def test_recolouring_sends_one_byte_a_point() -> None:
    sent = marker_colors(np.zeros(1000, np.uint8), ["#eee", "#f00"])
    assert len(base64.b64decode(sent["color"]["bdata"])) == 1000
    assert (sent["cmin"], sent["cmax"]) == (-0.5, 1.5)


def test_the_draw_order_is_shuffled_and_stays() -> None:
    order = draw_order(1000)
    np.testing.assert_array_equal(order, draw_order(1000))
    np.testing.assert_array_equal(np.sort(order), np.arange(1000))
    assert np.abs(np.corrcoef(order, np.arange(1000))[0, 1]) < 0.1


def test_frames_set_the_selected_cover_apart() -> None:
    drawn = frames([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    assert [(each["x"], each["y"]) for each in drawn] == [(1, 4), (2, 5), (3, 6)]
    assert drawn[0]["width"] > drawn[1]["width"] == drawn[2]["width"]
    go.Figure(layout={"annotations": drawn})
    assert frames([], []) == []


def test_points_shrink_with_their_number() -> None:
    sizes = [marker_size(count) for count in (0, 200, 5_000, 100_000, 10_000_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 9
    assert sizes[-1] >= 1.5


def test_tracks_share_one_axis_and_keep_within_it() -> None:
    tracks = [Track(label="a", value=0.2, low=0.1, high=0.4), Track(label="b", value=1.0, low=0.9, high=1.0)]
    drawn = str(track_table(tracks, lowest=0.0, highest=1.0, reference=0.5).to_plotly_json())
    for place in ("20.00%", "100.00%", "50.00%"):
        assert f"'left': '{place}'" in drawn
    assert "'width': '30.00%'" in drawn


def test_every_row_has_as_many_cells_as_the_longest() -> None:
    tracks = [Track(label="a", value=0.2, notes=("x", "y")), Track(label="b", value=-0.1)]
    table = track_table(tracks, differences=True).children
    body = table.children[0].children
    assert [len(row.children) for row in body] == [5, 5]
    assert "'+0.200'" in str(body[0])


def test_the_ends_of_a_narrow_axis_differ() -> None:
    drawn = str(track_table([Track(label="a", value=0.001, low=-0.004, high=0.006)], digits=2))
    assert "−0.004" in drawn
    assert "0.006" in drawn


def test_every_second_label_may_give_way_but_never_that_of_nothing() -> None:
    table = track_table([Track(label="a", value=0.001, low=-0.004, high=0.006)], digits=2).children
    labels = table.children[1].children.children[1].children.children
    between = {label.children: label.className for label in labels}
    assert between == {
        "−0.004": "",
        "−0.002": "between",
        "0.000": "",
        "0.002": "between",
        "0.004": "",
        "0.006": "between",
    }
