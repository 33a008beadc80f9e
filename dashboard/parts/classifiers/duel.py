"""Two classifiers side by side: who is better on which genre, and is it more than chance."""

from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.parts.components import Component, genre_chip, number, p_in_words, section, signed
from dashboard.parts.drawn.tracks import Track, track_table
from dashboard.parts.many import few
from dashboard.reading import chains, judged
from dashboard.state.view import View
from data.store.runs import Run
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from analysis.evaluation.comparing.comparison import Comparison

# What a genre's verdict does not rest on, but what a reader looks for next to it.
BESIDE = {"recall": "Recall", "precision": "Precision", "f1": "F1", "predicted_share": "Share of predictions"}


def short_names(first: Run, second: Run) -> tuple[str, str]:
    """Short names that tell the two apart: the classifiers', else the embeddings', else both with their ids."""
    if first.name != second.name:
        return first.name, second.name
    embeddings = (str(first.results["embedding"]), str(second.results["embedding"]))
    if embeddings[0] != embeddings[1]:
        return embeddings
    return f"{first.name} {first.run_id[:4]}", f"{second.name} {second.run_id[:4]}"


def verdict(row: Any, names: tuple[str, str]) -> str:
    """What a row of the comparison shows, in words; with the p-value where a difference is claimed."""
    better = {"A better": names[0], "B better": names[1]}.get(row.verdict)
    return f"{better} better, {p_in_words(row.p_adjusted)}" if better else str(row.verdict)


def answer_of(workspace: Workspace, first: Run, second: Run, row: Any) -> str:
    """What the comparison shows over all, as a sentence; row: the primary measure's over all."""
    from analysis.evaluation.words import said

    names = (chains.classifier_label(workspace, run) for run in (first, second))
    return f"{said(row.verdict, *names)}."


def in_figures(found: "Comparison") -> str:
    """What the answer over all rests on."""
    row = found.primary().iloc[0]
    interval = f"{signed(row.low)} to {signed(row.high)}"
    times = f", each {found.repeats} times" if found.repeats > 1 else ""
    return (
        f"Balanced accuracy {row.a:.3f} and {row.b:.3f}: {signed(row.difference)} ({interval}), "
        f"{p_in_words(row.p_adjusted)}. Both judged the same {found.covers:,} covers in {found.groups:,} groups{times}."
    )


def duel(view: View, first: Run, second: Run) -> Component:
    """The difference in the primary measure, over all and by genre, with its interval and verdict in words."""
    names = short_names(first, second)
    found = judged.comparison(view.workspace, first.run_id, second.run_id)
    rows = list(found.primary().itertuples())
    shown, rest = few(view, rows[1:], lambda row: row.genre, order="first", turned=False)
    tracks = [_track(view, row, names) for row in (rows[0], *shown)]
    lead = (
        f"{names[0]} less {names[1]}: right of the line {names[0]} is better. Over all in balanced accuracy; within a "
        "genre in the AUC of its probability, which merely saying the genre more often does not raise."
    )
    holds = f"Intervals are of 95 %, {found.holds()}. p-values: whole groups swapped, corrected for the genres (Holm)."
    chart = track_table(tracks, reference=0.0, differences=True)
    return section("Difference by genre", chart, rest, html.P(holds, className="quiet fine"), lead=lead)


def _track(view: View, row: Any, names: tuple[str, str]) -> Track:
    of_what = f"{row.measure.replace('_', ' ')} of {' and '.join(names)}"
    values = html.Span(f"{row.a:.2f} and {row.b:.2f}", title=of_what, className="values")
    return Track(
        label=genre_chip(view, row.genre) if row.genre else html.Strong("All genres"),
        value=row.difference,
        low=row.low,
        high=row.high,
        color=(view.colors.get(row.genre, "var(--accent)") if row.genre else "var(--text)"),
        notes=[values, _said(row, names)],
    )


def _said(row: Any, names: tuple[str, str]) -> Component:
    claimed = " better" in row.verdict
    return html.Span(
        verdict(row, names), className="verdict shown" if claimed else "verdict", title=p_in_words(row.p_adjusted)
    )


def beside(view: View, first: Run, second: Run) -> Component:
    """Differences in what the verdict does not rest on, a genre a row, each with its interval."""
    found = judged.comparison(view.workspace, first.run_id, second.run_id)
    by_genre = found.measures[found.measures.genre.notna()].set_index(["genre", "measure"])
    head = [html.Th("Genre"), *(html.Th(title, className="number") for title in BESIDE.values())]
    rows = []
    shown, rest = few(view, list(dict.fromkeys(genre for genre, _ in by_genre.index)), str, turned=False)
    for genre in shown:
        cells = [_difference(by_genre.loc[(genre, name)]) for name in BESIDE]
        rows.append(html.Tr([html.Td(genre_chip(view, genre)), *cells]))
    names = short_names(first, second)
    lead = f"{names[0]} less {names[1]}. Intervals are of 95 % each, {found.holds()}."
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers")
    return html.Div([html.P(lead, className="quiet"), table, rest])


def _difference(row: Any) -> Component:
    shown = "number" if row.low > 0 or row.high < 0 else "number open"
    return html.Td(number(row.difference, row.low, row.high, signs=True), className=shown)
