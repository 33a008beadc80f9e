"""Classifiers: who mistakes what for what, with which covers; and whether one classifier really beats another."""

from typing import Any

from dash import Dash, Input, Output, html

from dashboard.parts.components import (
    Component,
    counted,
    empty,
    genre_chip,
    go,
    menu,
    number,
    paged_grid,
    section,
    segmented,
)
from dashboard.parts.duel import disagreement, duel
from dashboard.parts.matrix import Cell, matrix
from dashboard.parts.tracks import Track, track_table
from dashboard.reading import chains, results
from dashboard.reading.results import Score, score_of
from dashboard.state.view import View, view
from data.store.runs import Run
from data.store.workspace import Workspace

PATH, TITLE, VIEW = "/classifiers", "Classifiers", "view-classifiers"

# (metric, title, what it says)
METRICS = (
    ("accuracy", "Accuracy", "share of covers told right"),
    ("balanced_accuracy", "Balanced accuracy", "mean recall over genres"),
    ("macro_f1", "Macro F1", "mean F1 over genres"),
    ("weighted_f1", "Weighted F1", "mean F1, weighted by genre size"),
    ("top3", "Top 3", "share of covers whose genre is among the three likeliest"),
    ("log_loss", "Log loss", "lower is better"),
    ("calibration_error", "Calibration error", "gap between confidence and accuracy; lower is better"),
)


def layout() -> html.Div:
    """The page before its callbacks fill it: intervals take a moment, so they come apart from the matrix."""
    waiting = html.P("Resampling for the intervals …", className="quiet")
    return html.Div(
        [
            html.Div(id="classifiers-choice", className="toolbar"),
            html.Div(
                [
                    html.Div(id="classifiers-confusion"),
                    html.Div(waiting, id="classifiers-scores", className="sections"),
                ],
                className="columns confusion",
            ),
            html.Div(id="classifiers-duel", className="sections"),
            html.Div(id="classifiers-cell"),
        ],
        className="page sections classifiers",
    )


def register(app: Dash, workspace: Workspace) -> None:
    """Callbacks of the page."""

    @app.callback(
        Output("classifiers-choice", "children"),
        Output("classifiers-confusion", "children"),
        Output("classifiers-cell", "children"),
        Input(VIEW, "data"),
    )
    def show(search: str | None) -> tuple[Any, ...]:
        here = view(workspace, PATH, search)
        runs = _ranked(here)
        if not runs:
            command = "genrescope train --classifier logistic"
            return None, None, empty("No classifier yet", "Train one on an embedding.", command=command)
        first, other = _chosen(here, runs)
        controls = html.Div(_choices(here, runs, first, other), className="controls")
        return controls, _confusion(here, first), _cell(here, first)

    @app.callback(Output("classifiers-scores", "children"), Output("classifiers-duel", "children"), Input(VIEW, "data"))
    def show_scores(search: str | None) -> tuple[Any, ...]:
        here = view(workspace, PATH, search)
        runs = _ranked(here)
        if not runs:
            return None, None
        first, other = _chosen(here, runs)
        metrics = _metrics(here, first, other)
        if other is None:
            return [_by_genre(here, first), metrics], None
        return metrics, [duel(here, first, other), disagreement(here, first, other)]


def _ranked(view: View) -> list[Run]:
    """Classifier runs, the most accurate first."""
    runs = chains.classifiers(view.workspace)
    return sorted(runs, key=lambda run: -results.accuracy(view.workspace, run.run_id))


def _chosen(view: View, runs: list[Run]) -> tuple[Run, Run | None]:
    """The classifier looked at, by default the best, and the one it is compared with, by default none."""
    first = next((run for run in runs if run.run_id == view.state.classifier), runs[0])
    return first, next((run for run in runs if run.run_id == view.state.other and run != first), None)


def _choices(view: View, runs: list[Run], first: Run, other: Run | None) -> list[Any]:
    def options(exclude: Run | None, **changes: str) -> list[tuple[str, str, str, str]]:
        name = next(iter(changes))
        return [
            (
                run.run_id,
                chains.classifier_label(run),
                f"accuracy {results.accuracy(view.workspace, run.run_id):.3f}",
                view.to(**{name: run.run_id}, only=""),
            )
            for run in runs
            if run != exclude
        ]

    none = ("", "no other", "", view.to(other="", only=""))
    return [
        menu("Classifier", options(None, classifier=""), first.run_id),
        menu("Compare with", [none, *options(first, other="")], other.run_id if other else ""),
    ]


