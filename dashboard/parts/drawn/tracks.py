"""Values with their intervals as dots on tracks, one row each, beside the numbers: a table that is a chart.

HTML and CSS instead of a Plotly figure: rows align with their numbers, labels are links, themes need no redrawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from analysis.figures.axes import round_values
from dashboard.parts.components import Component, genre_chip, number
from dashboard.reading.queries import Metric
from dashboard.state.view import View

# Room at both ends of the axis, as a share of what it spans.
MARGIN = 0.04


@dataclass(frozen=True)
class Track:
    """One row: a label, a value with its 95 % interval, a colour, and last cells such as a p-value.

    `reference` is the row's own line, such as its chance level.
    """

    label: Any
    value: float
    low: float | None = None
    high: float | None = None
    color: str = "var(--accent)"
    notes: Sequence[Any] = ()
    reference: float | None = None


def track_of(view: View, row: Metric, *, notes: Sequence[Any] = ()) -> Track:
    """The row of a genre in its colour, or of all genres together."""
    return Track(
        label=html.Strong("All genres") if row.genre is None else genre_chip(view, row.genre),
        value=row.value or 0.0,
        low=row.low,
        high=row.high,
        color="var(--text)" if row.genre is None else view.colors.get(row.genre, "var(--accent)"),
        notes=notes,
    )


def track_table(
    tracks: Sequence[Track],
    *,
    lowest: float | None = None,
    highest: float | None = None,
    reference: float | None = None,
    digits: int = 3,
    differences: bool = False,
) -> Component:
    """Rows on one common axis, which spans all values and intervals; `reference` is a line, such as chance.

    differences: values are differences and carry their sign.
    """
    left, right = _span(tracks, lowest, highest, reference)
    beside = max((len(track.notes) for track in tracks), default=0)
    rows = [
        html.Tr([*_row(track, left, right, reference, digits, differences=differences), *_notes(track, beside)])
        for track in tracks
    ]
    table = html.Table([html.Tbody(rows), html.Tfoot(_axis(left, right, beside))], className="tracks")
    return html.Div(table, className="frame")


def _span(
    tracks: Sequence[Track], lowest: float | None, highest: float | None, reference: float | None
) -> tuple[float, float]:
    values = [reference, lowest, highest]
    for track in tracks:
        values += [track.value, track.low, track.high, track.reference]
    known = [value for value in values if value is not None and value == value] or [0.0, 1.0]
    left, right = min(known), max(known)
    room = MARGIN * (right - left) or 0.5
    return (left if left == lowest else left - room), (right if right == highest else right + room)


def _row(
    track: Track, left: float, right: float, reference: float | None, digits: int, *, differences: bool
) -> list[Component]:
    line = reference if track.reference is None else track.reference
    marks = [_line(line, left, right)] if line is not None else []
    marks += _dot(track, left, right)
    cells = [html.Td(html.Div(marks, className="track"), className="chart")]
    shown = number(track.value, track.low, track.high, digits=digits, signs=differences)
    cells.append(html.Td(shown, className="value"))
    return [html.Th(track.label, scope="row"), *cells]


def _notes(track: Track, count: int) -> list[Component]:
    return [html.Td(note, className="note") for note in (*track.notes, *[""] * (count - len(track.notes)))]


def _dot(track: Track, left: float, right: float) -> list[html.I]:
    style = {"--color": track.color}
    parts = []
    if track.low is not None and track.high is not None and track.low == track.low:
        low, high = _place(track.low, left, right), _place(track.high, left, right)
        parts.append(html.I(className="range", style={**style, "left": f"{low:.2f}%", "width": f"{high - low:.2f}%"}))
    place = _place(track.value, left, right)
    return [*parts, html.I(className="point", style={**style, "left": f"{place:.2f}%"})]


def _line(value: float, left: float, right: float) -> Component:
    return html.I(className="reference", style={"left": f"{_place(value, left, right):.2f}%"})


def _axis(left: float, right: float, beside: int) -> Component:
    values, places = round_values(left, right)
    labels = [_label(value, _place(value, left, right), places, values) for value in values]
    return html.Tr([html.Td(), html.Td(html.Div(labels, className="axis")), html.Td(colSpan=1 + beside)])


def _label(value: float, place: float, places: int, values: list[float]) -> Component:
    """A label of the axis; every second one, never that of 0, gives way where the axis is short."""
    step = values[1] - values[0] if len(values) > 1 else 1.0
    between = "between" if round(value / step) % 2 else ""
    text = f"{value:.{places}f}".replace("-", "−")
    return html.Span(text, style={"left": f"{place:.2f}%"}, className=between)


def _place(value: float, left: float, right: float) -> float:
    return 100 * min(max((value - left) / (right - left), 0.0), 1.0)
