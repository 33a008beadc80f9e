"""Search: the nearest covers to any cover, to an image, or to a few words; covers by what is written on them; what is
recommended."""

from typing import Any

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from dashboard.parts.components import (
    counted,
    embedding_menu,
    empty,
    grid,
    known_cover,
    paged_grid,
    section,
    title_of,
)
from dashboard.parts.cover.recommended import evaluated, recommended
from dashboard.parts.cover.uploaded import NEAREST, nearest, ranked, rest_said, uploaded
from dashboard.parts.lettering.sought import covers_with, field
from dashboard.reading import asking, chains, lettering, queries, results
from dashboard.reading.chains import Chain
from dashboard.serving.limits import UPLOAD
from dashboard.state.view import View, view
from data.errors import GenrescopeError
from data.store.workspace import Workspace

PATH, TITLE, VIEW = "/search", "Search", "view-search"


def layout() -> html.Div:
    """The page before its callbacks fill it."""
    query = dcc.Input(id="search-query", type="search", debounce=0.25, placeholder="Title, artist, genre or file name")
    upload = dcc.Upload(
        [html.Span("Drop an image here, or "), html.Button("choose one", type="button", className="button")],
        id="search-upload",
        className="upload",
        max_size=UPLOAD,
        className_active="active",
        style_active={},
    )
    return html.Div(
        [
            html.Div(
                [
                    html.Div(id="search-embedding"),
                    html.Label([html.Span("Find a cover", className="label"), query], className="control grow"),
                    html.Label(
                        [html.Span("Nearest to words", className="label"), dcc.Input(id="search-words", debounce=True)],
                        className="control grow",
                        id="search-words-control",
                        hidden=True,
                    ),
                    field("search", "Written on it"),
                    upload,
                ],
                className="controls search",
            ),
            html.P(id="search-hint", className="quiet"),
            html.Div(id="search-uploaded"),
            html.Div(id="search-found"),
            html.Div(id="search-evaluated"),
        ],
        className="page",
    )


def register(app: Dash, workspace: Workspace) -> None:
    """Callbacks of the page. What lies in the input fields and in the address follow each other."""

    @app.callback(
        Output("search-embedding", "children"),
        Output("search-words-control", "hidden"),
        Output("search-hint", "children"),
        Output("search-query", "value"),
        Output("search-words", "value"),
        Output("search-written-control", "hidden"),
        Output("search-written", "value"),
        Input(VIEW, "data"),
    )
    def show_controls(search: str | None) -> tuple[Any, ...]:
        here = view(workspace, PATH, search)
        found = _with_words(here)
        command = html.Code("genrescope embed --encoder clip-vit-b-32")
        hint = None if found else ["Search by words needs a CLIP embedding: ", command]
        unread = lettering.current(workspace) is None
        state = here.state
        return embedding_menu(here), found is None, hint, state.query, state.words, unread, state.written

    @app.callback(Output("search-found", "children"), Input("view-panel", "data"))
    def show_found(address: str | None) -> Any:
        path, _, search = (address or "").partition("?")
        if path != PATH:
            raise PreventUpdate
        here = view(workspace, PATH, search)
        return html.Div([recommended(here), _found(here)], className="sections")

    @app.callback(Output("search-evaluated", "children"), Input(VIEW, "data"))
    def show_evaluated(search: str | None) -> Any:
        return evaluated(view(workspace, PATH, search))

    @app.callback(
        Output("search-uploaded", "children"),
        Input("search-upload", "contents"),
        Input(VIEW, "data"),
        State("search-upload", "filename"),
        prevent_initial_call=True,
    )
    def show_uploaded(contents: str | None, search: str | None, filename: str | None) -> Any:
        return uploaded(view(workspace, PATH, search), contents, filename or "upload") if contents else None

    @app.callback(
        Output("search-rest-said", "children"),
        Input("search-rest", "n_clicks"),
        State("search-upload", "contents"),
        State(VIEW, "data"),
        prevent_initial_call=True,
    )
    def show_rest(clicks: int | None, contents: str | None, search: str | None) -> Any:
        if clicks != 1 or not contents:  # it is opened once, and closed and opened again as it is
            raise PreventUpdate
        return rest_said(view(workspace, PATH, search), contents)

    for name in ("query", "words", "written"):
        app.clientside_callback(
            ClientsideFunction("genrescope", name), Input(f"search-{name}", "value"), prevent_initial_call=True
        )


def _found(view: View) -> Any:
    """What the address asks for: covers by what is written on them, of which one may lie open beside; else neighbours
    of a cover, else covers near words, else by name, else some; none where covers are recommended and nothing is
    asked."""
    state = view.state
    run = lettering.current(view.workspace) if state.written else None
    if run:
        return covers_with(view, run)
    if state.cover is not None:
        return _nearest_to_cover(view, state.cover)
    chain = _with_words(view)
    if state.words and chain:
        return _nearest_to_words(view, chain, state.words)
    if state.query:
        ids = queries.find_covers(view.workspace, state.query)
        if not ids:
            return empty("No cover has this in its file name, genre or metadata", "Try fewer letters.")
        return section(
            f"{counted(len(ids), 'cover')} found", paged_grid(view, ids), lead="Click one for its neighbours."
        )
    if state.liked or state.disliked:
        return None
    count = min(NEAREST, len(view.covers))
    picked = np.random.default_rng(42).choice(len(view.covers), size=count, replace=False).tolist()
    return section("Some covers", grid(view, picked), lead="Picked by chance. Click one for its neighbours.")


def _nearest_to_cover(view: View, cover_id: int) -> Any:
    chain = view.chain
    if known_cover(view, cover_id) is None:
        return empty("No such cover", f"This workspace has no cover number {cover_id}.")
    if chain is None or chain.neighbors is None:
        return empty("No neighbours yet", "They are found in an embedding.", command="genrescope analyze")
    found = results.neighbors_of(view.workspace, chain.neighbors.run_id, cover_id, k=NEAREST)
    if not found:
        return empty(f"{chain.label} has no vector of this cover", "Choose another embedding above.")
    return ranked(view, found, f"Nearest to {title_of(view, cover_id)} in {chain.label}")


def _nearest_to_words(view: View, chain: Chain, words: str) -> Any:
    try:
        vector = asking.vector_of_words(view.workspace, chain, words)
    except GenrescopeError as error:
        return empty("Search by words is not possible now", str(error))
    return ranked(view, nearest(view, chain, vector), f"Nearest to “{words}” in {chain.label}")


def _with_words(view: View) -> Chain | None:
    """The embedding chosen if it has a text tower, else the first that has one."""
    found = [chain for chain in chains.chains(view.workspace) if chain.embedding.name.startswith("clip")]
    return next((chain for chain in found if chain == view.chain), found[0] if found else None)
