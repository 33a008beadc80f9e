"""Map: every cover as a point; hover shows it, a click opens it beside its neighbours, a lasso gathers covers."""

import base64
from typing import Any

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, Patch, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from dashboard.parts.components import Component, aria, dot, embedding_menu, empty, go, menu, mix_bar, segmented
from dashboard.parts.components import grid as cover_grid
from dashboard.parts.cover.panel import NEIGHBORS
from dashboard.parts.drawn import figures
from dashboard.parts.drawn.coloring import COLORINGS, NEEDS_CLASSIFIER, Coloring, coloring, compared_with
from dashboard.parts.lettering.sought import filter_row, kinds, register_filter
from dashboard.parts.many import few, finder, many, register_finder
from dashboard.reading import chains, judged, lettering, queries, results
from dashboard.reading.behind import agreements
from dashboard.reading.behind.agreements import Beside
from dashboard.reading.chains import Chain
from dashboard.reading.queries import Projection
from dashboard.state.urls import parse, toggled
from dashboard.state.view import View, view
from data.store.runs import Run
from data.store.workspace import Workspace

PATH, TITLE, VIEW = "/map", "Map", "view-map"
GATHERED = 240

CONFIG: Any = {
    "scrollZoom": True,
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtons": [["pan2d", "zoom2d", "lasso2d", "select2d"], ["resetScale2d"]],
    "doubleClick": "reset",
}


def layout() -> html.Div:
    """The page before its callbacks fill it."""
    graph = dcc.Graph(id="map", className="canvas", config=CONFIG, clear_on_unhover=True, responsive=True)
    return html.Div(
        [
            html.Div(
                [html.Div(id="map-controls", className="toolbar"), finder("map"), filter_row("map")],
                className="toolbar",
            ),
            html.Div(
                [graph, dcc.Tooltip(id="map-tooltip", className="tooltip"), html.Div(id="map-note")],
                className="stage",
            ),
            html.Div(id="map-gathered", className="tray"),
            dcc.Store(id="map-shown"),
            dcc.Store(id="map-covers"),
            dcc.Store(id="map-selection"),
        ],
        className="page map-page",
    )


def register(app: Dash, workspace: Workspace) -> None:
    """Callbacks of the page."""
    register_finder(app, workspace, "map", PATH, VIEW)
    register_filter(app, workspace, "map", PATH, VIEW)
    _show_the_map(app, workspace)
    _frame_the_cover(app, workspace)
    _gather_covers(app, workspace)
    # What follows the pointer, in the browser alone (assets/genrescope.js).
    tooltip = [Output("map-tooltip", name) for name in ("show", "bbox", "direction", "children")]
    points = State("map-covers", "data")
    app.clientside_callback(_browser("hover"), *tooltip, Input("map", "hoverData"), points)
    for name, event, answer in (
        ("pick", "clickData", Output("map", "clickData")),
        ("gather", "selectedData", Output("map-selection", "data")),
    ):
        app.clientside_callback(_browser(name), answer, Input("map", event), points, prevent_initial_call=True)


def _browser(name: str) -> ClientsideFunction:
    return ClientsideFunction("genrescope", name)


def _show_the_map(app: Dash, workspace: Workspace) -> None:
    @app.callback(
        Output("map-controls", "children"),
        Output("map-note", "children"),
        Output("map", "figure"),
        Output("map-covers", "data"),
        Output("map-shown", "data"),
        Input(VIEW, "data"),
        State("map-shown", "data"),
        State("view-panel", "data"),
    )
    def show(search: str | None, shown: str | None, address: str | None) -> tuple[Any, ...]:
        return _show(view(workspace, PATH, search), shown, _selected(address))