def _confusion(view: View, run: Run) -> Component:
    found = results.predictions(view.workspace, run.run_id)
    counts = results.confusion(view.workspace, run.run_id)
    totals = counts.sum(axis=1)
    shares = view.state.values == "shares"
    place = {genre: i for i, genre in enumerate(found.classes)}

    def cell(truth: str, predicted: str) -> Cell:
        count, total = int(counts[place[truth], place[predicted]]), int(totals[place[truth]])
        share = count / total if total else 0.0
        return Cell(
            text=f"{share:.0%}" if shares and count else f"{count:,}",
            strength=share,
            href=view.to(pair=(truth, predicted), only="", shown=120) if count else "",
            label=f"{count:,} {truth} covers predicted {predicted}, {share:.0%} of {truth}",
            kind="hit" if truth == predicted else "miss" if count else "zero",
            current=view.state.pair == (truth, predicted),
        )

    choice = [("counts", "Counts", view.to(values="counts")), ("shares", "Shares", view.to(values="shares"))]
    table = matrix(
        found.classes, found.classes, cell, colors=view.colors, row_title="true ↓", column_title="predicted →"
    )
    return section(
        "Confusion",
        table,
        lead=f"{len(found.cover_ids):,} covers of the test side. A cell opens the covers in it.",
        aside=segmented("Values", choice, "shares" if shares else "counts"),
    )


def _cell(view: View, run: Run) -> Component:
    """The covers in the cell of the matrix that is chosen, the surest first."""
    if not view.state.pair:
        shown = results.surest_errors(view.workspace, run.run_id)
        title: Any = "Surest errors"
        lead = "Under each cover its own genre, how sure the classifier was, and what it took it for."
    else:
        truth, predicted = view.state.pair
        shown = results.cell(view.workspace, run.run_id, truth, predicted)
        title = [genre_chip(view, truth), " predicted ", genre_chip(view, predicted)]
        lead = f"{counted(len(shown), 'cover')}, the surest first, with the probability it gave."
    notes = {cover_id: f"{probability:.0%}" for cover_id, _, probability in shown}
    taken_for = {} if view.state.pair else {cover_id: genre for cover_id, genre, _ in shown}
    close = go("Surest errors", view.to(pair=()), className="button") if view.state.pair else None
    body = (
        paged_grid(view, list(notes), notes=notes, taken_for=taken_for) if notes else empty("No cover is in this cell")
    )
    return section(title, body, lead=lead, aside=close, name="cell")


def _by_genre(view: View, run: Run) -> Component:
    scores = results.scores(view.workspace, run.run_id)
    rows = sorted((row for row in scores if row.metric == "recall" and row.genre), key=lambda row: -row.value)
    tracks = [_recall(view, scores, row) for row in rows]
    lead = "Recall: the share of a genre's covers told right, with its 95 % interval. Beside it precision and F1."
    return section("By genre", track_table(tracks, lowest=0.0, highest=1.0), lead=lead)


def _recall(view: View, scores: tuple[Score, ...], row: Score) -> Track:
    others = [(name, score_of(scores, name, row.genre)) for name in ("precision", "f1")]
    texts = [f"{name.replace('f1', 'F1')} {found.value:.2f}" for name, found in others if found]
    support = score_of(scores, "support", row.genre)
    if support:
        texts.append(f"{support.value:,.0f} covers")
    genre = row.genre or ""
    return Track(
        label=genre_chip(view, genre),
        value=row.value,
        low=row.low,
        high=row.high,
        color=view.colors.get(genre, "var(--accent)"),
        note=[html.Span(text) for text in texts],
    )


def _metrics(view: View, first: Run, other: Run | None) -> Component:
    columns = [run for run in (first, other) if run]
    scores = [results.scores(view.workspace, run.run_id) for run in columns]
    head = [
        html.Th("Metric"),
        *(html.Th(chains.classifier_label(run), className="number") for run in columns),
        html.Th(),
    ]
    rows = []
    for metric, title, meaning in METRICS:
        found = [score_of(each, metric) for each in scores]
        if not any(found):
            continue
        cells = [html.Td(number(s.value, s.low, s.high) if s else number(None), className="number") for s in found]
        rows.append(html.Tr([html.Td(title), *cells, html.Td(meaning, className="quiet")]))
    facts = first.results
    lead = f"Over all, with 95 % intervals. Trained on {facts['train']:,} covers, tested on {facts['test']:,}."
    return section("Metrics", html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers"), lead=lead)
