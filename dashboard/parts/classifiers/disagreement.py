"""Where two classifiers disagree: how their errors overlap, with which covers, and in which cells of the matrix."""

from typing import Any

import numpy as np
from dash import html

from analysis.evaluation.comparing.of_many import MOST
from dashboard.parts.behind.kinship import in_order
from dashboard.parts.classifiers.duel import short_names
from dashboard.parts.components import Component, go, paged_grid, section, signed
from dashboard.parts.drawn.chosen import chosen, of_how_many
from dashboard.parts.drawn.matrix import Cell, matrix
from dashboard.reading import judged
from dashboard.reading.behind import kin
from dashboard.state.view import View
from data.store.runs import Run


def disagreement(view: View, first: Run, second: Run) -> Component:
    """How the errors of the two overlap, in a line, and the covers that only one got right when asked for."""
    from analysis.evaluation.words import overlap_in_words

    names = short_names(first, second)
    overlap = judged.comparison(view.workspace, first.run_id, second.run_id).overlap.iloc[0]
    body = None
    if view.state.only in ("first", "second"):
        winner, loser = (first, second) if view.state.only == "first" else (second, first)
        found = judged.only_right(view.workspace, winner.run_id, loser.run_id)
        body = paged_grid(view, list(found), taken_for=found)
    links = [
        go(f"Only {name} right", view.to(only=side, pair=(), shown=120), current=view.state.only == side)
        for side, name in zip(("first", "second"), names, strict=True)
    ]
    return section(
        "Where they disagree",
        html.P(
            "Where they differ most first; under each cover its own genre, and what the other one took it for.",
            className="quiet fine",
        )
        if body
        else None,
        body,
        lead=overlap_in_words(overlap, *names),
        aside=html.Div(links, className="segmented"),
    )


def matrix_of_differences(view: View, first: Run, second: Run) -> list[Component]:
    """The first confusion matrix less the second, in points of a genre's covers; pale where that may be nothing."""
    names = short_names(first, second)
    table = judged.comparison(view.workspace, first.run_id, second.run_id).matrix
    if table.empty:
        text = f"Cells are compared of up to {MOST} genres: look at the matrix of each."
        return [html.P(text, className="quiet")]
    cells = {(row.genre, row.predicted): row for row in table.itertuples()}
    largest = float(table.difference.abs().max()) or 1.0
    tree = kin.kinship_in(view.workspace, first.results["embedding"])
    genres, said = list(dict.fromkeys(table.genre)), list(dict.fromkeys(table.predicted))
    shown = chosen(view, said, _sizes(table, said))

    def cell(truth: str, predicted: str) -> Cell:
        return _cell(view, cells[truth, predicted], names, largest)

    drawn = matrix(
        in_order(view, [genre for genre in shown if genre in genres], tree),
        in_order(view, shown, tree),
        cell,
        colors=view.colors,
        row_title="true ↓",
        column_title="predicted →",
    )
    lead = (
        f"Points of a genre's covers that {names[0]} puts into a cell more often than {names[1]}, or less often. Pale "
        f"where the interval of that cell holds 0; a cell opens its covers.{of_how_many(view, shown, said)}"
    )
    return [html.P(lead, className="lead"), drawn]


def _sizes(table: Any, said: list[str]) -> np.ndarray:
    """How large the differences are, (c, c) of all genres said."""
    sizes = np.full((len(said), len(said)), np.nan)
    place = {genre: code for code, genre in enumerate(said)}
    sizes[table.genre.map(place), table.predicted.map(place)] = table.difference.abs()
    return sizes


def _cell(view: View, row: Any, names: tuple[str, str], largest: float) -> Cell:
    shown = row.low > 0 or row.high < 0
    points = signed(100 * row.difference, digits=0)
    good = (row.difference > 0) == (row.genre == row.predicted)
    interval = f"{signed(100 * row.low, digits=1)} to {signed(100 * row.high, digits=1)}"
    return Cell(
        text=points,
        strength=0.85 * abs(row.difference) / largest if shown else 0.0,
        href=view.to(pair=(row.genre, row.predicted), only="", shown=120),
        label=f"{row.genre} predicted {row.predicted}: {names[0]} {row.a:.1%}, {names[1]} {row.b:.1%}, "
        f"difference {signed(100 * row.difference, digits=1)} points, {interval}",
        kind=("hit" if good else "miss") if shown else "open",
        current=view.state.pair == (row.genre, row.predicted),
    )
