"""Likely wrong labels: each doubted cover beside covers that lie next to it, with what speaks for another genre."""

from typing import Any

import numpy as np
from dash import html

from analysis.figures.foremost import found_in, strongest
from dashboard.parts.components import Component, card, dot, empty, genre_chip, go, number, section
from dashboard.reading.behind import doubted
from dashboard.state.view import View
from data.store.runs import Run

SHOWN = 12
NEIGHBORS = 4
TITLE = "Labels in doubt"
# Genres that the table of estimates has room for.
ACROSS = 13

Shares = dict[tuple[str, str], tuple[float | None, ...]]


def doubts(view: View) -> Component:
    """The section of the Audit page; what would fill it where there is no run yet."""
    run = doubted.newest(view.workspace, "labels")
    if run is None:
        line = "Which labels do classifiers and neighbours doubt, and is that worth anything here?"
        return section(TITLE, empty("Not looked for yet", line, command="genrescope labels"))
    first, *rest = doubted.sentences(view.workspace, run.run_id)
    found = doubted.doubted(view.workspace, run.run_id)
    shown = found.head(SHOWN * view.state.shown // 120)
    rows = [_doubt(view, row, run) for row in shown.itertuples()]
    parts: list[Component] = [html.P(text, className="lead") for text in rest]
    parts.append(html.Div(rows, className="doubts"))
    if len(found) > len(shown):
        parts.append(go("Show more", view.to(shown=view.state.shown * 4), className="button"))
    parts.append(_estimates(view, run))
    return section(TITLE, *parts, lead=first)


def _doubt(view: View, row: Any, run: Run) -> Component:
    """A doubted cover, why, and its nearest covers."""
    near = doubted.nearest(view.workspace, run, row.cover_id, k=NEIGHBORS)
    return html.Div(
        [
            html.Div(card(view, row.cover_id, taken_for=row.suggested), className="doubted"),
            html.Ul([html.Li(part) for part in _why(view, row)], className="plain reasons"),
            html.Div([card(view, other, note=f"{similarity:.2f}") for other, similarity in near], className="beside"),
        ],
        className="doubt",
    )


def _why(view: View, row: Any) -> list[Component]:
    own = _share(view, row.genre, row.quality)
    why: list[Component] = [
        [html.Strong(f"{row.place}"), html.Span(" of the list", className="quiet")],
        ["Classifier: ", own, ", ", _share(view, row.suggested, row.suggested_probability)],
    ]
    if row.own_share == row.own_share:
        near = [_share(view, row.genre, row.own_share), ", ", _share(view, row.suggested, row.suggested_share)]
        why.append(["Neighbours: ", *near])
    why.append("Both say another genre." if row.agree and row.flagged else "They do not agree.")
    return why


def _share(view: View, genre: str, share: float) -> Component:
    return html.Span([dot(view.colors.get(genre)), f" {genre} {share:.0%}"], className="share")


def _estimates(view: View, run: Run) -> Component:
    """Estimated shares of wrong labels: genres as labelled down, as they would be across; on demand."""
    shares = doubted.wrong_shares(view.workspace, run.run_id)
    labelled = sorted({genre for genre, _ in shares})
    genres, rest = labelled, None
    if len(labelled) > ACROSS or view.state.find:
        places = strongest(_wrong(shares, labelled), count=ACROSS, wanted=_sought(view, labelled))
        genres = [labelled[place] for place in sorted(places)]
        rest = f"{len(genres)} of {len(labelled):,} genres, those most often taken for each other."
    head = [html.Th("Labelled"), html.Th("Wrong", className="number")]
    head += [html.Th(["is ", genre], className="number") for genre in genres]
    rows = [html.Tr([html.Td(genre_chip(view, g)), *_cells(shares, g, genres)]) for g in genres]
    note = "Shares of a genre's covers, by cleanlab's confident joint, with intervals that hold the classifier fixed."
    if not run.results["trusted"]:
        note += " Genres overlap too much here: read it as which genres look alike, not as how many labels are wrong."
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers")
    opened = html.Div(
        [html.P(note, className="quiet"), table, html.P(rest, className="quiet fine")], className="opened"
    )
    return html.Details([html.Summary("Estimates by genre and pair"), opened], className="more")


def _sought(view: View, genres: list[str]) -> list[int]:
    return found_in(view.state.find, genres) if view.state.find else []


def _wrong(shares: Shares, genres: list[str]) -> np.ndarray:
    """The estimated shares of pairs, (c, c), NaN where there is none."""
    place = {genre: i for i, genre in enumerate(genres)}
    found = np.full((len(genres), len(genres)), np.nan)
    for (genre, other), values in shares.items():
        if other in place and values[0]:
            found[place[genre], place[other]] = values[0]
    return found


def _cells(shares: Shares, genre: str, genres: list[str]) -> list[Component]:
    wrong = number(*shares[genre, ""], digits=2)
    others = [number(shares.get((genre, other), (None,))[0], digits=2) for other in genres]
    return [html.Td(cell, className="number") for cell in (wrong, *others)]
