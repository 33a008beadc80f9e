"""The confusion matrix of a classifier, and the covers in a cell of it."""

from typing import Any

import numpy as np

from dashboard.parts.behind.kinship import in_order, order_choice
from dashboard.parts.components import Component, counted, empty, genre_chip, go, paged_grid, section, segmented
from dashboard.parts.drawn.chosen import chosen, of_how_many
from dashboard.parts.drawn.matrix import Cell, matrix
from dashboard.reading import chains, judged
from dashboard.reading.behind import kin
from dashboard.state.view import View
from data.store.runs import Run


def confusion(view: View, run: Run, *, named: bool) -> Component:
    """Covers by true and predicted genre, in counts or shares; `named` says of which classifier."""
    found = judged.predictions(view.workspace, run.run_id)
    counts = judged.confusion(view.workspace, run.run_id)
    totals = counts.sum(axis=1)
    shares = view.state.values == "shares"
    place = {genre: i for i, genre in enumerate(found.classes)}

    def cell(truth: str, predicted: str) -> Cell:
        count, total = counts[place[truth], place[predicted]], totals[place[truth]]
        return _cell(view, truth, predicted, count, count / total if total else 0.0)

    choice = [("counts", "Counts", view.to(values="counts")), ("shares", "Shares", view.to(values="shares"))]
    tree = kin.kinship_in(view.workspace, run.results["embedding"])
    shown = chosen(view, found.classes, np.where(counts > 0, counts, np.nan))
    classes = in_order(view, shown, tree)
    table = matrix(classes, classes, cell, colors=view.colors, row_title="true ↓", column_title="predicted →")
    whose = f" of {chains.classifier_label(view.workspace, run)}" if named else ""
    mean = f", the mean of {found.repeats} times" if found.repeats > 1 else ""
    return section(
        f"Confusion{whose}",
        table,
        lead=f"Covers{mean}. A cell opens its covers.{of_how_many(view, shown, found.classes)}",
        aside=[
            order_choice(view, tree, cut=len(shown) < len(found.classes)),
            segmented("Values", choice, "shares" if shares else "counts"),
        ],
    )


def _cell(view: View, truth: str, predicted: str, count: float, share: float) -> Cell:
    shown = round(count)
    return Cell(
        text=f"{share:.0%}" if view.state.values == "shares" and count else f"{shown:,}",
        strength=share,
        href=view.to(pair=(truth, predicted), only="", shown=120) if count else "",
        label=f"{shown:,} {truth} covers predicted {predicted}, {share:.0%} of {truth}",
        kind="hit" if truth == predicted else "miss" if count else "zero",
        current=view.state.pair == (truth, predicted),
    )


def covers_told(view: View, run: Run) -> Component:
    """The covers in the cell of the matrix that is chosen, else the errors; the surest first."""
    if view.state.pair:
        truth, predicted = view.state.pair
        shown = judged.cell(view.workspace, run.run_id, truth, predicted)
        title: Any = [genre_chip(view, truth), " predicted ", genre_chip(view, predicted)]
        often = "; '2/3' where it was not told so every time" if any(told.repeats > 1 for told in shown) else ""
        lead = f"{counted(len(shown), 'cover')} by the probability given, the surest first{often}."
    else:
        shown = judged.surest_errors(view.workspace, run.run_id)
        title = "Surest errors"
        lead = "Under each cover its own genre, how sure the classifier was, and what it took it for."
    notes = {told.cover_id: told.note for told in shown}
    taken_for = {} if view.state.pair else {told.cover_id: told.predicted for told in shown}
    close = go("Surest errors", view.to(pair=()), className="button") if view.state.pair else None
    body = (
        paged_grid(view, list(notes), notes=notes, taken_for=taken_for) if notes else empty("No cover is in this cell")
    )
    return section(title, body, lead=lead, aside=close, name="cell")
