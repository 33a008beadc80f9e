"""Separability: which genres, and which pairs of them, separate in an embedding, and how sure that is."""

from typing import Any

from dash import Dash, Input, Output, html

from dashboard.parts.components import (
    Component,
    dot,
    embedding_menu,
    empty,
    genre_chip,
    go,
    grid,
    number,
    p_in_words,
    section,
    segmented,
)
from dashboard.parts.league import league
from dashboard.parts.matrix import Cell, matrix
from dashboard.parts.tracks import Track, track_table
from dashboard.reading import chains, queries, results
from dashboard.reading.queries import Metric
from dashboard.state.view import View, view
from data.store.workspace import Workspace

PATH, TITLE, VIEW = "/separability", "Separability", "view-separability"
BORDER = 24

METRICS = {
    "purity": ("Purity", "Share of a cover's neighbours that carry its genre. The line is what chance would give."),
    "lift": ("Lift", "Purity over the genre's share of the collection: 1 is chance."),
    "silhouette": (
        "Silhouette",
        "Nearness to its own genre against the nearest other one, by cosine: below 0 is outside.",
    ),
    "auc": ("Probe AUC", "How well a linear probe tells the genre from all others, cross-validated: 0.5 is chance."),
}
LOWEST = {"purity": 0.0, "lift": 0.0}
REFERENCE = {"lift": 1.0, "silhouette": 0.0, "auc": 0.5}
AGREEMENT = {
    "ari": "Adjusted Rand",
    "ami": "Adjusted mutual information",
    "homogeneity": "Homogeneity",
    "completeness": "Completeness",
    "v_measure": "V-measure",
}


def layout() -> html.Div:
    """The page before its callbacks fill it."""
    return html.Div(id="separability", className="page sections")


def register(app: Dash, workspace: Workspace) -> None:
    """Callbacks of the page."""

    @app.callback(Output("separability", "children"), Input(VIEW, "data"))
    def show(search: str | None) -> Any:
        return _show(view(workspace, PATH, search))


def _show(view: View) -> Any:
    found = chains.chains(view.workspace)
    if not found:
        return empty("No embedding yet", "Separability is measured in one.", command="genrescope embed --encoder color")
    lead = "Mean over genres with its 95 % interval, measured in the original space. Best first."
    parts: list[Component] = [section("Embeddings", league(view, found), lead=lead)]
    run = found[0].separability if view.chain is None else view.chain.separability
    if run is None:
        parts.append(empty("This embedding is not measured yet", command="genrescope analyze"))
        return parts
    rows = queries.metrics(view.workspace, run.run_id)
    parts += [
        html.Div([_by_genre(view, rows), _by_pair(view, rows)], className="columns"),
        _border(view) if view.state.pair else None,
        _agreement(rows),
    ]
    return parts


def _by_genre(view: View, rows: tuple[Metric, ...]) -> Component:
    name = view.state.metric if view.state.metric in METRICS else "purity"
    title, meaning = METRICS[name]
    known = [row for row in rows if row.metric == name and row.other_genre is None and row.value is not None]
    overall = [_track(view, row) for row in known if row.genre is None]
    genres = sorted((row for row in known if row.genre), key=lambda row: -(row.value or 0))
    choice = [(key, METRICS[key][0], view.to(metric=key)) for key in METRICS]
    tracks = [*overall, *(_track(view, row) for row in genres)]
    chart = track_table(tracks, lowest=LOWEST.get(name), reference=REFERENCE.get(name))
    return section(
        "By genre",
        html.Div([embedding_menu(view), segmented("Measure", choice, name)], className="controls"),
        chart if known else empty(f"{title} is not measured yet", command="genrescope analyze"),
        lead=meaning,
    )


