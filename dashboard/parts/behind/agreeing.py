"""Do embeddings agree: shared neighbours and CKA with each of the others, and the covers that only one sees right."""

from typing import Any

from dash import html

from dashboard.parts.components import Component, empty, genre_chip, go, number
from dashboard.parts.many import few
from dashboard.reading.behind import agreements
from dashboard.reading.behind.agreements import Beside
from dashboard.state.view import View


def agreeing(view: View) -> list[Component]:
    """A row an embedding that this one was compared with, per genre below, and where to look further."""
    chain = view.chain
    found = agreements.beside(view.workspace, chain) if chain else []
    if not found or chain is None:
        return [empty("Embeddings are not compared yet", command="genrescope agreement")]
    lead = (
        f"Share of a cover's nearest in {chain.label}, outside its group, that are its nearest in the other embedding, "
        "too; and linear CKA, 1 for embeddings that are equal but for rotation and scale. The graphs are held fixed."
    )
    tables = html.Div([_overall(view, found), _by_genre(view, found)], className="side-by-side")
    return [html.P(lead, className="lead"), html.Ul([_said(view, each) for each in found], className="plain"), tables]


def _said(view: View, each: Beside) -> Component:
    links: list[Any] = [
        go(
            "Where on the map",
            view.to("/map", color="agreement", beside=each.chain.embedding.run_id),
            className="quiet",
        )
    ]
    pair = agreements.judges(view.workspace, each.run.run_id)
    if pair:
        covers = view.to("/classifiers", classifier=pair[0].run_id, other=pair[1].run_id, only="first")
        links += [" · ", go("Covers that only one sees right", covers, className="quiet")]
    return html.Li([agreements.said(view.workspace, each.run.run_id), " ", *links])


def _overall(view: View, found: list[Beside]) -> Component:
    head = ["With", "Shared neighbours", "By chance", "CKA"]
    rows = []
    for each in found:
        figures = agreements.by_genre(view.workspace, each.run.run_id)
        cells = [figures[name, ""] for name in ("shared_neighbors", "shared_by_chance", "cka")]
        rows.append([each.chain.label, *(number(cell.value, cell.low, cell.high) for cell in cells)])
    return _table(head, rows)


def _by_genre(view: View, found: list[Beside]) -> Component:
    """Shared neighbours of each genre's covers, a column an embedding."""
    figures = [agreements.by_genre(view.workspace, each.run.run_id) for each in found]
    genres = sorted({genre for each in figures for _, genre in each if genre})
    shown, rest = few(view, genres, str, turned=False)
    rows = [
        [genre_chip(view, genre), *(_cell(each.get(("shared_neighbors", genre))) for each in figures)]
        for genre in shown
    ]
    return html.Div([_table(["Shared, by genre", *(each.chain.label for each in found)], rows), rest])


def _cell(row: Any) -> Component:
    return number(row.value, row.low, row.high, digits=2) if row else number(None)


def _table(head: list[str], rows: list[list[Any]]) -> Component:
    titles = [html.Th(title, className="number" if place else "") for place, title in enumerate(head)]
    lines = [
        html.Tr([html.Td(cell, className="number" if place else "") for place, cell in enumerate(row)]) for row in rows
    ]
    return html.Table([html.Thead(html.Tr(titles)), html.Tbody(lines)], className="numbers")
