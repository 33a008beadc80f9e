"""Figures as pure functions: data in, a Plotly figure as a plain dictionary out.

No figure carries a background or a text colour: assets/genrescope.css gives them, so figures follow the theme.
Names of genres never go into a figure, where Plotly would read them as markup; legends are HTML beside it.
"""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.figures.axes import in_sight
from dashboard.state.colors import steps

Figure = dict[str, Any]

# Plotly's names of the types; coordinates and codes travel as base64 of the raw bytes.
_DTYPES = {"float32": "f4", "uint8": "u1", "int32": "i4"}


def typed(array: np.ndarray) -> dict[str, str]:
    """An array as Plotly.js reads binary ones: {"dtype": ..., "bdata": base64}; float32, uint8 or int32."""
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return {"dtype": _DTYPES[array.dtype.name], "bdata": base64.b64encode(little.tobytes()).decode("ascii")}


def draw_order(count: int) -> np.ndarray:
    """The order in which points are drawn: shuffled, the same each time, so that no genre hides another."""
    return np.random.default_rng(42).permutation(count)


def map_figure(x: np.ndarray, y: np.ndarray, codes: np.ndarray, colors: Sequence[str], *, revision: str) -> Figure:
    """The map: one trace of points, in the order given.

    x, y: (n,) float32. codes: (n,) uint8 into `colors`. revision: zoom and pan are kept as long as it stays the same.
    """
    points = {
        "type": "scattergl",
        "mode": "markers",
        "x": typed(x.astype(np.float32)),
        "y": typed(y.astype(np.float32)),
        "marker": {"size": marker_size(len(x)), "line": {"width": 0}, **marker_colors(codes, colors)},
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 0.12}},
        "hoverinfo": "none",
    }
    axis = {"visible": False, "zeroline": False, "showgrid": False}
    layout = {
        "xaxis": {**axis, "range": in_sight(x)},
        "yaxis": {**axis, "range": in_sight(y), "scaleanchor": "x"},
        "margin": {"l": 12, "r": 12, "t": 12, "b": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": "closest",
        "hoverdistance": 12,
        "dragmode": "pan",
        "uirevision": revision,
        "modebar": {"orientation": "v", "bgcolor": "rgba(0,0,0,0)"},
    }
    return {"data": [points], "layout": layout}


def small_map(
    x: np.ndarray, y: np.ndarray, codes: np.ndarray, colors: Sequence[str], *, places: Sequence[tuple[float, float]]
) -> Figure:
    """A map to look at only, with frames around some places, the first of which is the one that matters.

    Drawn without WebGL, of which a browser has but a few contexts. Arguments else as in `map_figure`.
    """
    figure = map_figure(x, y, codes, colors, revision="")
    figure["data"][0] |= {"type": "scatter", "opacity": 0.55}
    figure["data"][0]["marker"]["size"] = 2.5
    figure["layout"] |= {
        "margin": dict.fromkeys("lrtb", 4),
        "annotations": frames(*zip(*places, strict=True), scale=0.6),
    }
    for axis, values in (("xaxis", x), ("yaxis", y)):
        figure["layout"][axis] |= {"range": in_sight(values)}
    return figure


def marker_colors(codes: np.ndarray, colors: Sequence[str]) -> dict[str, Any]:
    """The part of the points' marker that a new colouring or filter changes; the points themselves stay."""
    return {
        "color": typed(codes.astype(np.uint8)),
        "colorscale": steps(colors),
        "cmin": -0.5,
        "cmax": len(colors) - 0.5,
        "showscale": False,
    }


def frames(x: Sequence[float], y: Sequence[float], *, scale: float = 1) -> list[dict[str, Any]]:
    """Frames around the selected cover, which comes first, and its neighbours: annotations of the layout.

    Not a trace, since changing one would have Plotly draw all points anew at each click.
    """
    common = {"showarrow": False, "text": "\u00a0", "borderpad": 0, "bordercolor": "#0d9488", "font": {"size": 1}}
    widths = [(22, 3)] + [(12, 1.5)] * len(x)
    sizes = [{"width": scale * side, "height": scale * side, "borderwidth": scale * edge} for side, edge in widths]
    return [{"x": a, "y": b, **common, **size} for a, b, size in zip(x, y, sizes, strict=False)]


def marker_size(count: int) -> float:
    """Diameter of a point in pixels: 9 for a few hundred covers, 3 for a hundred thousand."""
    return round(float(np.clip(9 * (200 / max(count, 1)) ** 0.16, 2.5, 9)), 1)
