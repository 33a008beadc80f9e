"""Overview: what is in the workspace, what has been found out so far, and what would come next."""

from typing import Any

import numpy as np
from dash import Dash, Input, Output, html

from dashboard.parts.answering.answer import answer, overall_of, too_small
from dashboard.parts.answering.league import league
from dashboard.parts.components import Component, empty, genre_chip, go, more, section, thumbnail, title_of
from dashboard.parts.drawn.tracks import Track, track_table
from dashboard.parts.many import few, finder, many, register_finder
from dashboard.reading import chains, judged, queries
from dashboard.reading.behind import kin
from dashboard.reading.queries import Metric
from dashboard.state.view import View, view
from data.store.runs import Run
from data.store.workspace import Workspace

PATH, TITLE, VIEW = "/", "Overview", "view-overview"
STRIP = 14
# Classifiers that are seen at once.
BEST = 12


def layout() -> html.Div:
    """The page before its callbacks fill it."""
    waiting = html.P("Resampling for the intervals …", className="quiet")
    return html.Div(
        [
            html.Div(id="overview"),
            html.Div([html.Div(finder("overview"), className="finding"), html.Div(id="overview-genres")]),
            html.Div(waiting, id="overview-scores", className="sections"),
        ],
        className="page sections overview",
    )


def register(app: Dash, workspace: Workspace) -> None:
    """Callbacks of the page; scores come apart, since intervals of many classifiers take a moment."""

    register_finder(app, workspace, "overview", PATH, VIEW)

    @app.callback(Output("overview", "children"), Input(VIEW, "data"))
    def show(search: str | None) -> Any:
        here = view(workspace, PATH, search)
        if not len(here.covers):
            return empty("This workspace is empty", "Add covers first.", command="genrescope import SOURCE")
        return [_headline(here), _counts(here)]

    @app.callback(Output("overview-genres", "children"), Input(VIEW, "data"))
    def show_genres(search: str | None) -> Any:
        here = view(workspace, PATH, search)
        return _genres(here) if len(here.covers) else None

    @app.callback(Output("overview-scores", "children"), Input(VIEW, "data"))
    def show_scores(search: str | None) -> Any:
        here = view(workspace, PATH, search)
        return [_embeddings(here), _classifiers(here), _runs(here)] if len(here.covers) else None


def _headline(view: View) -> Component:
    """The answer in a sentence: what may be said of the genres in the best embedding."""
    chain = view.chain
    run = chain.separability if chain else None
    if run is None or chain is None:
        text = "Import, embed and analyze, and the answer stands here: which genres separate by their covers."
        if any(each.measured is not None for each in chains.chains(view.workspace)):
            text = "Other covers count now than were measured. Analyze them, and the answer stands here again."
        return html.Div(html.P(text, className="answer quiet"), className="headline")
    return html.Div([answer(view, run), _average(view, run, chain.label)], className="headline")


def _average(view: View, run: Run, label: str) -> Component:
    """How far the genres separate on average, in the figures of the primary measure."""
    further = go("All genres and pairs", "/separability")
    overall = overall_of(view, run)
    if overall is None or overall.value is None:
        return html.P([f"In {label}, no genre has covers enough to be measured. ", further], className="lead")
    text = f"In {label}, a probe that ranks covers it has not seen comes "
    rest = " of the way from chance (0) to perfect (1), on average over the genres. "
    return html.P([text, html.Strong(_with_interval(overall)), rest, further], className="lead")


def _with_interval(row: Metric) -> str:
    interval = "" if row.low is None or row.high is None else f" ({row.low:.2f} to {row.high:.2f})"
    return f"{row.value:.2f}{interval}"


def _counts(view: View) -> Component:
    figures = [
        ("cover", "covers", len(view.covers), "/map"),
        ("distinct image", "distinct images", len(np.unique(view.covers.sha256)), "/audit"),
        ("genre", "genres", len(view.covers.genres), "/separability"),
        *_in_several(view),
        ("embedding", "embeddings", len(chains.chains(view.workspace)), "/separability"),
        ("classifier", "classifiers", len(chains.current(view.workspace)), "/classifiers"),
        ("file left out", "files left out", queries.rejected(view.workspace), "/audit"),
        *_set_aside(view),
    ]
    return html.Div(
        [
            go([html.Strong(f"{count:,}"), html.Span(one if count == 1 else many)], href, className="figure")
            for one, many, count, href in figures
        ],
        className="figures",
    )


def _in_several(view: View) -> list[tuple[str, str, int, str]]:
    """How many covers have several genres, where there are any."""
    count = kin.in_several(view.workspace)
    return [("cover in several genres", "covers in several genres", count, "/separability")] if count else []


