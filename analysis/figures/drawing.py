"""A figure as SVG that needs nothing else, and the parts that figures are drawn of.

Names are escaped here. Text and lines are of the colour of what is around (`currentColor`).
"""

import base64
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import escape

from data.errors import GenrescopeError

ACCENT = "#0d9488"
WIDTH = 720
# How lines are drawn that stand for chance, and for intervals.
DASHED, BAR = 'stroke-dasharray="3 3"', 'stroke-width="5" stroke-linecap="round"'
# A name longer than this is cut short; the whole is shown by resting on it.
LONGEST = 22
# Of a figure that stands alone: its ground and ink, the rim around it, and the height of the line with its title.
PAPER, INK, RIM, HEADING = "#fff", "#1c1b1a", 16, 28


@dataclass(frozen=True)
class Drawing:
    """A figure: body, its elements, of width and height in pixels; title, what it is, as plain text.

    In a page it has no ground, colour or title of its own: it follows the page's theme, and the page says what it is.
    `svg` stands alone, with its title in black on white; a notebook shows it, `save` writes it. Where another format is
    wanted, programs that read SVG make PNG and PDF of it.
    """

    body: str = field(repr=False)
    width: float
    height: float
    title: str

    def __html__(self) -> str:
        """For a page; markupsafe's and Jinja's name."""
        return _svg(self.body, self.width, self.height, title=self.title)

    @property
    def svg(self) -> str:
        """The figure alone."""
        top = RIM + (HEADING if self.title else 0)
        width = max(self.width, 7.5 * len(self.title)) + 2 * RIM
        heading = text(RIM, RIM + 14, self.title, size=14, extra='font-weight="600"') if self.title else ""
        ground = f'<rect width="{width:g}" height="{self.height + top + RIM:g}" fill="{PAPER}"/>'
        body = f'{ground}<g color="{INK}">{heading}<g transform="translate({RIM} {top})">{self.body}</g></g>'
        return _svg(body, width, self.height + top + RIM, title=self.title)

    def _repr_html_(self) -> str:
        """For a notebook: as a picture, which Jupyter shows in notebooks of others, too, unlike SVG itself."""
        content = base64.b64encode(self.svg.encode()).decode()
        return f'<img src="data:image/svg+xml;base64,{content}" alt="{escape(self.title)}" style="max-width:100%">'

    def save(self, file: str | Path) -> None:
        """Write `svg` to a file; raises GenrescopeError where it cannot be, or is not named .svg."""
        if Path(file).suffix != ".svg":
            raise GenrescopeError(f"cannot save a figure as {file}: figures are SVG, end the file's name in .svg")
        try:
            Path(file).write_text(self.svg, encoding="utf-8")
        except OSError as error:
            raise GenrescopeError(f"cannot write {file}: {error.strerror}") from error


def text(
    x: float, y: float, said: str, *, anchor: str = "start", size: float = 12, faint: bool = False, extra: str = ""
) -> str:
    """A line of text; extra: more attributes."""
    opacity = ' fill-opacity="0.7"' if faint else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" fill="currentColor"{opacity} '
        f"{extra}>{escape(said)}</text>"
    )


def name(x: float, y: float, said: str, *, anchor: str = "start", longest: int = LONGEST, extra: str = "") -> str:
    """A name, cut short where it is long."""
    if len(said) <= longest:
        return text(x, y, said, anchor=anchor, extra=extra)
    return titled(text(x, y, f"{said[: longest - 1]}…", anchor=anchor, extra=extra), said)


def titled(parts: str, title: str) -> str:
    """Parts, and what resting on them shows."""
    return f"<g><title>{escape(title)}</title>{parts}</g>"


def line(
    x1: float, y1: float, x2: float, y2: float, *, opacity: float, color: str = "currentColor", extra: str = ""
) -> str:
    """A line; extra: more attributes."""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{escape(color)}" stroke-opacity="{opacity:g}" {extra}/>'


def dot(x: float, y: float, low: tuple[float, float], high: tuple[float, float], color: str) -> str:
    """A value and, unless an end is NaN, the bar of its interval from one place to another."""
    known = all(place == place for place in (*low, *high))
    bar = line(*low, *high, opacity=0.4, color=color, extra=BAR) if known else ""
    point = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{escape(color)}" stroke="currentColor" stroke-width="0.6"/>'
    )
    return bar + point


def swatch(x: float, y: float, color: str) -> str:
    """A small square of a colour."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="8" height="8" rx="2" fill="{escape(color)}"/>'


def _svg(body: str, width: float, height: float, *, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="{escape(title)}" font-size="12" '
        f'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">{body}</svg>'
    )
