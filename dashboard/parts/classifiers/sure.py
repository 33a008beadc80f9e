"""How sure a classifier's predictions are: are its probabilities right, and which genres may a cover have."""

from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.parts.components import Component, genre_chip, number
from dashboard.parts.drawn.chart import chart, graph
from dashboard.parts.many import few
from dashboard.reading.behind import sure
from dashboard.reading.queries import Metric
from dashboard.state.view import View
from data.store.runs import Run

if TYPE_CHECKING:
    import pandas as pd

HEIGHT = 300  # pixels
ACCENT, FAINT = "#0d9488", "rgba(128, 134, 145, 0.28)"
COLUMNS = {
    "set_coverage": "Genre in its set",
    "set_size": "Genres in a set",
    "set_single": "One alone",
    "set_empty": "None",
}


def how_sure(view: View, run: Run) -> list[Component]:
    """The reliability diagram, and what the prediction sets are worth, where there are any."""
    table = sure.reliability(view.workspace, run.run_id)
    drawn = graph(reliability_curve(table), height=HEIGHT)
    lead = (
        "Of covers told with so much probability, the share told right; on the line it is as often right as it says, "
        "below it is too sure. Points in the grey bars are what chance gives where every probability is right."
    )
    diagram = html.Div([html.H3("Are the probabilities right"), html.P(lead, className="quiet"), drawn])
    parts = [diagram, _sets(view, run)]
    return [html.Div([part for part in parts if part is not None], className="side-by-side sure")]


def reliability_curve(table: "pd.DataFrame") -> dict[str, Any]:
    """A reliability diagram as a figure, bars of the consistency band around the diagonal; see `reliability`."""
    rows = list(table.itertuples())
    banded = [row for row in rows if row.band_low == row.band_low]
    said = [_said(row) for row in rows]
    gaps = [value for row in banded for value in (row.confidence, row.confidence, None)]
    ends = [value for row in banded for value in (row.band_low, row.band_high, None)]
    plain = {"type": "scatter", "mode": "lines", "hoverinfo": "skip"}
    traces = [
        {**plain, "x": [0, 1], "y": [0, 1], "line": {"color": "#8a919c", "width": 1, "dash": "dot"}},
        {**plain, "x": gaps, "y": ends, "line": {"color": FAINT, "width": 14}},
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": [row.confidence for row in rows],
            "y": [row.right for row in rows],
            "text": said,
            "hovertemplate": "%{text}<extra></extra>",
            "line": {"color": ACCENT, "width": 1},
            "marker": {"size": 8, "color": ACCENT},
        },
    ]
    axis = {"range": [0, 1.02], "dtick": 0.2}
    across = {**axis, "title": {"text": "probability of the genre it says"}}
    up = {**axis, "title": {"text": "share told right"}}
    return chart(traces, x=across, y=up, margin={"l": 52, "r": 12, "t": 8, "b": 44})


def _said(row: Any) -> str:
    right = f"right {row.right:.3f}, {row.low:.3f} to {row.high:.3f}"
    return f"{row.covers:,.0f} covers<br>said {row.confidence:.2f}<br>{right}"


def _sets(view: View, run: Run) -> Component:
    rows, sets = sure.set_scores(view.workspace, run.run_id), sure.sets_run(view.workspace, run.run_id)
    if not rows or sets is None:
        return html.Div(
            [
                html.H3("Which genres may a cover have"),
                html.P(["Prediction sets: ", html.Code(f"genrescope sure {run.run_id}")], className="quiet"),
            ]
        )
    head = [html.Th("Genre"), *(html.Th(title, className="number") for title in COLUMNS.values())]
    genres = [row.genre for row in rows if row.metric == "set_size" and row.genre]
    shown, rest = few(view, genres, str, turned=False)
    of: dict[str | None, dict[str, Metric]] = {}
    for row in rows:
        of.setdefault(row.genre, {})[row.metric] = row
    body = [_row(view, of[genre], genre) for genre in [*shown, None]]
    fine = "A set with no genre: the cover is less like each genre than nine in ten of that genre's covers."
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="numbers")
    return html.Div(
        [
            html.H3("Which genres may a cover have"),
            html.P(sets.results["sentence"], className="quiet"),
            html.Div(table, className="frame"),
            rest,
            html.P(fine, className="quiet fine"),
        ]
    )


def _row(view: View, own: dict[str, Metric], genre: str | None) -> Component:
    cells = [
        html.Td(number(row.value, row.low, row.high, digits=1 if metric == "set_size" else 2), className="number")
        for metric, row in ((metric, own[metric]) for metric in COLUMNS)
    ]
    return html.Tr([html.Td(genre_chip(view, genre) if genre else "mean of genres"), *cells])
