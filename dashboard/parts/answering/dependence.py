"""What the answer of a separability run depends on: which covers count as one, how many neighbours, which seed."""

from typing import Any

from dash import html

from analysis.separability.pure.sensitivity import ignoring_sentences
from dashboard.parts.answering.stability import clusters_between_seeds, map_between_seeds
from dashboard.parts.components import Component, genre_chip, number
from dashboard.parts.many import few
from dashboard.reading import queries
from dashboard.reading.queries import CurvePoint
from dashboard.state.view import View
from data.store.runs import Run

CURVES = {"purity_by_k": "Purity above chance", "purity_by_k_corrected": "Corrected for hubs"}


def depends(view: View, run: Run) -> list[Component]:
    """The parts there is something to say in."""
    points = queries.curves(view.workspace, run.run_id)
    curves = [(title, [point for point in points if point.curve == name]) for name, title in CURVES.items()]
    tables = [part for title, found in curves if found for part in _over_k(view, title, found)]
    parts = [
        _part("Which covers count as one", ignoring(run)),
        _part("How many neighbours", html.Div(tables, className="side-by-side") if tables else None),
        _part("Which seed", _seeds(view)),
    ]
    return [part for part in parts if part is not None]


def _part(title: str, content: Component) -> Component:
    return html.Div([html.H3(title), content]) if content is not None else None


def ignoring(run: Run) -> Component:
    """What counting dependent covers as independent would have shown: a line each, none where nothing differs."""
    items = [html.Li(sentence) for sentence in ignoring_sentences(run.results["ignoring"])]
    return html.Ul(items, className="plain") if items else None


def _over_k(view: View, title: str, points: list[CurvePoint]) -> list[Component]:
    """Purity above chance as a table: genres down, numbers of neighbours across."""
    ks = sorted({point.x for point in points})
    value = {(point.genre, point.x): point.value for point in points}
    genres = sorted({point.genre for point in points if point.genre}, key=lambda name: -_sortable(value[name, ks[-1]]))
    shown, rest = few(view, genres, str)
    head = [html.Th(title), *(html.Th(f"{k:.0f}", className="number") for k in ks)]
    rows = [
        html.Tr(
            [html.Td(genre_chip(view, g)), *(html.Td(number(value[g, k], digits=2), className="number") for k in ks)]
        )
        for g in shown
    ]
    return [html.Div([html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers"), rest])]


def _sortable(value: float | None) -> float:
    return -2.0 if value is None or value != value else value


def _seeds(view: View) -> Component:
    run = view.chain.stability if view.chain else None
    said: list[Any] = [html.Li(text) for text in (clusters_between_seeds(run), map_between_seeds(run)) if text]
    return html.Ul(said, className="plain") if said else None
