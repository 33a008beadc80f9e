"""Covers sought by what is written on them: found on the Search page, and left by the filter of the map."""

from collections import Counter
from typing import Any

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from dashboard.parts.components import Component, counted, empty, go, menu, mix_bar, paged_grid, section, segmented
from dashboard.parts.drawn.coloring import kept
from dashboard.parts.lettering.coloring import KINDS
from dashboard.parts.lettering.languages import language_name
from dashboard.reading import lettering, written
from dashboard.reading.written import Found
from dashboard.state.view import View, view
from data.store.runs import Run
from data.store.workspace import Workspace

# Near spellings that a sentence names.
TOLD = 6
LETTERED = {"": "All", "with": "With words", "without": "Without"}


def covers_with(view: View, run: Run) -> Component:
    """The covers with the words sought, the best first, and their mix of genres."""
    found = written.find(view.workspace, run.run_id, view.state.written)
    sought = _quoted(view.state.written)
    cover_ids = [cover_id for cover_id in found.words if cover_id < len(view.covers)]
    if not cover_ids:
        return empty(f"No cover has {sought} written on it", "Nor anything near to it. OCR misses logos and curves.")
    parts = {part for term in written.terms_of(view.state.written) for part in term}
    reads = {cover_id: word for cover_id, word in found.words.items() if not parts & set(written.fold(word).split())}
    mix = html.Div([html.H3("Genres"), mix_bar(view, cover_ids)], className="mix")
    count = counted(len(cover_ids), "cover")
    title = f"{count} with words near {sought}" if found.near else f"{count} with {sought} written on them"
    return section(
        title,
        html.Div([mix, paged_grid(view, cover_ids, reads=reads)], className="beside-mix"),
        lead=_lead(found),
        aside=go("On the map", view.to("/map", cover=None), className="button"),
    )


def field(page: str, label: str) -> Component:
    """The field for words in a page's layout, hidden as long as no covers were read; see `register_filter`."""
    words = dcc.Input(id=f"{page}-written", type="search", debounce=0.25, placeholder='Words, or "a phrase"')
    return html.Label(
        [html.Span(label, className="label"), words],
        className="control grow",
        id=f"{page}-written-control",
        hidden=True,
    )


def filter_row(page: str) -> Component:
    """The filter by lettering in a page's layout; see `register_filter`."""
    return html.Div(
        [html.Div(id=f"{page}-lettered", className="parts"), field(page, "Written on it")],
        className="controls lettered",
    )


def register_filter(app: Dash, workspace: Workspace, page: str, path: str, store: str) -> None:
    """What lies in the filter's parts and in the address follow each other."""

    @app.callback(
        Output(f"{page}-lettered", "children"),
        Output(f"{page}-written-control", "hidden"),
        Output(f"{page}-written", "value"),
        Input(store, "data"),
    )
    def show_filter(search: str | None) -> tuple[Any, ...]:
        here = view(workspace, path, search)
        run = lettering.current(workspace)
        return _filter(here, run) if run else [], run is None, here.state.written

    app.clientside_callback(
        ClientsideFunction("genrescope", "lettered"), Input(f"{page}-written", "value"), prevent_initial_call=True
    )


def kinds(view: View) -> list[Component]:
    """The choice of what of the lettering colours the map, where it does."""
    if view.state.color != "lettering" or lettering.current(view.workspace) is None:
        return []
    options = [(kind, text, "", view.to(lettering=kind)) for kind, text in KINDS.items()]
    return [menu("By", options, view.state.lettering if view.state.lettering in KINDS else "words")]


def _filter(view: View, run: Run) -> list[Component]:
    state = view.state
    options = [(value, text, view.to(lettered=value)) for value, text in LETTERED.items()]
    parts = [segmented("Words", options, state.lettered), _languages(view, run)]
    if state.written or state.language or state.lettered in ("with", "without"):
        left = int(np.count_nonzero(kept(view, lettering.standing(view.workspace, run.run_id).cover_ids)))
        clear = go("Clear", view.to(written="", language="", lettered=""), className="chip clear")
        listed = go("List", view.to("/search", cover=None), className="chip clear") if state.written else None
        near = bool(state.written) and written.find(view.workspace, run.run_id, state.written).near
        text = f"{counted(left, 'cover')} left{', by near spellings' if near else ''}"
        parts.append(html.Span([text, listed, clear], className="quiet left"))
    return parts


def _languages(view: View, run: Run) -> Component:
    tally = Counter(lettering.standing(view.workspace, run.run_id).language.tolist())
    tally.pop("", None)
    if not tally and not view.state.language:
        return None
    options = [("", "All", "", view.to(language=""))]
    options += [
        (code, language_name(code), f"{tally[code]:,}", view.to(language=code))
        for code in dict.fromkeys([*(code for code, _ in tally.most_common()), view.state.language])
        if code
    ]
    return menu("Language", options, view.state.language)


def _quoted(sought: str) -> str:
    return sought if '"' in sought else f"“{sought}”"


def _lead(found: Found) -> str:
    if not found.near:
        return "As OCR read it: whole words first, then larger and surer ones. Click one to see where it stands."
    said = [
        f"“{part}” as {', '.join(near[:TOLD])}{' and others' if len(near) > TOLD else ''}"
        for part, near in found.instead.items()
    ]
    start = f"None reads exactly so. Taken for near spellings: {'; '.join(said)}." if said else "None reads exactly so."
    return f"{start} Words in any order."
