"""Why this genre: the covers that taught a classifier and lie nearest to a cover, for what it said and against it."""

from dash import html

from dashboard.parts.components import Component, card, genre_chip
from dashboard.parts.cover.spoken_for import is_network, spoken_for
from dashboard.reading import asking
from dashboard.reading.judged import Judgement
from dashboard.state.view import View
from data.store.runs import Run

SHOWN = 4


def why(view: View, cover_id: int, run: Run, found: Judgement) -> Component:
    """The nearest training covers for and against what a classifier said of a cover; of a network where it looks."""
    if is_network(run):
        return spoken_for(view, cover_id, run, found)
    reasons = asking.reasons(view.workspace, run.run_id, cover_id, k=SHOWN)
    if reasons is None or not reasons.counted:
        return html.P("It does not look at covers by their likeness to others.", className="quiet why")
    said = f"Of the {reasons.counted} training covers nearest to it {reasons.among} are {found.predicted}."
    return html.Div(
        [
            html.P(said, className="quiet"),
            _side(view, ["Speak for ", genre_chip(view, found.predicted)], reasons.speaking_for),
            _side(view, ["Speak against"], reasons.against),
        ],
        className="why",
    )


def _side(view: View, title: list[Component], near: tuple[tuple[int, float], ...]) -> Component:
    if not near:
        return None
    cards = [card(view, cover_id, note=f"{similarity:.2f}") for cover_id, similarity in near]
    return html.Div([html.H4(title), html.Div(cards, className="grid small")])
