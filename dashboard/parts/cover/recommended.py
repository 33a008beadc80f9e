"""Recommendations: what is liked and disliked, the ranked covers with their reasons, and how good such lists are."""

from typing import Any

from dash import html

from dashboard.parts.components import (
    Component,
    aria,
    card,
    empty,
    go,
    known_cover,
    more,
    number,
    section,
    segmented,
    thumbnail,
    title_of,
)
from dashboard.reading import recommended as reading
from dashboard.state.urls import judged
from dashboard.state.view import View
from data.errors import GenrescopeError
from data.store.runs import Run

SIDES = {"liked": "Liked", "disliked": "Disliked"}
VERBS = {"liked": "Like", "disliked": "Dislike"}
# Measures of an evaluation's table, with the digits that say something.
MEASURED = {
    "precision": ("Right", 3),
    "recall": ("Recall", 3),
    "ndcg": ("nDCG", 3),
    "mrr": ("MRR", 3),
    "coverage": ("Coverage", 2),
    "diversity": ("Diversity", 2),
    "novelty": ("Novelty", 1),
    "hubs": ("Hubs", 1),
}


def judging(view: View, cover_id: int) -> Component:
    """The panel's choice: this cover is liked, disliked or neither; and the way to what is recommended."""
    state = view.state
    links = [
        go(verb, view.to(**judged(state, cover_id, side)), current=cover_id in getattr(state, side))
        for side, verb in VERBS.items()
    ]
    ask = go(
        "Recommendations", view.to("/search", cover=None, why="", query="", words="", written="", boxes=""), drop=True
    )
    return html.Div(
        [html.Div(links, className="segmented", role="group", **aria(label="Taste")), ask if state.liked else None],
        className="judging",
    )


def recommended(view: View) -> Component:
    """What is liked, and what is recommended by it; None where nothing is liked or disliked."""
    state, chain = view.state, view.chain
    if not (state.liked or state.disliked):
        return None
    taste = html.Div([_side(view, side) for side in SIDES if getattr(state, side)], className="taste")
    if chain is None:
        return empty("No embedding yet", "Covers are compared in one.", command="genrescope embed --encoder color")
    options = [("", "All", view.to(across="")), ("genres", "Other than liked", view.to(across="genres"))]
    lead = (
        "Near to what you like as a whole (the number is cosine similarity), away from what you do not like, unlike "
        "each other, and of no group of the covers you named. Under each the liked cover that it is nearest to."
    )
    return section(
        f"Recommended in {chain.label}",
        taste,
        _ranked(view),
        lead=lead,
        aside=segmented("Genres", options, state.across if state.across == "genres" else ""),
        name="recommendations",
    )


def _side(view: View, side: str) -> Component:
    """The covers of one side, each with a link that takes it off."""
    picks = []
    for cover_id in getattr(view.state, side):
        known = known_cover(view, cover_id) is not None
        title = title_of(view, cover_id) if known else f"cover {cover_id}"
        picture = go(thumbnail(view, cover_id), view.to(cover=cover_id), label=title) if known else html.Span(title)
        off = go(
            "×", view.to(**judged(view.state, cover_id, side)), label=f"No longer {side}: {title}", className="off"
        )
        picks.append(html.Span([picture, off], className="pick", title=title))
    return html.Div([html.Span(SIDES[side], className="label"), *picks], className=side)


def _ranked(view: View) -> Component:
    state, chain = view.state, view.chain
    assert chain is not None
    try:
        across = state.across == "genres"
        found = reading.recommended(view.workspace, chain, state.liked, state.disliked, across_genres=across)
    except GenrescopeError as error:
        return empty("Nothing can be recommended", str(error))
    if not found:
        return empty("No cover is left", "All others are of the groups or genres of what you named.")
    return html.Ol([_reasoned(view, each) for each in found], className="grid recommended")


def _reasoned(view: View, found: Any) -> Component:
    """A recommended cover over its reason."""
    away = "" if found.disliked is None else f"; to {title_of(view, found.disliked)} {found.similarity_to_disliked:.2f}"
    title, near = title_of(view, found.near_to), f"{found.similarity:.2f}"
    parts = [thumbnail(view, found.near_to), html.Span(title, className="name"), html.Span(near, className="note")]
    reason = html.Span(parts, className="reason", title=f"near to {title} {near}{away}")
    return html.Li([card(view, found.cover_id, note=f"{found.score:.2f}"), reason])


def evaluated(view: View) -> Component:
    """How good an embedding's lists are, opening on demand; or the command that measures it."""
    chain = view.chain
    if chain is None:
        return None
    runs = reading.evaluations(view.workspace, chain)
    title = f"How good are recommendations in {chain.label}?"
    if not runs:
        command = f"genrescope evaluate-recommendations --embedding {chain.embedding.name}"
        return more(title, [empty("Not measured yet", command=command)])
    return more(title, [_evaluation(view, run) for run in runs])


def _evaluation(view: View, run: Run) -> Component:
    """Sentences, a row a recommender over all, and what is right by the genre of the liked cover."""
    rows = reading.figures(view.workspace, run.run_id)
    overall = {(row.measure, row.recommender): row for row in rows[rows.genre.isna()].itertuples()}
    right = rows[(rows.measure == "precision") & rows.genre.notna()]
    by_genre = {(row.genre, row.recommender): row for row in right.itertuples()}
    names = run.results["recommenders"]
    genres = sorted(right.genre.unique())[:40]
    text = [html.P(each) for each in reading.said(view.workspace, run.run_id)]
    head = ["", *(label for label, _ in MEASURED.values())]
    lines = [
        [_called(name), *(_cell(overall.get((each, name)), MEASURED[each][1]) for each in MEASURED)] for name in names
    ]
    columns = ["Right, by genre", *map(_called, names)]
    genre_lines = [[genre, *(_cell(by_genre.get((genre, name)), 2) for name in names)] for genre in genres]
    return html.Div(
        [
            html.H3(f"By {run.results['relevant']}"),
            html.Div(text, className="lead"),
            _table(head, lines),
            _table(columns, genre_lines),
        ],
        className="evaluation",
    )


def _called(name: str) -> str:
    from analysis.recommending.words import called

    return called(name)


def _cell(row: Any, digits: int) -> Component:
    return number(row.value, row.low, row.high, digits=digits) if row else number(None)


def _table(head: list[str], rows: list[list[Any]]) -> Component:
    titles = [html.Th(title, className="number" if place else "") for place, title in enumerate(head)]
    lines = [
        html.Tr([html.Td(cell, className="number" if place else "") for place, cell in enumerate(row)]) for row in rows
    ]
    table = html.Table([html.Thead(html.Tr(titles)), html.Tbody(lines)], className="numbers")
    return html.Div(table, className="scrolled")
