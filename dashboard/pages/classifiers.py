"""Classifiers: who mistakes what for what, with which covers; and whether one classifier really beats another."""

from typing import Any

from dash import Dash, Input, Output, dcc, html

from dashboard.parts.answering.answer import large, with_chips
from dashboard.parts.classifiers.confusion import confusion, covers_told
from dashboard.parts.classifiers.disagreement import disagreement, matrix_of_differences
from dashboard.parts.classifiers.duel import answer_of, beside, duel, in_figures
from dashboard.parts.classifiers.learning import SECONDS, learning, still_learning
from dashboard.parts.classifiers.scoreboard import (
    answer_in_words,
    best_and_worst,
    by_genre,
    how_judged,
    members_in_words,
    metrics,
)
from dashboard.parts.classifiers.sure import how_sure
from dashboard.parts.components import Component, empty, menu, more
from dashboard.parts.many import finder, register_finder
from dashboard.reading import chains, judged
from dashboard.state.view import View, view
from data.errors import GenrescopeError
from data.store.runs import Run
from data.store.workspace import Workspace

PATH, TITLE, VIEW = "/classifiers", "Classifiers", "view-classifiers"


def layout() -> html.Div:
    """The page before its callbacks fill it: intervals take a moment, so they come apart from the matrix."""
    waiting = html.P("Resampling for the intervals …", className="quiet")
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [html.Div(id="classifiers-choice", className="controls"), finder("classifiers")],
                        className="controls",
                    ),
                    html.Div(waiting, id="classifiers-answer"),
                ],
                className="headline",
            ),
            html.Div(
                [html.Div(id="classifiers-confusion"), html.Div(id="classifiers-scores")],
                className="columns confusion",
            ),
            html.Div(id="classifiers-duel", className="sections"),
            html.Div(id="classifiers-learning", className="sections"),
            html.Div(id="classifiers-cell"),
            dcc.Interval(id="classifiers-clock", interval=1000 * SECONDS, disabled=True),
            html.Div(id="classifiers-more", className="sections"),
        ],
        className="page sections classifiers",
    )


def register(app: Dash, workspace: Workspace) -> None:
    """Callbacks of the page."""
    register_finder(app, workspace, "classifiers", PATH, VIEW)

    @app.callback(
        Output("classifiers-choice", "children"),
        Output("classifiers-confusion", "children"),
        Output("classifiers-cell", "children"),
        Input(VIEW, "data"),
    )
    def show(search: str | None) -> tuple[Any, ...]:
        here = view(workspace, PATH, search)
        runs = judged.ranked(here.workspace, also=(here.state.classifier, here.state.other))
        if not runs:
            command = "genrescope train --classifier logistic"
            return None, None, empty("No classifier yet", "Train one on an embedding.", command=command)
        first, other = _chosen(here, runs)
        covers = covers_told(here, first) if other is None or here.state.pair else None
        return _choices(here, runs, first, other), confusion(here, first, named=other is not None), covers

    @app.callback(
        Output("classifiers-learning", "children"),
        Output("classifiers-clock", "disabled"),
        Input(VIEW, "data"),
        Input("classifiers-clock", "n_intervals"),
    )
    def show_learning(search: str | None, _: int | None) -> tuple[Any, bool]:
        here = view(workspace, PATH, search)
        return learning(here), not still_learning(workspace)

    @app.callback(
        Output("classifiers-answer", "children"),
        Output("classifiers-scores", "children"),
        Output("classifiers-duel", "children"),
        Output("classifiers-more", "children"),
        Input(VIEW, "data"),
    )
    def show_scores(search: str | None) -> tuple[Any, ...]:
        here = view(workspace, PATH, search)
        runs = judged.ranked(here.workspace, also=(here.state.classifier, here.state.other))
        if not runs:
            return None, None, None, None
        first, other = _chosen(here, runs)
        return _of_one(here, first) if other is None else _of_two(here, first, other)


def _chosen(view: View, runs: list[Run]) -> tuple[Run, Run | None]:
    """The classifier looked at, by default the best, and the one it is compared with, by default none."""
    first = next((run for run in runs if run.run_id == view.state.classifier), runs[0])
    return first, next((run for run in runs if run.run_id == view.state.other and run != first), None)


def _choices(view: View, runs: list[Run], first: Run, other: Run | None) -> list[Any]:
    def options(runs: list[Run], **changes: str) -> list[tuple[str, str, str, str]]:
        name = next(iter(changes))
        return [
            (
                run.run_id,
                chains.classifier_label(view.workspace, run),
                f"balanced accuracy {judged.balanced_accuracy(view.workspace, run):.3f}",
                view.to(**{name: run.run_id}, only=""),
            )
            for run in runs
        ]

    # One judged out of fold and one on a hold-out have nothing to be compared by.
    out_of_fold = chains.out_of_fold(view.workspace, first)
    others = [run for run in runs if run != first and chains.out_of_fold(view.workspace, run) == out_of_fold]

    titles = {run.run_id: chains.classifier_title(view.workspace, run) for run in runs}
    none = ("", "no other", "", view.to(other="", only=""))
    return [
        menu("Classifier", options(runs, classifier=""), first.run_id, titles=titles),
        menu("Compare with", [none, *options(others, other="")], other.run_id if other else "", titles=titles),
    ]


def _of_one(view: View, run: Run) -> tuple[Any, ...]:
    """Answer, scores, nothing of a duel, and what opens on demand."""
    rests_on = best_and_worst(view, run) + how_judged(view.workspace, run) + members_in_words(run)
    answer = _answer(view, answer_in_words(view, run), rests_on)
    opened = [more("All metrics", [metrics(view, [run])]), more("How sure its predictions are", how_sure(view, run))]
    return answer, by_genre(view, run), None, opened


def _of_two(view: View, first: Run, other: Run) -> tuple[Any, ...]:
    try:
        found = judged.comparison(view.workspace, first.run_id, other.run_id)
    except GenrescopeError as error:
        return html.P(str(error), className="lead"), by_genre(view, first), None, None
    opened = [
        more("Recall, precision and predicted share by genre", [beside(view, first, other)]),
        more("Where the two matrices differ", matrix_of_differences(view, first, other)),
        more("All metrics", [metrics(view, [first, other])]),
    ]
    answer = _answer(view, answer_of(view.workspace, first, other, found.primary().iloc[0]), in_figures(found))
    return answer, duel(view, first, other), disagreement(view, first, other), opened


def _answer(view: View, sentence: str, lead: str) -> Component:
    return html.Div([large(view, sentence), html.P(with_chips(view, lead), className="lead")])
