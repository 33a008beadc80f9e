"""Which genres are kin: a tree of HTML that follows the theme, and the order it gives to matrices."""

from collections.abc import Sequence
from typing import Any

from dash import html

from analysis.figures.axes import round_values
from analysis.figures.dendrogram import Fork, forks_of
from dashboard.parts.answer import with_chips
from dashboard.parts.components import Component, aria, genre_chip, number, segmented
from dashboard.reading import behind
from dashboard.state.view import View
from data.store.runs import Run

# Height of a genre's row, in pixels.
ROW = 30
# Below this the heights tell little of the pairs.
POOR = 0.7


def order_choice(view: View, tree: Run | None) -> Component:
    """By name or by kin; nothing without a tree."""
    if tree is None:
        return None
    options = [("name", "Name", view.to(order="name")), ("kin", "Kin", view.to(order="kin"))]
    return segmented("Order", options, "kin" if view.state.order == "kin" else "name")


def in_order(view: View, genres: Sequence[str], tree: Run | None) -> list[str]:
    """Genres in the order that was chosen."""
    return behind.by_kin(genres, tree) if view.state.order == "kin" else list(genres)


def kinship(view: View, run: Run) -> list[Component]:
    """What `more` opens; nothing without a tree."""
    tree = behind.kinship(view.workspace, run)
    if tree is None:
        return []
    found = tree.results
    order = [found["names"].index(genre) for genre in found["genres"]]
    forks = forks_of(found["linkage"], order, found["support"])
    return [
        html.P(with_chips(view, found["sentence"]), className="lead"),
        _tree(view, found["genres"], forks),
        html.P(_reading(found), className="quiet fine"),
        _table(view, found, forks),
    ]


def _reading(found: Any) -> str:
    fits = found["cophenetic"]
    poor = " A tree is a poor picture of them: read the matrix." if fits is not None and fits < POOR else ""
    agrees = f" Heights and pairs agree with r = {fits:.2f}.{poor}" if fits is not None else ""
    out = f" Too few covers: {', '.join(found['left_out'])}." if found["left_out"] else ""
    return (
        "Genres that meet on the left are hard to tell apart. Numbers at the forks: in how many of 100 resamples of "
        f"the groups the same genres hang together; no probability that they do.{agrees}{out}"
    )


def _tree(view: View, genres: Sequence[str], forks: Sequence[Fork]) -> Component:
    widest = max(fork.height for fork in forks) or 1.0
    lines = [part for fork in forks for part in _drawn(fork, widest, [genres[row] for row in fork.below])]
    labels = [html.Div(genre_chip(view, genre), style={"height": f"{ROW}px"}) for genre in genres]
    values, digits = round_values(0, widest)
    marks = [html.Span(f"{value:.{digits}f}", style={"left": f"{value / widest:.2%}"}) for value in values]
    return html.Div(
        [
            html.Div(labels, className="leaves"),
            html.Div(
                [
                    html.Div(lines, className="branches", style={"height": f"{ROW * len(genres)}px"}),
                    html.Div(marks, className="axis"),
                ]
            ),
        ],
        className="tree",
        role="img",
        **aria(label="Tree of genres; the table below has its forks"),
    )


def _drawn(fork: Fork, widest: float, below: Sequence[str]) -> list[Component]:
    """Two branches, the fork, and its support."""
    said = f"{', '.join(below)}: separability {fork.height:.2f}"
    x = 100 * max(fork.height, 0) / widest
    (h1, r1), (h2, r2) = fork.parts
    parts: list[Component] = [
        html.I(
            style={
                "left": f"{100 * max(h, 0) / widest:.2f}%",
                "width": f"{x - 100 * max(h, 0) / widest:.2f}%",
                "top": f"{ROW * (r + 0.5):.1f}px",
            }
        )
        for h, r in ((h1, r1), (h2, r2))
    ]
    top, height = ROW * (min(r1, r2) + 0.5), ROW * abs(r2 - r1)
    style = {"left": f"{x:.2f}%", "top": f"{top:.1f}px", "height": f"{height:.1f}px"}
    parts.append(html.I(className="fork", style=style, title=said))
    if fork.support is not None:
        place = {"left": f"{x:.2f}%", "top": f"{ROW * (fork.row + 0.5):.1f}px"}
        parts.append(html.Span(f"{100 * fork.support:.0f}", style=place, title=said))
    return parts


def _table(view: View, found: Any, forks: Sequence[Fork]) -> Component:
    titles = ("Separability across", "Support")
    head = [html.Th("Genres"), *(html.Th(title, className="number") for title in titles)]
    rows = []
    for fork, height in zip(forks, found["heights"], strict=True):
        share = "" if fork.support is None else f"{fork.support:.0%}"
        cells = [html.Td(number(*height, digits=2), className="number"), html.Td(share, className="number")]
        rows.append(html.Tr([html.Td([genre_chip(view, found["genres"][row]) for row in fork.below]), *cells]))
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers forks")
