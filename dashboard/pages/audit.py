"""Audit: what is wrong with the collection: broken files, duplicates, contradictory labels, imbalance."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dash import Dash, Input, Output, html

from dashboard.parts.answering.answer import in_words
from dashboard.parts.auditing.doubts import doubts
from dashboard.parts.auditing.oddities import aside, oddities
from dashboard.parts.components import (
    Component,
    card,
    counted,
    empty,
    genre_chip,
    go,
    more,
    section,
    thumbnail,
    title_of,
)
from dashboard.parts.many import few, finder, register_finder
from dashboard.reading import results
from dashboard.state.view import View, view
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from data.auditing.audit import Audit, Group, Rejected

PATH, TITLE, VIEW = "/audit", "Audit", "view-audit"
GROUPS = 36
COVERS_A_GROUP = 6
REJECTED = 200
ROWS = 8
RADIUS_STEP = 8


def layout() -> html.Div:
    """The page before its callbacks fill it: the first time every file is looked up."""
    waiting = html.P("Looking the covers through …", className="quiet")
    return html.Div(
        [html.Div(finder("audit"), className="finding"), html.Div(waiting, id="audit", className="sections")],
        className="page",
    )


def register(app: Dash, workspace: Workspace) -> None:
    """Callbacks of the page."""
    register_finder(app, workspace, "audit", PATH, VIEW)

    @app.callback(Output("audit", "children"), Input(VIEW, "data"))
    def show(search: str | None) -> Any:
        return _show(view(workspace, PATH, search))


def _show(view: View) -> Component:
    from data.auditing.words import in_sentences

    found = results.audit(view.workspace) if len(view.covers) else None
    if found is None:
        lines = ("Duplicates have not been sought among the covers there are now.",)
        return [empty("Not audited yet", *lines, command="genrescope audit"), aside(view)]
    return [
        html.Div([in_words(view, in_sentences(found)), _summary(found)], className="headline"),
        _groups(
            view,
            "Same file, byte for byte",
            found.exact_groups,
            _same_file,
            f"{counted(len(found.exact_groups), 'group')}; those with several genres come first. Nothing that sees "
            "only the image can be right about all of them.",
        ),
        _groups(
            view,
            "Same picture, another file",
            found.near_groups,
            _same_picture,
            f"{counted(len(found.near_groups), 'group')} of re-encoded, scaled or slightly changed copies.",
        ),
        doubts(view),
        oddities(view),
        aside(view),
        _similar(view, found),
        _joined(found),
        _rejected(found.rejected),
        html.Div([_balance(view, found), _images(found)], className="columns even"),
    ]


def _summary(found: "Audit") -> Component:
    figures = [
        ("covers", f"{found.covers:,}"),
        ("distinct images", f"{found.distinct:,}"),
        ("accuracy ceiling", f"{found.accuracy_ceiling:.1%}"),
        ("groups with several genres", f"{len(found.contradictory_groups):,}"),
        ("files left out", f"{len(found.rejected):,}"),
    ]
    cells = [html.Div([html.Strong(value), html.Span(name)], className="figure") for name, value in figures]
    return html.Div(cells, className="figures")


def _groups(
    view: View, title: str, groups: "Sequence[Group]", drawn: "Callable[[View, Group], Component]", lead: str
) -> Component:
    if not groups:
        return section(title, html.P("None found.", className="quiet"))
    ranked = sorted(groups, key=lambda group: (-len(group.genres), -len(group.cover_ids), group.cover_ids))
    shown = ranked[: GROUPS * view.state.shown // 120]
    parts: list[Component] = [html.Div([drawn(view, group) for group in shown], className="groups")]
    if len(groups) > len(shown):
        text = f"Show more: {counted(len(groups) - len(shown), 'group')} left"
        parts.append(go(text, view.to(shown=view.state.shown * 4), className="button"))
    return section(title, *parts, lead=lead)


def _same_file(view: View, group: "Group") -> Component:
    """Copies look all the same: one picture, and beside it where the file lies."""
    links = [
        html.Li(
            go(
                genre_chip(view, view.covers.genre_of(cover_id)),
                view.to(cover=cover_id),
                title=title_of(view, cover_id),
                current=view.state.cover == cover_id,
            )
        )
        for cover_id in group.cover_ids[:COVERS_A_GROUP]
    ]
    first = group.cover_ids[0]
    picture = go(thumbnail(view, first), view.to(cover=first), label=f"Cover: {title_of(view, first)}")
    return html.Div([picture, html.Ul([*links, *_further(group)])], className="group copies")


def _same_picture(view: View, group: "Group") -> Component:
    cards: list[Component] = [card(view, cover_id) for cover_id in group.cover_ids[:COVERS_A_GROUP]]
    return html.Div([*cards, *_further(group)], className="group")


def _further(group: "Group") -> list[Component]:
    count = len(group.cover_ids) - COVERS_A_GROUP
    return [html.Span(f"+{count:,}", className="quiet")] if count > 0 else []


def _similar(view: View, found: "Audit") -> Component:
    """Pairs that an embedding takes for copies though the perceptual hash did not find them."""
    parts: list[Component] = []
    for similar in found.similar:
        pairs = [
            html.Div(
                [card(view, first), card(view, second), html.Span(f"{similarity:.3f}", className="quiet")],
                className="group",
            )
            for first, second, similarity in similar.pairs[: GROUPS // 2]
        ]
        if pairs:
            parts.append(html.H3(f"{similar.embedding}: {counted(similar.found, 'pair')}"))
            parts.append(html.Div(pairs, className="groups"))
    lead = "Very near in an embedding though no copies by their hash; by cosine similarity, the nearest first."
    return section("Possible copies", *parts, lead=lead) if parts else None


def _joined(found: "Audit") -> Component:
    """What counts as one cover everywhere: what the groups join, and how much hangs on the radius of near copies."""
    pairs, groups = found.near_pairs, found.independence
    columns = f" and equal {', '.join(groups.columns)}" if groups.columns else ""
    lead = (
        f"Copies{columns} count as one: {found.covers:,} covers are {groups.groups:,} independent groups, the largest "
        f"of {groups.largest:,}. Of the pairs of like pictures {pairs.sure:,} were sure by their hash; of the doubtful "
        f"ones, looked at, {pairs.verified:,} are one picture and {pairs.refused:,} are not."
    )
    return section("What counts as one cover", more("How much hangs on the radius", [_radii(found)]), lead=lead)


def _radii(found: "Audit") -> Component:
    curve = [radius for radius in found.near_pairs.curve if not radius.bits % RADIUS_STEP]
    head = [html.Th("Bits apart"), *(html.Th(f"{radius.bits}", className="number") for radius in curve)]
    rows = [
        html.Tr([html.Td(title), *(html.Td(f"{getattr(radius, name):,}", className="number") for radius in curve)])
        for name, title in (("by_hash", "Groups, by hash alone"), ("looked_at", "Groups, doubtful pairs looked at"))
    ]
    note = html.P("How many groups there were if pairs up to so many bits apart were joined.", className="quiet")
    return html.Div([note, html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers")])


def _rejected(files: "Sequence[Rejected]") -> Component:
    if not files:
        return section("Files left out", html.P("None: every file is a usable cover.", className="quiet"))
    rows = [
        html.Tr([html.Td(cell) for cell in (file.reason, file.genre, file.path, file.detail)])
        for file in files[:REJECTED]
    ]
    head = html.Thead(html.Tr([html.Th(name) for name in ("Reason", "Genre", "File", "Detail")]))
    rest = f" The first {REJECTED} are listed; 'genrescope audit --json' lists all." if len(files) > REJECTED else ""
    table = html.Table([head, html.Tbody(rows)], className="numbers wide files")
    return section("Files left out", table, lead=f"{counted(len(files), 'file')}, and why.{rest}")


def _balance(view: View, found: "Audit") -> Component:
    lead = (
        f"Covers by primary genre. Balance {found.balance:.2f}, where 1 is equally large genres; the largest has "
        f"{found.imbalance:.1f} times the covers of the smallest."
    )
    shown, rest = few(view, list(found.genres), str, order="largest", turned=False)
    return section("Genres", _bars(found.genres, shown=shown, colors=view.colors), rest, lead=lead)


def _images(found: "Audit") -> Component:
    parts: list[Component] = []
    for title, counts in (("Size in pixels", found.sizes), ("Format", found.formats), ("Colour mode", found.modes)):
        parts += [html.H3(title), _bars(counts, shown=list(counts)[:ROWS])]
    return section("Images", html.Div(parts, className="stacked"), lead="What the files are.")


def _bars(counts: Mapping[str, int], *, shown: Sequence[str], colors: Mapping[str, str] | None = None) -> Component:
    """Counts as a table with a bar in each row, the most frequent first; what is not shown as one row."""
    largest, total = max(counts.values()), sum(counts.values())
    rest = total - sum(counts[name] for name in shown)
    others = [(f"{len(counts) - len(shown):,} others", rest)] if rest else []
    rows = []
    for name, count in [*((name, counts[name]) for name in shown), *others]:
        bar = html.I(style={"width": f"{min(count / largest, 1):.1%}", "--color": (colors or {}).get(name)})
        cells = [html.Td(name, title=name), html.Td(html.Span(bar, className="bar-track"), className="chart")]
        cells += [html.Td(text, className="number") for text in (f"{count:,}", f"{count / total:.1%}")]
        rows.append(html.Tr(cells))
    return html.Table(html.Tbody(rows), className="numbers bars")