def _frame_the_cover(app: Dash, workspace: Workspace) -> None:
    @app.callback(
        Output("map", "figure", allow_duplicate=True),
        Input("panel-shown", "data"),  # after the panel, as drawing takes the browser longer than the cover may wait
        State("map-shown", "data"),
        State(VIEW, "data"),
        prevent_initial_call=True,
    )
    def frame(address: str | None, shown: str | None, search: str | None) -> Patch:
        here = view(workspace, PATH, search)
        wanted = here.chain.projection if here.chain else None
        if wanted is None or wanted.run_id != shown or (address or "").partition("?")[0] != PATH:
            raise PreventUpdate  # on the way to another page, or to another map, which comes with its frames
        patch = Patch()
        patch["layout"]["annotations"] = _frames(here, _selected(address))
        return patch


def _gather_covers(app: Dash, workspace: Workspace) -> None:
    @app.callback(
        Output("map-gathered", "children"),
        Input("map-selection", "data"),
        Input(VIEW, "data"),
        prevent_initial_call=True,
    )
    def gather(cover_ids: list[int] | None, search: str | None) -> Any:
        return _gathered(view(workspace, PATH, search), cover_ids or [])


def _selected(address: str | None) -> int | None:
    """The cover that lies open, out of the address of the panel."""
    return parse((address or "").partition("?")[2]).cover


def _show(view: View, shown: str | None, selected: int | None) -> tuple[Any, ...]:
    """Controls, key, figure, covers of the points, and the projection shown; only what has changed."""
    chain = view.chain
    if chain is None or chain.projection is None:
        return [embedding_menu(view)] if chain else [], _nothing(chain), {}, None, None
    run_id = chain.projection.run_id
    found = queries.projection(view.workspace, run_id)
    classifier = _classifier(view, chain)
    colors = coloring(view, chain, classifier, found.cover_ids)
    order = figures.draw_order(len(found.cover_ids))
    controls, key = _controls(view, classifier), _key(colors)
    if shown == run_id:
        patch = Patch()
        for name, value in figures.marker_colors(colors.codes[order], colors.colors).items():
            patch["data"][0]["marker"][name] = value
        return controls, key, patch, no_update, no_update
    figure = figures.map_figure(found.x[order], found.y[order], colors.codes[order], colors.colors, revision=run_id)
    figure["layout"]["annotations"] = _frames(view, selected)
    return controls, key, figure, _covers_of_points(view, found, order), run_id


def _covers_of_points(view: View, found: Projection, order: np.ndarray) -> dict[str, Any]:
    """What hover and click need, in draw order: cover ids, genres, and the 32 bytes of each hash in base64."""
    ids = found.cover_ids[order].astype(np.int32)
    hashes = b"".join(bytes.fromhex(view.covers.sha256[cover_id]) for cover_id in ids.tolist())
    return {
        "ids": figures.typed(ids)["bdata"],
        "hashes": base64.b64encode(hashes).decode("ascii"),
        "genre": figures.typed(view.covers.genre[ids].astype(np.int32))["bdata"],
        "genres": list(view.covers.genres),
        "colors": [view.colors[genre] for genre in view.covers.genres],
    }


def _classifier(view: View, chain: Chain) -> Run | None:
    """The classifier asked for, else the best on this embedding, else the best of all."""
    asked = [run for run in chains.classifiers(view.workspace) if run.run_id == view.state.classifier]
    best = judged.ranked(view.workspace, chain) or judged.ranked(view.workspace)
    return next(iter([*asked, *best]), None)


def _controls(view: View, classifier: Run | None) -> list[Any]:
    compared = agreements.beside(view.workspace, view.chain) if view.chain else []
    missing = set() if classifier else set(NEEDS_CLASSIFIER)
    missing |= set() if compared else {"agreement"}
    missing |= set() if lettering.current(view.workspace) else {"lettering"}
    options = [(kind, text, view.to(color=kind)) for kind, text in COLORINGS.items() if kind not in missing]
    controls = [embedding_menu(view), segmented("Colour by", options, view.state.color)]
    controls += [*_compared(view, compared), *kinds(view)]
    if classifier and view.state.color in NEEDS_CLASSIFIER:
        found = [
            (run.run_id, chains.classifier_label(view.workspace, run), "", view.to(classifier=run.run_id))
            for run in judged.ranked(view.workspace, also=(classifier.run_id,))
        ]
        controls.append(menu("Classifier", found, classifier.run_id))
    return [html.Div(controls, className="controls"), _filter(view)]


