"""Small parts that pages are made of. Text goes to the browser as text: no name is ever read as HTML."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from dash import html

from dashboard.reading import queries
from dashboard.state.view import View

Component = Any

# Of a ranking so many are seen at once.
FEW = 6
# Genres of a mix that are named.
MIXED = 40


def aria(**attributes: str) -> dict[str, Any]:
    """Accessibility attributes: aria(label="Pages") is {"aria-label": "Pages"}."""
    return {f"aria-{name}": value for name, value in attributes.items()}


def go(
    children: Any, href: str, *, label: str = "", current: bool = False, drop: bool = False, **attributes: Any
) -> Component:
    """A link within the app, followed without loading the page again (assets/genrescope.js).

    A cover that lies open stays open on the same page, unless `drop` is set.
    """
    marks: dict[str, Any] = {"data-go": "drop" if drop else "", **(aria(label=label) if label else {})}
    if current:
        marks |= aria(current="true")
    return html.A(children, href=href, **marks, **attributes)


def segmented(label: str, options: Sequence[tuple[str, str, str]], current: str) -> Component:
    """A choice of few: (value, text, address) each, side by side."""
    links = [go(text, href, current=value == current) for value, text, href in options]
    return html.Div(
        [html.Span(label, className="label"), html.Div(links, className="segmented")],
        className="control",
        role="group",
        **aria(label=label),
    )


def menu(
    label: str, options: Sequence[tuple[str, str, str, str]], current: str, *, titles: Mapping[str, str] | None = None
) -> Component:
    """A choice of many: (value, text, note, address) each, behind a button."""
    shown = next((text for value, text, _, _ in options if value == current), "none")
    links = [
        go(
            [html.Span(text), html.Span(note, className="note")],
            href,
            current=value == current,
            title=(titles or {}).get(value, ""),
        )
        for value, text, note, href in options
    ]
    return html.Div(
        [
            html.Span(label, className="label"),
            html.Details([html.Summary(shown), html.Div(links, className="options")], className="menu"),
        ],
        className="control",
    )


def embedding_menu(view: View) -> Component:
    """The choice of the embedding, best separated first, with its macro separability."""
    from dashboard.reading.chains import chains

    chain = view.chain
    options = [
        (
            found.embedding.run_id,
            found.label,
            "not measured" if found.measured is None else f"separability {found.measured:.2f}",
            view.to(embedding=found.embedding.run_id, pair=()),
        )
        for found in chains(view.workspace)
    ]
    return menu("Embedding", options, chain.embedding.run_id if chain else "")


def genre_chip(view: View, genre: str) -> Component:
    """A genre's name after a dot in its colour."""
    return html.Span([dot(view.colors.get(genre)), html.Span(genre, className="name")], className="genre", title=genre)


def dot(color: str | None) -> Component:
    """A dot in a genre's colour."""
    return html.I(className="dot", style={"--color": color or "var(--line-strong)"}, **aria(hidden="true"))


def title_of(view: View, cover_id: int) -> str:
    """A cover's name in a list: its file name without the suffix."""
    return PurePath(str(view.covers.path[cover_id])).stem


def thumbnail(view: View, cover_id: int, *, alt: str = "") -> Component:
    """A cover's thumbnail."""
    return html.Img(src=f"/thumbnails/{view.covers.sha256[cover_id]}.webp", alt=alt, draggable="false")


def card(view: View, cover_id: int, *, note: str = "", taken_for: str = "", reads: str = "") -> Component:
    """A cover as a link that opens it in the panel; under it its genre, and what it was taken for or reads, if any."""
    genre = view.covers.genre_of(cover_id)
    name = title_of(view, cover_id)
    return go(
        [
            thumbnail(view, cover_id),
            html.Span([dot(view.colors[genre]), html.Span(genre, className="name"), html.Span(note, className="note")]),
            _taken_for(view, taken_for),
            html.Span(html.Span(reads, className="name"), className="line") if reads else None,
        ],
        view.to(cover=cover_id),
        label=", ".join(word for word in (name, genre, note, taken_for and f"taken for {taken_for}", reads) if word),
        className="card",
        title=name,
    )


def _taken_for(view: View, genre: str) -> Component:
    if not genre:
        return None
    parts = ["as", dot(view.colors.get(genre)), html.Span(genre, className="name")]
    return html.Span(parts, className="line")


def grid(
    view: View,
    cover_ids: Iterable[int],
    *,
    notes: Mapping[int, str] | None = None,
    taken_for: Mapping[int, str] | None = None,
    reads: Mapping[int, str] | None = None,
    small: bool = False,
) -> Component:
    """Covers side by side, under each its note, the genre it was taken for and what it reads, where there are any."""
    captions = {"note": notes or {}, "taken_for": taken_for or {}, "reads": reads or {}}
    cards = [
        card(view, each, **{name: texts[each] for name, texts in captions.items() if each in texts})
        for each in cover_ids
    ]
    return html.Div(cards, className="grid small" if small else "grid")


