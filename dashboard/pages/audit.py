"""Audit: what is wrong with the collection: broken files, duplicates, contradictory labels, imbalance."""

from typing import Any

import numpy as np
from dash import Dash, Input, Output, html

from dashboard import chains, queries, results
from dashboard.components import card, empty, genre_chip, go, section
from dashboard.view import View, view
from data.workspace import Workspace

PATH, TITLE, VIEW = "/audit", "Audit", "view-audit"
GROUPS = 30
COVERS_A_GROUP = 12
REJECTED = 200


def layout() -> html.Div:
    """The page before its callbacks fill it."""
    return html.Div(id="audit", className="page")


def register(app: Dash, workspace: Workspace) -> None:
    """Callbacks of the page."""

    @app.callback(Output("audit", "children"), Input(VIEW, "data"))
    def show(search: str | None) -> Any:
        return _show(view(workspace, PATH, search))


def _show(view: View) -> Any:
    if not len(view.covers):
        return empty("This workspace is empty", "Add covers first.", command="genrescope import SOURCE")
    run = chains.newest(view.workspace, "duplicates")
    return [
        _summary(view),
        _duplicates(view, run.run_id) if run else empty("Duplicates are not sought yet", command="genrescope audit"),
        _rejected(view),
        html.Div([_balance(view), _shapes(view)], className="columns even"),
    ]


def _summary(view: View) -> html.Div:
    figures = [
        ("covers", f"{len(view.covers):,}"),
        ("distinct images", f"{len(np.unique(view.covers.sha256)):,}"),
        ("genres", f"{len(view.covers.genres):,}"),
        ("largest to smallest genre", f"{max(view.covers.counts) / min(view.covers.counts):.1f} : 1"),
        ("files left out", f"{len(queries.rejected(view.workspace)):,}"),
    ]
    return html.Div(
        [html.Div([html.Strong(value), html.Span(name)], className="figure") for name, value in figures],
        className="figures first",
    )


def _duplicates(view: View, run_id: str) -> html.Section:
    groups = results.duplicate_groups(view.workspace, run_id)
    contradictory = sum(len(group.genres) > 1 for group in groups)
    exact = sum(group.exact for group in groups)
    shown = groups[: GROUPS * view.state.shown // 120]
    rows = [_group(view, group) for group in shown]
    more = None
    if len(groups) > len(shown):
        text = f"Show more: {len(groups) - len(shown):,} groups left"
        more = go(text, view.to(shown=view.state.shown * 4), className="button")
    lead = (
        f"{len(groups):,} groups of covers that show the same picture, {exact:,} of them byte for byte; "
        f"{contradictory:,} carry several genres and come first. No classifier can be right about all of those."
    )
    body = [html.Div(rows, className="groups"), more] if rows else [html.P("None found.", className="quiet")]
    return section("Duplicates", *body, lead=lead)


def _group(view: View, group: results.Group) -> html.Div:
    kind = "byte for byte" if group.exact else "nearly the same"
    count = len(group.cover_ids)
    tags: list[Any] = [genre_chip(view, genre) for genre in group.genres]
    head = html.Div([html.Div(tags, className="genres"), html.Span(f"{count} covers, {kind}", className="quiet")])
    cards = [card(view, cover_id) for cover_id in group.cover_ids[:COVERS_A_GROUP]]
    if count > COVERS_A_GROUP:
        cards.append(html.Span(f"and {count - COVERS_A_GROUP} more", className="quiet"))
    return html.Div([head, html.Div(cards, className="group-covers")], className="group")


def _rejected(view: View) -> html.Section:
    found = queries.rejected(view.workspace)
    if not found:
        return section("Files left out", html.P("None: every file is a usable cover.", className="quiet"))
    rows = [
        html.Tr([html.Td(file.reason), html.Td(file.genre), html.Td(file.path, className="path"), html.Td(file.detail)])
        for file in found[:REJECTED]
    ]
    head = html.Thead(html.Tr([html.Th(name) for name in ("Reason", "Genre", "File", "Detail")]))
    rest = f" The first {REJECTED} are listed." if len(found) > REJECTED else ""
    lead = f"{len(found):,} files that are no usable covers, and why.{rest}"
    return section("Files left out", html.Table([head, html.Tbody(rows)], className="numbers wide"), lead=lead)


def _balance(view: View) -> html.Section:
    ranked = sorted(zip(view.covers.genres, view.covers.counts, strict=True), key=lambda pair: (-pair[1], pair[0]))
    largest = ranked[0][1]
    rows = [
        html.Tr(
            [
                html.Td(genre_chip(view, genre)),
                html.Td(_bar(count / largest, view.colors[genre]), className="chart"),
                html.Td(f"{count:,}", className="number"),
                html.Td(f"{count / len(view.covers):.1%}", className="number"),
            ]
        )
        for genre, count in ranked
    ]
    return section("Genres", html.Table(html.Tbody(rows), className="numbers wide"), lead="Covers by primary genre.")


def _shapes(view: View) -> html.Section:
    parts = []
    for column, title in (("size", "Size in pixels"), ("format", "Format"), ("mode", "Colour mode")):
        counts = queries.counts_by(view.workspace, column)
        rows = [
            html.Tr(
                [
                    html.Td(name),
                    html.Td(_bar(count / counts[0][1], "var(--line-strong)"), className="chart"),
                    html.Td(f"{count:,}", className="number"),
                ]
            )
            for name, count in counts[:8]
        ]
        if len(counts) > 8:
            rest = sum(count for _, count in counts[8:])
            rows.append(
                html.Tr([html.Td(f"{len(counts) - 8} others"), html.Td(), html.Td(f"{rest:,}", className="number")])
            )
        parts += [html.H3(title), html.Table(html.Tbody(rows), className="numbers wide")]
    return section("Images", html.Div(parts, className="stacked"), lead="What the files are.")


def _bar(share: float, color: str) -> html.Span:
    return html.Span(html.I(style={"width": f"{share:.1%}", "--color": color}), className="bar-track")
