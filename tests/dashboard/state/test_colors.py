"""Colours as Plotly takes them."""

from dashboard.state.colors import steps


def test_a_scale_gives_each_code_its_color() -> None:
    scale = steps(["red", "green", "blue"])
    for code, color in enumerate(["red", "green", "blue"]):
        place = (code + 0.5) / 3
        below = [entry for entry in scale if entry[0] <= place][-1]
        above = next(entry for entry in scale if entry[0] >= place)
        assert below[1] == above[1] == color