def _track(view: View, row: Metric) -> Track:
    share = None
    if row.metric == "purity" and row.genre in view.covers.genres:
        share = view.covers.counts[view.covers.genres.index(row.genre)] / len(view.covers)
    p = row.p_value if row.p_adjusted is None else row.p_adjusted
    return Track(
        label=html.Strong("All genres") if row.genre is None else genre_chip(view, row.genre),
        value=row.value or 0.0,
        low=row.low,
        high=row.high,
        color="var(--text)" if row.genre is None else view.colors.get(row.genre, "var(--accent)"),
        note=html.Span(p_in_words(p), title="Corrected for the number of genres (Benjamini-Hochberg)"),
        reference=share,
    )


def _by_pair(view: View, rows: tuple[Metric, ...]) -> Component:
    pairs = {(row.genre, row.other_genre): row for row in rows if row.metric == "auc" and row.other_genre}
    lead = "AUC of a linear probe between two genres: pale pairs look alike. Click one for the covers on its border."
    if not pairs:
        return section("By pair", empty("Pairs are not measured yet", command="genrescope analyze"), lead=lead)
    genres = sorted({genre for pair in pairs for genre in pair if genre})

    def cell(row: str, column: str) -> Cell | None:
        found = pairs.get((column, row))
        if found is None or found.value is None:
            return None
        interval = f", {found.low:.3f} to {found.high:.3f}" if found.low is not None and found.high is not None else ""
        return Cell(
            text=f"{found.value:.2f}",
            strength=max(0.0, found.value - 0.5) / 0.5 * 0.9,
            href=view.to(pair=(column, row)),
            label=f"{column} and {row}: AUC {found.value:.3f}{interval}",
            current=view.state.pair == (column, row),
        )

    table = matrix(genres[1:], genres[:-1], cell, colors=view.colors, row_title="", column_title="")
    return section("By pair", table, _most_alike(view, pairs), lead=lead)


def _most_alike(view: View, pairs: dict[Any, Metric]) -> Component:
    ranked = sorted((row for row in pairs.values() if row.value is not None), key=lambda row: row.value or 0.0)[:3]
    items = [
        html.Li(
            [
                go(
                    [genre_chip(view, row.genre or ""), " and ", genre_chip(view, row.other_genre or "")],
                    view.to(pair=(row.genre, row.other_genre)),
                ),
                number(row.value, row.low, row.high),
            ]
        )
        for row in ranked
    ]
    return html.Div([html.H3("Most alike"), html.Ul(items)], className="most-alike")


def _border(view: View) -> Component:
    chain = view.chain
    if chain is None or chain.neighbors is None or not set(view.state.pair) <= set(view.covers.genres):
        return None
    first, second = view.state.pair
    sides = []
    for own, other in ((first, second), (second, first)):
        found = results.border(view.workspace, chain.neighbors.run_id, own, other)[:BORDER]
        notes = {cover_id: f"{similarity:.2f}" for cover_id, similarity in found}
        heading = html.H3([dot(view.colors[own]), f"{own} nearest to {other}"])
        none = html.P(f"No {own} cover has a {other} cover among its neighbours.", className="quiet")
        sides.append(html.Div([heading, grid(view, notes, notes=notes, small=True) if notes else none]))
    return section(
        f"On the border of {first} and {second}",
        html.Div(sides, className="columns even"),
        lead="Covers by cosine similarity to their nearest cover of the other genre.",
        aside=go("Both on the map", view.to("/map", genres=(first, second), pair=()), className="button"),
        name="border",
    )


def _agreement(rows: tuple[Metric, ...]) -> Component:
    found = {row.metric: row for row in rows if row.metric in AGREEMENT and row.genre is None}
    if not found:
        return None
    cells = [
        html.Div([html.Dt(title), html.Dd(number(found[key].value, found[key].low, found[key].high))])
        for key, title in AGREEMENT.items()
        if key in found
    ]
    lead = "Whether groups found without labels are genres: 1 is the same partition, 0 is chance."
    return section("Clusters against genres", html.Dl(cells, className="facts"), lead=lead)
