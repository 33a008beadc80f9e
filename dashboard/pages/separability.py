"""Separability: which genres, and which pairs of them, separate in an embedding, and how sure that is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from dash import Dash, Input, Output, html

from analysis.figures.foremost import SHOWN
from analysis.separability.pure.paired import PAIRED
from dashboard.parts.answering.answer import HELD_FIXED, answer, too_small
from dashboard.parts.answering.dependence import depends
from dashboard.parts.answering.league import league
from dashboard.parts.behind.agreeing import agreeing
from dashboard.parts.behind.controls import only_color
from dashboard.parts.behind.growth import growth
from dashboard.parts.behind.kinship import in_order, kinship, order_choice
from dashboard.parts.behind.membership import membership
from dashboard.parts.components import (
    Component,
    dot,
    embedding_menu,
    empty,
    genre_chip,
    go,
    grid,
    more,
    number,
    p_in_words,
    section,
    segmented,
)
from dashboard.parts.drawn.chosen import chosen, of_how_many
from dashboard.parts.drawn.matrix import Cell, matrix
from dashboard.parts.drawn.tracks import Track, track_of, track_table
from dashboard.parts.many import few, finder, in_line, register_finder
from dashboard.reading import chains, queries, results
from dashboard.reading.behind import kin
from dashboard.reading.queries import Metric
from dashboard.state.view import View, view
from data.store.runs import Run
from data.store.workspace import Workspace

PATH, TITLE, VIEW = "/separability", "Separability", "view-separability"
BORDER = 24
LEVEL = 0.05

METRICS = {
    "separability": ("Separability", "How far a probe that ranks unseen covers gets from chance (0) to perfect (1)."),
    "purity_above_chance": ("Purity", "Share of a cover's neighbours that carry its genre; 0 is chance, 1 is all."),
    "silhouette": ("Silhouette", "Nearness to its own genre against the nearest other one: below 0 is outside."),
}
AGREEMENT = {
    "ari": "Adjusted Rand",
    "ami": "Adjusted mutual information",
    "homogeneity": "Homogeneity",
    "completeness": "Completeness",
    "v_measure": "V-measure",
}


def layout() -> html.Div:
    """The page before its callbacks fill it."""
    return html.Div(
        [html.Div(finder("separability"), className="finding"), html.Div(id="separability", className="sections")],
        className="page",
    )


def register(app: Dash, workspace: Workspace) -> None:
    """Callbacks of the page."""
    register_finder(app, workspace, "separability", PATH, VIEW)

    @app.callback(Output("separability", "children"), Input(VIEW, "data"))
    def show(search: str | None) -> Any:
        return _show(view(workspace, PATH, search))


def _show(view: View) -> Any:
    found = chains.chains(view.workspace)
    if not found:
        return empty("No embedding yet", "Separability is measured in one.", command="genrescope embed --encoder color")
    run = found[0].separability if view.chain is None else view.chain.separability
    choice = html.Div([embedding_menu(view), _measures(view)], className="controls")
    league_of = html.Div(league(view, found))
    if run is None:
        return [choice, empty("This embedding is not measured yet", command="genrescope analyze"), league_of]
    rows = queries.metrics(view.workspace, run.run_id)
    return [
        html.Div([choice, answer(view, run)], className="headline"),
        html.Div([_by_genre(view, rows), _by_pair(view, run, rows)], className="columns"),
        _border(view) if view.state.pair else None,
        section("Embeddings", league_of, lead="Mean over genres with its 95 % interval, highest first."),
        more("Is it only colour?", only_color(view, run)),
        more("Covers in several genres", membership(view, run)),
        more("Which genres are kin", kinship(view, run)),
        more("What the answer depends on", depends(view, run)),
        more("Would more covers help", growth(view)),
        more("Do embeddings agree", agreeing(view)),
        more("Clusters against genres", _agreement(rows)),
    ]


def _measures(view: View) -> Component:
    name = view.state.metric if view.state.metric in METRICS else "separability"
    return segmented("Measure", [(key, METRICS[key][0], view.to(metric=key)) for key in METRICS], name)


def _by_genre(view: View, rows: tuple[Metric, ...]) -> Component:
    name = view.state.metric if view.state.metric in METRICS else "separability"
    title, meaning = METRICS[name]
    known = [row for row in rows if row.metric == name and row.other_genre is None and row.value is not None]
    overall = [_track(view, row) for row in known if row.genre is None]
    genres = sorted((row for row in known if row.genre), key=lambda row: -(row.value or 0))
    shown, rest = few(view, genres, lambda row: row.genre or "")
    chart = track_table([*overall, *(_track(view, row) for row in shown)], reference=0.0, digits=2)
    small = in_line(view, too_small(view), genre_chip)
    return section(
        "By genre",
        chart if known else empty(f"{title} is not measured yet", command="genrescope analyze"),
        rest,
        html.P(["Too small for a claim: ", *small], className="quiet fine small") if small else None,
        html.P(HELD_FIXED, className="quiet fine"),
        lead=meaning if name == "separability" else f"{meaning} The answer above is by separability.",
    )


def _track(view: View, row: Metric) -> Track:
    p = row.p_value if row.p_adjusted is None else row.p_adjusted
    notes = [html.Span(_place(row), title="Between which ranks it stands, all genres at once")] if row.rank_low else []
    if p is not None and p >= LEVEL:
        notes.append(html.Span(f"may be chance, {p_in_words(p)}", title="No more than chance is shown"))
    return track_of(view, row, notes=notes)


def _place(row: Metric) -> str:
    low, high = row.rank_low, row.rank_high
    return f"place {low}" if low == high else f"place {low} to {high}"


def _by_pair(view: View, run: Run, rows: tuple[Metric, ...]) -> Component:
    pairs = {(row.genre, row.other_genre): row for row in rows if row.metric == "separability" and row.other_genre}
    lead = "How far a probe tells two genres apart: pale pairs look alike. Click one for the covers on its border."
    if not pairs:
        return section("By pair", empty("Pairs are not measured yet", command="genrescope analyze"), lead=lead)
    tree = kin.kinship(view.workspace, run)
    paired = sorted({genre for pair in pairs for genre in pair if genre})
    if len(paired) > SHOWN:  # those too small for any pair would be empty rows
        paired = sorted({genre for pair, row in pairs.items() if row.value is not None for genre in pair if genre})
    shown = chosen(view, paired, _likeness(paired, pairs))
    genres = in_order(view, shown, tree)
    place = {genre: i for i, genre in enumerate(genres)}

    def cell(row: str, column: str) -> Cell | None:
        found = pairs.get((column, row)) or pairs.get((row, column))
        if found is None or found.value is None or place[column] >= place[row]:
            return None
        interval = f", {found.low:.2f} to {found.high:.2f}" if found.low is not None and found.high is not None else ""
        return Cell(
            text=f"{found.value:.2f}".replace("-", "−"),
            strength=max(0.0, found.value) * 0.9,
            href=view.to(pair=(found.genre, found.other_genre)),
            label=f"{found.genre} and {found.other_genre}: separability {found.value:.2f}{interval}",
            current=view.state.pair == (found.genre, found.other_genre),
        )

    table = matrix(genres[1:], genres[:-1], cell, colors=view.colors, row_title="", column_title="")
    cut = of_how_many(view, shown, paired)
    choice = order_choice(view, tree, cut=bool(cut))
    return section(
        "By pair", table, _most_alike(view, pairs), _unpaired(view, paired), lead=f"{lead}{cut}", aside=choice
    )


def _likeness(genres: Sequence[str], pairs: dict[Any, Metric]) -> np.ndarray:
    """How alike genres are, (c, c): the negated separability of each pair that has one."""
    place = {genre: i for i, genre in enumerate(genres)}
    found = np.full((len(genres), len(genres)), np.nan)
    for (first, second), row in pairs.items():
        if row.value is not None:
            found[place[first], place[second]] = -row.value
    return found


def _unpaired(view: View, paired: Sequence[str]) -> Component:
    """That of very many genres only some are measured in pairs."""
    if len(view.covers.genres) <= SHOWN:
        return None
    most = f" among the {PAIRED} with the most groups" if len(view.covers.genres) > PAIRED else ""
    of = f"{len(paired):,} of {len(view.covers.genres):,} genres"
    said = f"Pairs are measured{most} where both have groups enough: {of}."
    return html.P(said, className="quiet fine")


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
    if chain is None or chain.separability is None or not set(view.state.pair) <= set(view.covers.genres):
        return None
    first, second = view.state.pair
    sides = []
    for own, other in ((first, second), (second, first)):
        found = results.border(view.workspace, chain.separability.run_id, own, other)[:BORDER]
        notes = {cover_id: f"{similarity:.2f}" for cover_id, similarity in found}
        heading = html.H3([dot(view.colors[own]), f"{own} nearest to {other}"])
        none = html.P(f"No {own} cover has a {other} cover among its neighbours.", className="quiet")
        sides.append(html.Div([heading, grid(view, notes, notes=notes, small=True) if notes else none]))
    return section(
        f"On the border of {first} and {second}",
        html.Div(sides, className="columns even"),
        lead="Covers by cosine similarity to their nearest cover of the other genre, copies left out.",
        aside=go("Both on the map", view.to("/map", genres=(first, second), pair=()), className="button"),
        name="border",
    )


def _agreement(rows: tuple[Metric, ...]) -> list[Component]:
    found = {row.metric: row for row in rows if row.metric in AGREEMENT and row.genre is None}
    cells = [
        html.Div([html.Dt(title), html.Dd(number(found[key].value, found[key].low, found[key].high))])
        for key, title in AGREEMENT.items()
        if key in found
    ]
    lead = "Whether groups found without labels are genres: 1 is the same partition, 0 chance; clusters are held fixed."
    return [html.P(lead, className="lead"), html.Dl(cells, className="facts")] if cells else []