def _compared(view: View, compared: list[Beside]) -> list[Any]:
    """The choice of the embedding whose neighbours are compared with, where the map is coloured by that."""
    other = compared_with(view, view.chain) if view.chain and view.state.color == "agreement" else None
    if other is None:
        return []
    found = []
    for each in compared:
        run_id, share = each.chain.embedding.run_id, each.run.results["shared_neighbors"]
        found.append((run_id, each.chain.label, f"{share or 0:.0%} shared", view.to(beside=run_id)))
    return [menu("With", found, other.chain.embedding.run_id)]


def _key(colors: Coloring) -> Component:
    """What the colours mean, where they are not the genres; over a corner of the map, so that it never moves."""
    entries = [html.Span([dot(color), name], className="genre") for name, color in colors.legend]
    if colors.note:
        entries.append(html.Span(colors.note, className="quiet"))
    return html.Div(entries, className="key") if entries else None


def _filter(view: View) -> Component:
    """Genres as chips: a click shows one alone, further ones join it."""
    coloured = view.state.color in ("genre", "predicted")
    chips = []
    genres = list(zip(view.covers.genres, view.covers.counts, strict=True))
    if many(view):
        genres.sort(key=lambda each: (each[0] not in view.state.genres, -each[1]))
    shown, rest = few(view, genres, lambda each: each[0], turned=False)
    for genre, count in shown:
        on = not view.state.genres or genre in view.state.genres
        href = view.to(genres=toggled(genre, view.state.genres, view.covers.genres))
        content = [dot(view.colors[genre]) if coloured else None, genre, html.Span(f"{count:,}", className="note")]
        chips.append(go(content, href, className="chip on" if on else "chip", current=bool(view.state.genres) and on))
    if view.state.genres:
        chips.append(go("All genres", view.to(genres=()), className="chip clear"))
    return html.Div([*chips, rest], className="chips", role="group", **aria(label="Filter by genre"))


def _frames(view: View, cover_id: int | None) -> list[dict[str, Any]]:
    chain = view.chain
    if cover_id is None or chain is None or chain.projection is None or chain.neighbors is None:
        return []
    found = queries.projection(view.workspace, chain.projection.run_id)
    near = results.neighbors_of(view.workspace, chain.neighbors.run_id, cover_id, k=NEIGHBORS)
    rows = [results.row_of(found.cover_ids, each) for each in (cover_id, *(neighbor for neighbor, _ in near))]
    if rows[0] is None:
        return []
    known = [row for row in rows if row is not None]
    return figures.frames(found.x[known].tolist(), found.y[known].tolist())


def _gathered(view: View, cover_ids: list[int]) -> Any:
    """The covers inside a lasso: the mix of genres beside the grid of covers."""
    known = [cover_id for cover_id in cover_ids if 0 <= cover_id < len(view.covers)]
    if not known:
        return None
    known.sort(key=lambda cover_id: (int(view.covers.genre[cover_id]), cover_id))
    step = max(1, -(-len(known) // GATHERED))
    note = f"every {step}th shown" if step > 1 else ""
    return [
        html.Div(
            [html.H3([f"{len(known):,} covers", html.Span(note, className="note")]), mix_bar(view, known)],
            className="mix",
        ),
        cover_grid(view, known[::step], small=True),
    ]


def _nothing(chain: Chain | None) -> Component:
    if chain is None:
        return empty("No embedding yet", "A map needs one.", command="genrescope embed --encoder color")
    return empty(
        "No map of this embedding yet",
        "It is made together with neighbours and clusters.",
        command="genrescope analyze",
    )