def _set_aside(view: View) -> list[tuple[str, str, int, str]]:
    """How many covers count nowhere by the user's word, where there are any."""
    count = len(queries.set_aside(view.workspace))
    return [("cover set aside", "covers set aside", count, "/audit")] if count else []


def _genres(view: View) -> Component:
    largest, small = max(view.covers.counts), set(too_small(view))
    rows = []
    genres = list(enumerate(zip(view.covers.genres, view.covers.counts, strict=True)))
    if many(view):
        genres.sort(key=lambda each: -each[1][1])
    shown, rest = few(view, genres, lambda each: each[1][0], order="largest", turned=False)
    for code, (genre, count) in shown:
        ids = np.flatnonzero(view.covers.genre == code)
        picked = np.random.default_rng(42).choice(ids, size=min(STRIP, len(ids)), replace=False).tolist()
        bar = html.I(style={"width": f"{count / largest:.1%}", "--color": view.colors[genre]})
        strip = [_strip_cover(view, cover_id) for cover_id in picked]
        rows.append(
            html.Div(
                [
                    html.Div(
                        [
                            go(genre_chip(view, genre), view.to("/map", genres=(genre,)), title=f"{genre} on the map"),
                            html.Div([html.Span(bar, className="bar-track"), f"{count:,}"], className="count"),
                            html.Div("too small for a claim", className="count") if genre in small else None,
                        ],
                        className="genre-head",
                    ),
                    html.Div(strip, className="strip"),
                ],
                className="genre-row",
            )
        )
    lead = "A few covers of each, picked by chance."
    return section("Genres", html.Div(rows, className="genre-rows"), rest, lead=lead)


def _strip_cover(view: View, cover_id: int) -> Component:
    name = title_of(view, cover_id)
    return go(thumbnail(view, cover_id), view.to(cover=cover_id), label=f"Cover: {name}", title=name)


def _embeddings(view: View) -> Component:
    found = chains.chains(view.workspace)
    if not found:
        return section("Embeddings", empty("None yet", command="genrescope embed --encoder color"))
    return section("Embeddings", league(view, found), lead="Mean over genres with its 95 % interval, highest first.")


def _classifiers(view: View) -> Component:
    runs = judged.ranked(view.workspace)
    if not runs:
        return section("Classifiers", empty("None yet", command="genrescope train --classifier logistic"))
    tracks = [_classifier(view, run) for run in runs]
    highest = max(track.high or track.value for track in tracks)
    best, rest = (track_table(part, lowest=0.0, highest=highest) for part in (tracks[:BEST], tracks[BEST:]))
    fold = more(f"{len(tracks) - BEST:,} more classifiers", [rest]) if len(tracks) > BEST else None
    lead = "Balanced accuracy, the mean recall of the genres, with its 95 % interval. The line is chance."
    return section("Classifiers", best, fold, lead=lead)


def _classifier(view: View, run: Run) -> Track:
    score = judged.balanced(view.workspace, run.run_id)
    return Track(
        label=go(
            chains.classifier_label(view.workspace, run),
            view.to("/classifiers", classifier=run.run_id),
            title=chains.classifier_title(view.workspace, run),
        ),
        value=judged.balanced_accuracy(view.workspace, run),
        low=score.low,
        high=score.high,
        reference=judged.chance_of(run),
    )


def _runs(view: View) -> Component:
    from analysis.chain.status import status

    found = status(view.workspace)
    rows = [
        _run_row(run, found.titles[run.run_id], found.state[run.run_id])
        for run in reversed(found.runs)
        if run.kind != "collection"
    ]
    head = [html.Th(name) for name in ("Run", "Name", "State", "Started", "Took", "Id")]
    steps = [html.Li(html.Code(step)) for step in found.next if step != "genrescope serve"]
    return section(
        "Runs",
        html.Div([html.H3("Next"), html.Ul(steps)], className="next") if steps else None,
        more(
            f"All {len(rows):,}, newest first",
            [html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers wide runs")],
        ),
        lead="Everything computed. A finished run never changes.",
    )


def _run_row(run: Run, name: str, state: str) -> Component:
    took = f"{(run.finished - run.started).total_seconds():,.1f} s" if run.finished else ""
    cells: list[Any] = [run.kind, name, html.Span(state, className=f"state {state}"), f"{run.started:%Y-%m-%d %H:%M}"]
    return html.Tr(
        [*(html.Td(cell) for cell in cells), html.Td(took, className="number"), html.Td(html.Code(run.run_id))]
    )
