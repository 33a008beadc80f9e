"""Which genres are kin: a tree of HTML that follows the theme, and the order it gives to matrices."""

from collections.abc import Sequence
from typing import Any

from dash import html

from analysis.figures.axes import round_values
from analysis.figures.dendrogram import Fork, forks_of, forks_within, nearest_kin
from analysis.figures.foremost import SHOWN, found_in
from dashboard.parts.answering.answer import with_chips
from dashboard.parts.components import Component, aria, genre_chip, number, segmented
from dashboard.parts.many import in_line
from dashboard.reading.behind import kin
from dashboard.state.view import View
from data.listing import listed
from data.store.runs import Run

# Height of a genre's row, in pixels.
ROW = 30
# Below this the heights tell little of the pairs.
POOR = 0.7


def order_choice(view: View, tree: Run | None, *, cut: bool = False) -> Component:
    """By name, by kin where there is a tree, and in a matrix that is cut, the most confused first."""
    titles = {"name": "Name"} | ({"kin": "Kin"} if tree else {}) | ({"most": "Most alike"} if cut else {})
    options = [(order, title, view.to(order=order)) for order, title in titles.items()]
    return (
        segmented("Order", options, view.state.order if view.state.order in titles else "name") if options[1:] else None
    )


def in_order(view: View, genres: Sequence[str], tree: Run | None) -> list[str]:
    """Genres in the order that was chosen."""
    return kin.by_kin(genres, tree) if view.state.order == "kin" else list(genres)


def kinship(view: View, run: Run) -> list[Component]:
    """What `more` opens; nothing without a tree."""
    tree = kin.kinship(view.workspace, run)
    if tree is None:
        return []
    found = tree.results
    order = [found["names"].index(genre) for genre in found["genres"]]
    forks = forks_of(found["linkage"], order, found["support"])
    rows = _rows(view, found["genres"], forks)
    genres = [found["genres"][row] for row in rows]
    return [
        html.P(with_chips(view, found["sentence"]), className="lead"),
        _tree(view, genres, forks_within(forks, rows)),
        *_left_out(view, rows, found["genres"]),
        html.P(_reading(found), className="quiet fine"),
        _table(view, found, forks, rows),
    ]


def _rows(view: View, genres: Sequence[str], forks: Sequence[Fork]) -> list[int]:
    """The rows of the tree that are shown: all or, of many, the nearest kin or those of the genres that are sought."""
    if len(genres) <= SHOWN:
        return list(range(len(genres)))
    return nearest_kin(forks, wanted=found_in(view.state.find, genres) if view.state.find else [])


def _left_out(view: View, rows: Sequence[int], genres: Sequence[str]) -> list[Component]:
    if len(rows) == len(genres):
        return []
    which = f"those with “{view.state.find}” in the name, and their kin" if view.state.find else "the nearest kin"
    return [html.P(f"{len(rows)} of the {len(genres):,} genres of the tree: {which}.", className="quiet fine")]


def _reading(found: Any) -> str:
    fits = found["cophenetic"]
    poor = " A tree is a poor picture of them: read the matrix." if fits is not None and fits < POOR else ""
    agrees = f" Heights and pairs agree with r = {fits:.2f}.{poor}" if fits is not None else ""
    few = found["left_out"]
    out = f" Too few covers: {', '.join(few) if len(few) <= SHOWN else f'{len(few):,} genres'}." if few else ""
    return (
        "Genres that meet on the left are hard to tell apart. Numbers at the forks: in how many of 100 resamples of "
        f"the groups the same genres hang together; no probability that they do.{agrees}{out}"
    )


def _tree(view: View, genres: Sequence[str], forks: Sequence[Fork]) -> Component:
    widest = max((fork.height for fork in forks), default=0.0) or 1.0
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
    said = f"{listed(below)}: separability {fork.height:.2f}"
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


def _table(view: View, found: Any, forks: Sequence[Fork], shown: Sequence[int]) -> Component:
    titles = ("Separability across", "Support")
    head = [html.Th("Genres"), *(html.Th(title, className="number") for title in titles)]
    rows = []
    kept = [pair for pair in zip(forks, found["heights"], strict=True) if set(pair[0].below) <= set(shown)]
    for fork, height in kept:
        share = "" if fork.support is None else f"{fork.support:.0%}"
        cells = [html.Td(number(*height, digits=2), className="number"), html.Td(share, className="number")]
        rows.append(html.Tr([html.Td(in_line(view, [found["genres"][row] for row in fork.below], genre_chip)), *cells]))
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers forks")
