"""More genres than a page has room for: the first of them, how many more there are, and a field to find others."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from analysis.figures.foremost import SHOWN, found_in
from dashboard.parts.components import Component, counted, go
from dashboard.state.view import View, view
from data.store.workspace import Workspace

Row = TypeVar("Row")
# Chips that follow one another in a line or a cell.
IN_LINE = 12


def finder(page: str) -> Component:
    """The field of a page's layout, hidden as long as all genres are shown; see `register_finder`."""
    field = dcc.Input(id=f"{page}-find", type="search", debounce=0.25, placeholder="Part of its name")
    label = [html.Span("Find a genre", className="label"), field]
    return html.Label(label, className="control finder", id=f"{page}-finder", hidden=True)


def register_finder(app: Dash, workspace: Workspace, page: str, path: str, store: str) -> None:
    """What lies in the field and in the address follow each other."""

    @app.callback(Output(f"{page}-finder", "hidden"), Output(f"{page}-find", "value"), Input(store, "data"))
    def show_finder(search: str | None) -> tuple[bool, str]:
        here = view(workspace, path, search)
        return not (many(here) or here.state.find), here.state.find

    app.clientside_callback(
        ClientsideFunction("genrescope", "find"), Input(f"{page}-find", "value"), prevent_initial_call=True
    )


def many(view: View) -> bool:
    """Whether there are more genres than a page shows."""
    return len(view.covers.genres) > SHOWN


def few(
    view: View, rows: Sequence[Row], genre_of: Callable[[Row], str], *, order: str = "highest", turned: bool = True
) -> tuple[list[Row], Component]:
    """The first rows of a list of genres, of those that are sought, and a line on the others; None where all are there.

    order: what comes first, in a word; turned: whether the list may be turned round (`first` in the address).
    """
    found = [rows[place] for place in found_in(view.state.find, [genre_of(row) for row in rows])]
    low = turned and view.state.first == "low"
    shown = (found[::-1] if low and len(found) > SHOWN else found)[:SHOWN]
    return shown, _said(view, len(rows), len(found), len(shown), order=order if turned else "")


def _said(view: View, rows: int, found: int, shown: int, *, order: str) -> Component:
    """How many are shown of how many, and the way to the other end of the list."""
    if shown == rows:
        return None
    of = counted(rows, "genre")
    if view.state.find:
        of = f"{counted(found, 'genre')} with “{view.state.find}” in the name, of {rows:,}"
    text = of if found == shown else f"{shown:,} of {of}"
    parts: list[Any] = [text]
    if order and found > shown:
        low = view.state.first == "low"
        parts = [f"{text}, the {'lowest' if low else order} first. "]
        parts.append(go(f"The {order if low else 'lowest'} first", view.to(first="high" if low else "low")))
    return html.P(parts, className="quiet fine few")


def in_line(view: View, genres: Sequence[str], draw: Callable[[View, str], Component]) -> list[Any]:
    """The first genres of a line, those that are sought first, and how many more there are."""
    if len(genres) <= SHOWN:
        return [draw(view, genre) for genre in genres]
    found = [genres[place] for place in found_in(view.state.find, genres)] if view.state.find else []
    first = list(dict.fromkeys([*found, *genres]))[:IN_LINE]
    return [*(draw(view, genre) for genre in first), f" and {len(genres) - len(first):,} more"]
