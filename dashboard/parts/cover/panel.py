"""The cover panel: one cover large, what is known of it, what was said about it, and what lies next to it."""

import os
from pathlib import PurePath
from typing import Any

import numpy as np
from dash import html

from dashboard.parts.components import FEW, Component, aria, best_few, card, empty, genre_chip, go, known_cover
from dashboard.parts.cover.recommended import judging
from dashboard.parts.cover.why import why
from dashboard.parts.lettering.said import frames, said
from dashboard.reading import chains, judged, queries, results
from dashboard.reading.behind import sure
from dashboard.reading.queries import Cover
from dashboard.state.view import View
from data.intake.images import MOVED
from data.store.runs import Run

NEIGHBORS = 12
# The map with all covers lit.
UNFILTERED: dict[str, Any] = {"genres": (), "written": "", "lettered": "", "language": ""}
# In this order, where an import brought them along.
WELL_KNOWN = ("title", "artist", "year", "label", "source", "side")


def panel(view: View) -> list[Component]:
    """Children of the panel for the cover in the state; none when there is no cover in it."""
    if view.state.cover is None:
        return []
    cover = known_cover(view, view.state.cover)
    close = go("×", view.to(cover=None, why="", boxes=""), label="Close the cover", className="close", drop=True)
    if cover is None:
        return [close, empty("No such cover", f"This workspace has no cover number {view.state.cover}.")]
    return [
        close,
        _head(view, cover),
        said(view, cover),
        _predictions(view, cover),
        _map_facts(view, cover),
        *([] if view.path == "/search" and not view.state.written else [_neighbors(view, cover)]),
        _metadata(cover),
    ]


def _head(view: View, cover: Cover) -> Component:
    title = str(cover.metadata.get("title") or PurePath(cover.path).stem)
    artist = cover.metadata.get("artist")
    href = f"/covers/{cover.sha256}"
    beside = view.path == "/search" and not view.state.written  # the page shows its neighbours, else the panel
    links = [
        go("Map", view.to("/map", pair=(), **UNFILTERED), current=view.path == "/map"),
        go("Neighbours", view.to("/search", pair=(), query="", written=""), current=beside),
        html.A("Original", href=href, target="_blank", rel="noreferrer"),
    ]
    return html.Div(
        [
            html.A(
                [
                    html.Img(src=href, alt=f"Cover: {title}", width=cover.width, height=cover.height),
                    frames(view, cover),
                ],
                href=href,
                target="_blank",
                rel="noreferrer",
                className="large",
            ),
            html.H2(title),
            html.P(str(artist), className="artist") if artist else None,
            html.Div([genre_chip(view, genre) for genre in cover.genres], className="genres"),
            html.Div(links, className="segmented"),
            judging(view, cover.cover_id),
        ],
        className="panel-head",
    )


def _predictions(view: View, cover: Cover) -> Component:
    runs = judged.ranked(view.workspace, also=(view.state.why,))
    said = [(run, judged.judgement(view.workspace, run.run_id, cover.cover_id)) for run in runs]
    found = [(run, each) for run, each in said if each]
    if found:
        rows = [_prediction(view, cover, run, each) for run, each in found]
        opened = view.state.why in [run.run_id for run, _ in found[FEW:]]
        folded = best_few(rows, what="classifiers", className="said", opened=opened)
        return html.Div([html.H3("What classifiers said"), folded])
    if runs and not any(chains.out_of_fold(view.workspace, run) for run in runs):
        return html.P("On the training side of the split: no classifier was tested on it.", className="quiet")
    return None


