"""How networks learn: loss and balanced accuracy after every epoch, during and after; and how a rate was found."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from dash import html

from dashboard.parts.components import Component, section
from dashboard.parts.drawn.chart import chart, graph
from dashboard.reading import queries
from dashboard.reading.queries import CurvePoint, Epoch
from dashboard.state.view import View
from data.store.runs import Run
from data.store.workspace import Workspace

# Between two looks at a training that is not finished.
SECONDS = 3
SHOWN = 3
HEIGHT = 190  # pixels
LEARNT, HELD_OUT = "#8a919c", "#0d9488"
# In table curves, see analysis.networks.outcome.
RATE_FINDER = "rate_finder"


def still_learning(workspace: Workspace) -> bool:
    """Whether some network is not finished, so that it is worth looking again."""
    return any(not run.finished for run in _networks(workspace))


def learning(view: View) -> Component:
    """The networks that are not finished, and the one looked at if it is a network; None where there is none."""
    runs = [run for run in _networks(view.workspace) if not run.finished or run.run_id == view.state.classifier]
    found = [(run, queries.epochs(view.workspace, run.run_id)) for run in runs[:SHOWN]]
    parts = [_learning(view, run, epochs) for run, epochs in found if epochs]
    if not parts:
        return None
    lead = html.Span(
        [
            html.Span("Learnt from", style={"color": LEARNT}),
            ", with augmentation and dropout; and ",
            html.Span("held out", style={"color": HELD_OUT}),
            " of the training covers.",
        ]
    )
    return section("How networks learn", *parts, lead=lead)


def _networks(workspace: Workspace) -> list[Run]:
    return [run for run in queries.runs(workspace) if run.kind == "classifier" and run.name.startswith("fastai:")]


def _learning(view: View, run: Run, epochs: Sequence[Epoch]) -> Component:
    last = epochs[-1]
    own = [epoch for epoch in epochs if (epoch.repeat, epoch.fold) == (last.repeat, last.fold)]
    total = int(run.params["epochs"]) + int(run.params["frozen_epochs"])
    where = f", fold {last.fold + 1} of repeat {last.repeat + 1}" if len(epochs) > len(own) else ""
    state = "" if run.finished else f": epoch {last.epoch + 1} of {total}{where}, {_left(own, total)}"
    graphs = [_graph(curves(own, names), title) for title, names in PANELS]
    graphs += _finder(view, run) if run.finished else []
    return html.Div([html.H3(f"{run.name}{state}"), html.Div(graphs, className="side-by-side")], className="learning")


PANELS = (
    ("Loss", {"train_loss": LEARNT, "held_out_loss": HELD_OUT}),
    ("Balanced accuracy on held-out covers", {"balanced_accuracy": HELD_OUT}),
)


def _left(epochs: Sequence[Epoch], total: int) -> str:
    minutes = epochs[-1].metrics.get("seconds", 0.0) * (total - epochs[-1].epoch - 1) / 60
    return f"some {minutes:.0f} min of it left" if minutes >= 1 else "less than a minute of it left"


def curves(epochs: Sequence[Epoch], colors: dict[str, str]) -> dict[str, Any]:
    """The metrics named in `colors` over the epochs, from 1 on, as a figure; a metric that is missing leaves a gap."""
    lines = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": [epoch.epoch + 1 for epoch in epochs],
            "y": [epoch.metrics.get(name) for epoch in epochs],
            "line": {"color": color, "width": 2},
            "marker": {"size": 6},
            "hovertemplate": "epoch %{x}: %{y:.3f}<extra></extra>",
        }
        for name, color in colors.items()
    ]
    x = {"dtick": max(len(epochs) // 8, 1), "title": {"text": "epoch"}}
    return _figure(lines, x=x, y={"rangemode": "tozero" if len(colors) == 1 else "normal"})


def _finder(view: View, run: Run) -> list[Component]:
    """The curve of the rate finder of the first fit; nothing where the rate was given."""
    points = [point for point in queries.curves(view.workspace, run.run_id) if point.curve == RATE_FINDER]
    if not points:
        return []
    rate = float(run.results["fitted"][0]["rate"])
    return [_graph(rate_curve(points, rate), f"Loss while the learning rate rises: {rate:.2g} was chosen")]


def rate_curve(points: Sequence[CurvePoint], rate: float) -> dict[str, Any]:
    """Loss over learning rate, x ascending, as a figure with the chosen rate marked on the curve."""
    rates, losses = [point.x for point in points], [point.value for point in points]
    loss = float(np.interp(np.log(rate), np.log(rates), np.array(losses, np.float64)))
    hover = {"hovertemplate": "rate %{x:.2g}: %{y:.3f}<extra></extra>"}
    line = {"type": "scatter", "mode": "lines", "x": rates, "y": losses, "line": {"color": LEARNT, "width": 2}, **hover}
    mark = {"type": "scatter", "mode": "markers", "x": [rate], "y": [loss], "marker": {"color": HELD_OUT, "size": 10}}
    axis = {"type": "log", "dtick": 2, "exponentformat": "power", "title": {"text": "learning rate"}}
    return _figure([line, mark | hover], x=axis, y={})


def _figure(lines: list[dict[str, Any]], *, x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    return chart(lines, x=x, y={"nticks": 5, **y}, margin={"l": 44, "r": 12, "t": 8, "b": 38})


def _graph(figure: dict[str, Any], title: str) -> Component:
    return html.Div([html.H4(title), graph(figure, height=HEIGHT)], className="curve")
