"""Two classifiers side by side: who is better on which genre, is it more than chance, and where they disagree."""

from typing import Any

from dash import html

from dashboard.parts.components import Component, dot, genre_chip, go, p_in_words, paged_grid, section
from dashboard.parts.tracks import Track, track_table
from dashboard.reading import results
from dashboard.reading.results import score_of
from dashboard.state.view import View
from data.errors import GenrescopeError
from data.store.runs import Run

# Two shades that no genre's dot is mistaken for: the accent, and the text's own colour.
FIRST, SECOND = "var(--accent)", "var(--text-weak)"


def duel(view: View, first: Run, second: Run) -> Component:
    """Recall per genre of two classifiers with intervals, and the comparison's verdict in words."""
    names = _names(first, second)
    try:
        rows = results.comparison(view.workspace, first.run_id, second.run_id)
    except GenrescopeError as error:
        return section("Side by side", html.P(str(error), className="quiet"))
    legend = html.Div(
        [html.Span([dot(FIRST), names[0]], className="genre"), html.Span([dot(SECOND), names[1]], className="genre")],
        className="legend",
    )
    both = (results.scores(view.workspace, first.run_id), results.scores(view.workspace, second.run_id))
    tracks = [_track(view, row, both, names) for row in rows]
    lead = (
        "Accuracy over all and within each genre, with 95 % intervals. Verdicts: on balanced accuracy over all, on the "
        "AUC of its probability within a genre, by swapping whole groups of covers, corrected for the number of genres."
    )
    return section("Side by side", track_table(tracks, lowest=0.0, highest=1.0), lead=lead, aside=legend)


def verdict(row: dict[str, Any], names: tuple[str, str]) -> str:
    """What a row of the comparison shows, in words."""
    text = str(row["verdict"])
    for side, name in zip("AB", names, strict=True):
        text = text.replace(f"{side} better", f"{name} better")
    return text if row["p_adjusted"] != row["p_adjusted"] else f"{text}, {p_in_words(row['p_adjusted'])}"


def _names(first: Run, second: Run) -> tuple[str, str]:
    """Short names that tell the two apart: the classifiers', else the embeddings', else both with their ids."""
    if first.name != second.name:
        return first.name, second.name
    embeddings = (str(first.results["embedding"]), str(second.results["embedding"]))
    if embeddings[0] != embeddings[1]:
        return embeddings
    return f"{first.name} {first.run_id[:4]}", f"{second.name} {second.run_id[:4]}"


def _track(view: View, row: dict[str, Any], both: tuple[Any, Any], names: tuple[str, str]) -> Track:
    genre = row["genre"]
    metric = "recall" if genre else "accuracy"
    found = [score_of(scores, metric, genre) for scores in both]
    second = Track(label="", value=_value(found[1]), color=SECOND, **_interval(found[1]))
    text = verdict(row, names)
    return Track(
        label=genre_chip(view, genre) if genre else html.Strong("All genres"),
        value=_value(found[0]),
        color=FIRST,
        second=second,
        note=html.Span(text, className="verdict" if " better" in text else "quiet"),
        **_interval(found[0]),
    )


def _value(score: results.Score | None) -> float:
    return score.value if score else float("nan")


def _interval(score: results.Score | None) -> dict[str, Any]:
    return {"low": score.low, "high": score.high} if score else {}


def disagreement(view: View, first: Run, second: Run) -> Component:
    """How many covers only one of the two got right, and those covers when asked for."""
    names = _names(first, second)
    try:
        rows = results.comparison(view.workspace, first.run_id, second.run_id)
    except GenrescopeError:
        return None  # `duel` says why
    overall = next(row for row in rows if row["genre"] is None)
    links = [
        go(
            f"Only {name} right: {overall[column]:,}",
            view.to(only=side, pair=(), shown=120),
            current=view.state.only == side,
        )
        for side, name, column in (("first", names[0], "only_a"), ("second", names[1], "only_b"))
    ]
    body = None
    if view.state.only in ("first", "second"):
        winner, loser = (first, second) if view.state.only == "first" else (second, first)
        found = results.only_right(view.workspace, winner.run_id, loser.run_id)
        body = paged_grid(view, list(found), taken_for=found)
    return section(
        "Where they disagree",
        body,
        lead="Under each cover its own genre, and what the other one took it for.",
        aside=html.Div(links, className="segmented"),
    )
