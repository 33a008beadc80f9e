"""Answers in words, with genres in their colours, and what they depend on."""

import re
from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.parts.components import Component, genre_chip
from dashboard.reading import queries
from dashboard.reading.queries import Metric
from dashboard.state.view import View
from data.store.runs import Run

# What the intervals hold fixed, in the words that stand beside them.
HELD_FIXED = "Intervals are of 95 %, over which covers happen to be in the collection; this embedding is held fixed."

# Characters from which a sentence is set smaller.
LONG = 90


def answer(view: View, run: Run) -> Component:
    """The sentences that the ranks' intervals support."""
    return in_words(view, run.results.get("sentences") or [run.results["sentence"]])


def in_words(view: View, sentences: Sequence[str]) -> Component:
    """An answer in sentences, the first one large."""
    first, *rest = sentences
    parts = [large(view, first)]
    if rest:
        parts.append(html.P(with_chips(view, " ".join(rest)), className="lead"))
    return html.Div(parts)


def large(view: View, sentence: str) -> Component:
    """The sentence that a page is headed by; a long one smaller."""
    return html.P(with_chips(view, sentence), className="answer long" if len(sentence) > LONG else "answer")


def overall_of(view: View, run: Run, metric: str = "separability") -> Metric | None:
    """A metric's average over the genres."""
    rows = queries.metrics(view.workspace, run.run_id)
    return next((row for row in rows if row.metric == metric and row.genre is None), None)


def too_small(view: View) -> tuple[str, ...]:
    """Genres that are too small for a claim in the embedding looked at."""
    run = view.chain.separability if view.chain else None
    return tuple(run.results["too_small"]) if run else ()


def with_chips(view: View, text: str) -> list[Any]:
    """A text in which the names of genres stand after a dot in their colour."""
    names = sorted(view.covers.genres, key=len, reverse=True)
    pattern = rf"(?<!\w)({'|'.join(map(re.escape, names))})(?!\w)"
    return [genre_chip(view, part) if part in view.covers.genres else part for part in re.split(pattern, text)]