def _prediction(view: View, cover: Cover, run: Run, found: judged.Judgement) -> Component:
    label = chains.classifier_label(view.workspace, run)
    probability = dict(found.probabilities)[found.predicted]
    word = "right" if found.right else "wrong"
    runners_up = ", ".join(f"{name} {share:.0%}" for name, share in found.probabilities[:4])
    bar = html.I(style={"width": f"{probability:.1%}", "--color": view.colors.get(found.predicted)})
    likely = sure.set_of_cover(view.workspace, run.run_id, cover.cover_id)
    often = f", right in {found.times} of {found.repeats}" if 0 < found.times < found.repeats else ""
    return html.Li(
        [
            html.Span([html.Span([label, html.Span(often)]), _ask_why(view, run, label)], className="by"),
            genre_chip(view, found.predicted),
            html.Span(bar, className="probability"),
            html.Span(f"{probability:.0%}", className="number"),
            html.Span("✓" if found.right else "✗", className=word, **aria(label=word)),
            html.Span(likely, className="then") if likely else None,
            why(view, cover.cover_id, run, found) if view.state.why == run.run_id else None,
        ],
        title=f"{chains.classifier_title(view.workspace, run)}: {runners_up}",
    )


def _ask_why(view: View, run: Run, label: str) -> Component:
    """The link that opens, and closes again, why a classifier said what it said."""
    opened = view.state.why == run.run_id
    href = view.to(why="" if opened else run.run_id)
    return go("why?", href, label=f"Why, {label}", current=opened, className="ask")


def _map_facts(view: View, cover: Cover) -> Component:
    chain = view.chain
    facts: list[tuple[str, Any]] = []
    if chain and chain.clustering:
        ids, labels = queries.clusters(view.workspace, chain.clustering.run_id)
        row = results.row_of(ids, cover.cover_id)
        if row is not None:
            cluster = int(labels[row])
            size = int(np.count_nonzero(labels == cluster))
            facts.append(("Cluster", "none (noise)" if cluster < 0 else f"{cluster}, {size:,} covers"))
    if chain and chain.projection:
        found = queries.projection(view.workspace, chain.projection.run_id)
        row = results.row_of(found.cover_ids, cover.cover_id)
        if row is not None and np.isfinite(found.trustworthiness[row]):
            facts.append(("Map trust here", trust_in_words(float(found.trustworthiness[row]))))
    return _facts(facts) if facts else None


def trust_in_words(trust: float) -> str:
    """Trustworthiness of the map at a point, with what it means for whoever looks at it."""
    verdict = "faithful" if trust >= 0.9 else "fair" if trust >= 0.75 else "do not trust who is near it"
    return f"{trust:.2f}, {verdict}"


def _neighbors(view: View, cover: Cover) -> Component:
    chain = view.chain
    if chain is None or chain.neighbors is None:
        return None
    found = results.neighbors_of(view.workspace, chain.neighbors.run_id, cover.cover_id, k=NEIGHBORS)
    if not found:
        return html.P(f"{chain.label} has no vector of this cover.", className="quiet")
    same = sum(view.covers.genre_of(neighbor) == cover.genre for neighbor, _ in found)
    cards = [card(view, neighbor, note=f"{similarity:.2f}") for neighbor, similarity in found]
    return html.Div(
        [
            html.H3(f"Nearest in {chain.label}"),
            html.P(f"{same} of {len(found)} carry the same genre. Numbers are cosine similarity.", className="quiet"),
            html.Div(cards, className="grid small"),
        ]
    )


def _metadata(cover: Cover) -> Component:
    known = [(name.capitalize(), cover.metadata[name]) for name in WELL_KNOWN if cover.metadata.get(name)]
    rest = [
        (name, value) for name, value in cover.metadata.items() if name not in WELL_KNOWN and value not in (None, "")
    ]
    file = [
        ("Image", f"{cover.width} × {cover.height} {cover.format} {cover.mode}, {cover.bytes / 1000:,.0f} kB"),
        ("Cover id", cover.cover_id),
        ("File", cover.path if os.path.exists(cover.path) else f"{cover.path} is not there: {MOVED}"),
        ("SHA-256", cover.sha256[:16] + "…"),
    ]
    return html.Div([html.H3("About the file"), _facts([*known, *rest, *file])])


def _facts(facts: list[tuple[str, Any]]) -> Component:
    return html.Dl([part for name, value in facts for part in (html.Dt(str(name)), html.Dd(str(value)))])
