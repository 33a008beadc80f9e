"""Would more covers help: a small learning curve a genre, measured and foretold."""

from typing import Any

from dash import html

from analysis.figures.foremost import found_in
from dashboard.parts.components import Component, empty, genre_chip
from dashboard.parts.drawn.chart import chart, graph
from dashboard.reading.behind.learning import Learning, learning, learning_run, said
from dashboard.reading.queries import CurvePoint
from dashboard.state.view import View

HEIGHT = 150  # pixels
# Of more genres those that are sought.
SHOWN = 24


def growth(view: View) -> list[Component]:
    """The verdicts in sentences, then the curves."""
    run = learning_run(view.workspace, view.chain) if view.chain else None
    if run is None:
        return [empty("Learning curves are not measured yet", command="genrescope learning-curve")]
    curves = learning(view.workspace, run.run_id)
    lead = (
        "Separability by how many groups of the genre the probe learns from, every genre growing alike. Dots: "
        "measured, up to all there are; line and band: what the law of such curves gives, up to four times as many."
    )
    heights = [
        edge for each in curves for point in each.measured for edge in (point.low, point.high) if edge is not None
    ]
    span = (min([0.0, *heights]), max([0.1, *heights]))
    known = [each for each in curves if any(point.value == point.value for point in each.measured)]
    sought = [known[place] for place in found_in(view.state.find, [each.genre or "" for each in known])]
    graphs = [_graph(view, each, span) for each in sought[:SHOWN]]
    return [
        html.P(lead, className="lead"),
        html.Ul([html.Li(sentence) for sentence in said(view.workspace, run.run_id)], className="plain"),
        html.Div(graphs, className="side-by-side growth"),
        *([html.P(f"{len(graphs)} of {len(known):,} curves.", className="quiet fine")] if known[len(graphs) :] else []),
    ]


def growth_figure(curve: Learning, color: str, span: tuple[float, float]) -> dict[str, Any]:
    """Dots with bars, and the law with its band, over the groups that teach; span: of the axis, the same for all."""
    ahead = [point for point in curve.ahead if _known(point.value)]
    dots = [point for point in curve.measured if _known(point.value)]
    x = [point.x for point in ahead]
    plain = {"type": "scatter", "hoverinfo": "skip", "line": {"width": 0}, "mode": "lines"}
    band = [
        {**plain, "x": x, "y": [point.low for point in ahead]},
        {**plain, "x": x, "y": [point.high for point in ahead], "fill": "tonexty", "fillcolor": _pale(color)},
        {**plain, "x": x, "y": [point.value for point in ahead], "line": {"width": 1.5, "color": color}},
    ]
    measured = {
        "type": "scatter",
        "mode": "markers",
        "x": [point.x for point in dots],
        "y": [point.value for point in dots],
        "error_y": _bars(dots, color),
        "marker": {"size": 5, "color": color},
        "hovertemplate": "%{x:.0f} groups: %{y:.3f}<extra></extra>",
    }
    across = {"type": "log", "dtick": "D2", "nticks": 4}
    up = {"nticks": 4, "range": [span[0] - 0.02, min(span[1] + 0.1, 1.02)]}
    return chart([*band, measured], x=across, y=up, margin={"l": 34, "r": 8, "t": 6, "b": 26}, size=10)


def _bars(dots: list[CurvePoint], color: str) -> dict[str, Any]:
    above = [(point.high or 0) - (point.value or 0) for point in dots]
    below = [(point.value or 0) - (point.low or 0) for point in dots]
    return {"type": "data", "array": above, "arrayminus": below, "width": 0, "thickness": 1, "color": color}


def _graph(view: View, curve: Learning, span: tuple[float, float]) -> Component:
    title = genre_chip(view, curve.genre) if curve.genre else html.Strong("Mean over the genres")
    color = view.colors.get(curve.genre, "#8a919c")
    drawn = graph(growth_figure(curve, color, span), height=HEIGHT)
    return html.Div([html.H4(title), drawn, html.P(curve.verdict, className="quiet fine")], className="curve")


def _pale(color: str) -> str:
    """A colour "#rrggbb" so faint that dots show on it."""
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.22)"


def _known(value: float | None) -> bool:
    return value is not None and value == value
