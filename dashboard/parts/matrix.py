"""A matrix of genres as a table whose cells are links: reachable by keyboard, legible, and in the theme's colours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dash import html

from dashboard.parts.components import Component, dot, go

# Cells share this width, within bounds, in pixels.
WIDTH, SMALLEST, LARGEST = 410, 33, 64
# Tinted more strongly than this, a cell of the light theme is easier to read in white.
LIGHT_TEXT = 0.85


@dataclass(frozen=True)
class Cell:
    """What stands in a cell. `strength` in 0..1 is how strongly it is tinted; without an address it is no link."""

    text: str
    strength: float
    href: str = ""
    label: str = ""
    kind: str = ""
    current: bool = False


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    cell: Callable[[str, str], Cell | None],
    *,
    colors: dict[str, str],
    row_title: str,
    column_title: str,
) -> Component:
    """A table with a genre a row and a genre a column; `cell` gives what stands there, None for an empty place."""
    head = [
        html.Th(html.Div([dot(colors.get(genre)), html.Span(genre)], title=genre), scope="col", className="column")
        for genre in columns
    ]
    body = []
    for row in rows:
        cells = [_cell(cell(row, column)) for column in columns]
        label = html.Span([dot(colors.get(row)), html.Span(row, className="name")], className="genre", title=row)
        body.append(html.Tr([html.Th(label, scope="row"), *cells]))
    corner = html.Th([html.Span(column_title), html.Span(row_title)], className="corner")
    side = min(max(WIDTH // max(len(columns), 1), SMALLEST), LARGEST)
    table = html.Table(
        [html.Thead(html.Tr([corner, *head])), html.Tbody(body)], className="matrix", style={"--cell": f"{side}px"}
    )
    return html.Div(table, className="matrix-frame")


def _cell(found: Cell | None) -> Component:
    if found is None:
        return html.Td()
    classes = " ".join(word for word in (found.kind, "strong" if found.strength > LIGHT_TEXT else "") if word)
    style = {"--strength": f"{100 * min(max(found.strength, 0.0), 1.0):.0f}%"}
    if not found.href:
        return html.Td(html.Span(found.text, title=found.label), className=classes, style=style)
    inner = go(found.text, found.href, label=found.label, current=found.current, title=found.label)
    return html.Td(inner, className=classes, style=style)
