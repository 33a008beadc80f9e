"""How networks learn: loss and balanced accuracy after every epoch, while they are trained and afterwards."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboard.parts.components import Component, section
from dashboard.reading import queries
from dashboard.reading.queries import Epoch
from dashboard.state.view import View
from data.store.runs import Run
from data.store.workspace import Workspace

# Between two looks at a training that is not finished.
SECONDS = 3
SHOWN = 3
HEIGHT = 190  # pixels; a graph that is responsive asks its element for its height, and not its figure
LEARNT, HELD_OUT = "#8a919c", "#0d9488"


def still_learning(workspace: Workspace) -> bool:
    """Whether some network is not finished, so that it is worth looking again."""
    return any(not run.finished for run in _networks(workspace))


def learning(view: View) -> Component:
    """The networks that are not finished, and the one looked at if it is a network; None where there is none."""
    runs = [run for run in _networks(view.workspace) if not run.finished or run.run_id == view.state.classifier]
    found = [(run, queries.epochs(view.workspace, run.run_id)) for run in runs[:SHOWN]]
    parts = [_learning(run, epochs) for run, epochs in found if epochs]
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


def _learning(run: Run, epochs: Sequence[Epoch]) -> Component:
    last = epochs[-1]
    own = [epoch for epoch in epochs if (epoch.repeat, epoch.fold) == (last.repeat, last.fold)]
    total = int(run.params["epochs"]) + int(run.params["frozen_epochs"])
    where = f", fold {last.fold + 1} of repeat {last.repeat + 1}" if len(epochs) > len(own) else ""
    state = "" if run.finished else f": epoch {last.epoch + 1} of {total}{where}, {_left(own, total)}"
    graphs = [_graph(curves(own, names), title) for title, names in PANELS]
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
    plain = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "outside", "ticklen": 3}
    layout = {
        "xaxis": {**plain, "dtick": max(len(epochs) // 8, 1), "title": {"text": "epoch"}},
        "yaxis": {**plain, "nticks": 5, "rangemode": "tozero" if len(colors) == 1 else "normal"},
        "margin": {"l": 44, "r": 12, "t": 8, "b": 38},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "inherit", "size": 11},
        "showlegend": False,
    }
    return {"data": lines, "layout": layout}


def _graph(figure: dict[str, Any], title: str) -> Component:
    config: Any = {"displayModeBar": False, "responsive": True}
    graph = dcc.Graph(figure=figure, config=config, style={"height": HEIGHT})
    return html.Div([html.H4(title), graph], className="curve")