def paged_grid(view: View, cover_ids: Sequence[int], **captions: Any) -> Component:
    """A grid of the first `state.shown` covers, and a link to more; captions as in `grid`."""
    shown = list(cover_ids[: view.state.shown])
    parts: list[Component] = [grid(view, shown, **captions)]
    if len(cover_ids) > len(shown):
        text = f"Show more: {len(cover_ids) - len(shown):,} left"
        parts.append(go(text, view.to(shown=min(view.state.shown * 3, 3000)), className="button"))
    return html.Div(parts)


def number(
    value: float | None, low: float | None = None, high: float | None = None, *, digits: int = 3, signs: bool = False
) -> Component:
    """A number with its 95 % interval; with `signs`, a difference."""
    if value is None or value != value:
        return html.Span("–", className="number none")

    def text(each: float) -> str:
        return signed(each, digits=digits) if signs else f"{each:.{digits}f}".replace("-", "−")

    parts: list[Component] = [text(value)]
    if low is not None and high is not None and low == low and high == high:
        parts.append(html.Span(f"{text(low)} to {text(high)}", className="interval"))
    return html.Span(parts, className="number")


def signed(value: float, *, digits: int = 3) -> str:
    """A difference with its sign: '+0.031', '−0.02', '0.00'."""
    text = f"{abs(value):.{digits}f}"
    return text if not float(text) else f"{'−' if value < 0 else '+'}{text}"


def p_in_words(p: float | None) -> str:
    """A p-value as text: 'p < 0.001', 'p = 0.03'; '' when there is none."""
    if p is None or p != p:
        return ""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.01 else f"p = {p:.2f}"


def section(title: str, *children: Any, lead: Any = "", aside: Any = None, name: str = "") -> Component:
    """A titled part of a page with one line on what it shows."""
    head = [html.Div([html.H2(title), html.P(lead, className="lead") if lead else None])]
    if aside is not None:
        head.append(html.Div(aside, className="aside"))
    return html.Section([html.Header(head), *children], className=f"section {name}".strip())


def more(title: str, content: Any, *, opened: bool = False) -> Component:
    """A part of a page that opens on demand, or is open; nothing where there is nothing in it."""
    if not any(part is not None for part in content):
        return None
    return html.Details([html.Summary(title), html.Div(content, className="opened")], className="more", open=opened)


def best_few(rows: Sequence[Component], *, what: str, className: str, opened: bool = False) -> Component:
    """A list whose first FEW rows are seen at once, the others on demand; `what` they are, as 'classifiers'."""
    rest = rows[FEW:]
    fold = more(f"{len(rest):,} more {what}", [html.Ul(rest, className=className)], opened=opened) if rest else None
    return html.Div([html.Ul(rows[:FEW], className=className), fold])


def empty(title: str, *lines: str, command: str = "") -> Component:
    """What a page says when there is nothing to show yet, and what would change that."""
    parts: list[Component] = [html.H2(title), *(html.P(line) for line in lines)]
    if command:
        parts.append(html.Code(command))
    return html.Div(parts, className="empty")


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: '1 cover', '1,200 covers'."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def mix_bar(view: View, cover_ids: Iterable[int]) -> Component:
    """Genres of some covers as one stacked bar over rows of counts, the most frequent first."""
    tally: dict[str, int] = {}
    for cover_id in cover_ids:
        genre = view.covers.genre_of(cover_id)
        tally[genre] = tally.get(genre, 0) + 1
    total = sum(tally.values()) or 1
    ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    bar = [html.I(style={"--color": view.colors[genre], "flexGrow": count}) for genre, count in ranked[:MIXED]]
    rows = [
        html.Tr([html.Td(genre_chip(view, genre)), html.Td(f"{count:,}"), html.Td(f"{count / total:.0%}")])
        for genre, count in ranked[:MIXED]
    ]
    if rest := sum(count for _, count in ranked[MIXED:]):
        others = counted(len(ranked) - MIXED, "other")
        rows.append(html.Tr([html.Td(others), html.Td(f"{rest:,}"), html.Td(f"{rest / total:.0%}")]))
    return html.Div([html.Div(bar, className="stack"), html.Table(html.Tbody(rows), className="numbers")])


def known_cover(view: View, cover_id: int | None) -> queries.Cover | None:
    """The cover with this id, None when the workspace has none."""
    if cover_id is None or cover_id >= len(view.covers):
        return None
    return queries.cover(view.workspace, cover_id)
