"""Small charts of curves: two plain axes without a grid, no background, no toolbar; colours follow the theme."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc

from dashboard.parts.components import Component
from dashboard.parts.drawn.figures import Figure

AXIS = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "outside", "ticklen": 3}


def chart(
    traces: Sequence[Mapping[str, Any]],
    *,
    x: Mapping[str, Any],
    y: Mapping[str, Any],
    margin: Mapping[str, int],
    size: int = 11,
) -> Figure:
    """A figure of some traces; x, y: what their axes are beyond AXIS. margin: pixels by side; size: of the text."""
    layout = {
        "xaxis": {**AXIS, **x},
        "yaxis": {**AXIS, **y},
        "margin": dict(margin),
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "inherit", "size": size},
        "showlegend": False,
    }
    return {"data": list(traces), "layout": layout}


def graph(figure: Figure, *, height: int) -> Component:
    """A chart as wide as its place and so many pixels high: a responsive graph asks its element, not its figure."""
    config: Any = {"displayModeBar": False, "responsive": True}
    return dcc.Graph(figure=figure, config=config, style={"height": height})
