"""Figures as SVG that needs nothing else: the same text stands in a page, goes to a printer and into a file.

Names are escaped here. Text and lines are of the colour of what is around (`currentColor`): they follow a page's theme,
and are black in a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from analysis.figures.axes import round_values

ACCENT = "#0d9488"
WIDTH = 720
# Room for the names of rows, for the numbers behind them, and between lines, in pixels.
NAMES, NUMBERS, LINE = 150, 150, 19
# A name longer than this is cut short; the whole is shown by resting on it.
LONGEST = 22
# Room at both ends of an axis, as a share of what it spans.
MARGIN = 0.05


@dataclass(frozen=True)
class Dot:
    """A value with its interval; low and high may be NaN. What a reader sees of it is `text`."""

    value: float
    low: float
    high: float
    text: str
    color: str = ACCENT
    title: str = ""


def drawing(body: str, *, width: float, height: float, label: str) -> Markup:
    """A whole figure; label: what it is, for those who cannot see it."""
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="{escape(label)}" font-size="12" '
        f'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">{body}</svg>'
    )


def intervals(
    rows: Sequence[tuple[str, Sequence[Dot]]],
    *,
    label: str,
    reference: float | None = None,
    series: Mapping[str, str] | None = None,
) -> Markup:
    """Values with their intervals on one axis: a row a name, and in it a line a dot.

    reference: where a line stands, such as chance. series: names of the lines of a row with their colours, for a key.
    """
    left, right = _span([dot for _, dots in rows for dot in dots], reference)
    top = 24 if series else 6
    lines = sum(len(dots) for _, dots in rows)
    gap = 8 if any(len(dots) > 1 for _, dots in rows) else 0
    bottom = top + LINE * lines + gap * len(rows)
    parts = [_key(series), _axis(left, right, top, bottom, reference)]
    y = float(top)
    for name, dots in rows:
        parts.append(_text(NAMES - 12, y + LINE * len(dots) / 2 + 4, _shortened(name), anchor="end"))
        for dot in dots:
            parts.append(_dot(dot, y + LINE / 2, left, right))
            y += LINE
        y += gap
    return drawing("".join(parts), width=WIDTH, height=bottom + 24, label=label)


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[int, int], tuple[float, str, str]],
    *,
    label: str,
    colors: Mapping[str, str],
    titles: tuple[str, str] = ("", ""),
    links: Mapping[tuple[int, int], str] | None = None,
) -> Markup:
    """Cells by (row, column): how strongly each is tinted (0 to 1), its text, and what resting on it shows.

    titles: what rows and columns are. links: addresses of cells within the page.
    """
    side = min(max(460 / max(len(columns), 1), 27), 58)
    top = 30 + min(max(map(len, columns), default=0), LONGEST) * 4.6
    parts = [_text(NAMES - 12, top - 8, f"{titles[0]} ↓", anchor="end", faint=True)] if titles[0] else []
    parts += [_text(0, 14, f"{titles[1]} →", faint=True)] if titles[1] else []
    for j, name in enumerate(columns):
        x = NAMES + side * (j + 0.5)
        parts.append(_swatch(x - 4, top - 13, colors.get(name)))
        turned = f'transform="rotate(-40 {x:g} {top - 18:g})"'
        parts.append(_text(x, top - 18, _shortened(name), extra=turned))
    for i, name in enumerate(rows):
        y = top + side * i
        parts += [
            _swatch(NAMES - 14, y + side / 2 - 4, colors.get(name)),
            _text(NAMES - 20, y + side / 2 + 4, _shortened(name), anchor="end"),
        ]
        parts += [
            _cell(NAMES + side * j, y, side, cells[i, j], (links or {}).get((i, j)))
            for j in range(len(columns))
            if (i, j) in cells
        ]
    width = NAMES + side * len(columns) + 90
    return drawing("".join(parts), width=width, height=top + side * len(rows) + 6, label=label)


def _cell(x: float, y: float, side: float, cell: tuple[float, str, str], link: str | None) -> str:
    strength, text, title = cell
    tint = 0.04 + 0.7 * min(max(strength, 0), 1)
    size = 12 if side > 34 else 10
    drawn = (
        f'<g><title>{escape(title)}</title><rect x="{x + 1:g}" y="{y + 1:g}" width="{side - 2:g}" '
        f'height="{side - 2:g}" rx="3" fill="{ACCENT}" fill-opacity="{tint:.2f}"/>'
        f"{_text(x + side / 2, y + side / 2 + size / 3, text, anchor='middle', size=size)}</g>"
    )
    return f'<a href="{escape(link)}" text-decoration="underline">{drawn}</a>' if link else drawn


def _dot(dot: Dot, y: float, left: float, right: float) -> str:
    x, color = _place(dot.value, left, right), escape(dot.color)
    line = ""
    if dot.low == dot.low and dot.high == dot.high:
        low, high = _place(dot.low, left, right), _place(dot.high, left, right)
        line = (
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:g}" y2="{y:g}" stroke="{color}" '
            'stroke-width="5" stroke-opacity="0.4" stroke-linecap="round"/>'
        )
    title = f"<title>{escape(dot.title)}</title>" if dot.title else ""
    point = f'<circle cx="{x:.1f}" cy="{y:g}" r="4.5" fill="{color}" stroke="currentColor" stroke-width="0.6"/>'
    return f"<g>{title}{line}{point}{_text(WIDTH, y + 4, dot.text, anchor='end', size=11)}</g>"


def _span(dots: Sequence[Dot], reference: float | None) -> tuple[float, float]:
    known = [value for dot in dots for value in (dot.value, dot.low, dot.high) if value == value]
    known += [] if reference is None else [reference]
    left, right = min(known, default=0.0), max(known, default=1.0)
    room = MARGIN * (right - left) or 0.5
    return left - room, right + room


def _axis(left: float, right: float, top: float, bottom: float, reference: float | None) -> str:
    values, places = round_values(left, right)
    parts = []
    for value in values:
        x = _place(value, left, right)
        parts.append(_line(x, top, bottom, opacity=0.13))
        parts.append(_text(x, bottom + 16, f"{value:.{places}f}".replace("-", "−"), anchor="middle", faint=True))
    if reference is not None:
        parts.append(_line(_place(reference, left, right), top, bottom, opacity=0.7, dashes="3 3"))
    return "".join(parts)


def _place(value: float, left: float, right: float) -> float:
    return NAMES + (WIDTH - NAMES - NUMBERS) * (value - left) / (right - left)


def _line(x: float, top: float, bottom: float, *, opacity: float, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:g}" y2="{bottom:g}" stroke="currentColor" '
        f'stroke-opacity="{opacity:g}"{dashed}/>'
    )


def _key(series: Mapping[str, str] | None) -> str:
    parts, x = [], float(NAMES)
    for name, color in (series or {}).items():
        parts += [_swatch(x, 4, color), _text(x + 13, 12, _shortened(name))]
        x += 28 + 6.6 * min(len(name), LONGEST)
    return "".join(parts)


def _swatch(x: float, y: float, color: str | None) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="8" height="8" rx="2" fill="{escape(color)}"/>' if color else ""


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: float = 12, faint: bool = False, extra: str = ""
) -> str:
    opacity = ' fill-opacity="0.7"' if faint else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" fill="currentColor"{opacity} '
        f"{extra}>{escape(text)}</text>"
    )
