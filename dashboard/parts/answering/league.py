"""The league table of embeddings."""

from dash import html

from dashboard.parts.components import Component, go, number
from dashboard.reading import queries
from dashboard.reading.chains import Chain
from dashboard.state.view import View

COLUMNS = (
    ("separability", "Separability"),
    ("purity_above_chance", "Purity above chance"),
    ("silhouette", "Silhouette"),
)


def league(view: View, found: list[Chain]) -> Component:
    """Embeddings with their macro separability, purity above chance and silhouette; each leads to its separability."""
    head = [html.Th("Embedding"), html.Th("Length", className="number")]
    head += [html.Th(title, className="number") for _, title in COLUMNS]
    body = html.Tbody([_row(view, chain) for chain in found])
    return html.Div(html.Table([html.Thead(html.Tr(head)), body], className="numbers wide league"), className="frame")


def _row(view: View, chain: Chain) -> Component:
    run = chain.separability
    overall = {
        row.metric: row
        for row in (queries.metrics(view.workspace, run.run_id) if run else ())
        if row.genre is None and row.other_genre is None
    }
    cells = []
    for metric, _ in COLUMNS:
        row = overall.get(metric)
        cells.append(html.Td(number(row.value, row.low, row.high) if row else number(None), className="number"))
    current = view.path == "/separability" and view.chain == chain
    name = go(chain.label, view.to("/separability", embedding=chain.embedding.run_id, pair=()), current=current)
    length = html.Td(chain.embedding.results.get("dimension", ""), className="number")
    return html.Tr([html.Td(name), length, *cells], className="on" if current else "")
