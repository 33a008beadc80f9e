"""Covers in several genres: each genre as a question of yes or no, beside the figure by the primary genre."""

from dash import html

from dashboard.parts.answering.answer import with_chips
from dashboard.parts.components import Component, number
from dashboard.parts.drawn.tracks import Track, track_of, track_table
from dashboard.parts.many import few
from dashboard.reading import queries
from dashboard.reading.behind import kin
from dashboard.reading.queries import Metric
from dashboard.state.view import View
from data.store.runs import Run

NAME = "membership_separability"


def membership(view: View, run: Run) -> list[Component]:
    """What `more` opens; nothing where no cover has several genres."""
    found = kin.membership(view.workspace, run)
    if found is None:
        return []
    from analysis.separability.memberships import said

    rows = [row for row in queries.metrics(view.workspace, found.run_id) if row.metric == NAME]
    strict = {row.genre: row for row in queries.metrics(view.workspace, run.run_id) if _strict(row)}
    own = [row for row in rows if row.other_genre is None and row.value is not None]
    overall = [row for row in own if row.genre is None]
    genres = sorted((row for row in own if row.genre), key=lambda row: -(row.value or 0))
    shown, rest = few(view, genres, lambda row: row.genre or "")
    tracks = [_track(view, row, strict.get(row.genre)) for row in (*overall, *shown)]
    lead = (
        "How far a probe tells the covers in a genre from those that are not in it; beside it the figure that counts "
        "each cover in its primary genre alone. Identical files have the genres of all of them."
    )
    return [
        html.P(with_chips(view, said(found)), className="lead"),
        track_table(tracks, reference=0.0, digits=2),
        *([rest] if rest else []),
        html.P(lead, className="quiet fine"),
    ]


def _strict(row: Metric) -> bool:
    return row.metric == "separability" and row.other_genre is None


def _track(view: View, row: Metric, strict: Metric | None) -> Track:
    beside = number(strict.value, digits=2) if strict else number(None)
    notes = [html.Span(["strict ", beside], title="Each cover in its primary genre alone")]
    return track_of(view, row, notes=notes)
