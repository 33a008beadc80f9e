"""Learning curves, a small panel a genre: measured points with their intervals, and what is foretold, with its band."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import escape

from analysis.figures.axes import round_values
from analysis.figures.drawing import ACCENT, WIDTH, Drawing, line, name, text, titled
from analysis.figures.foremost import SHOWN
from analysis.figures.numbers import shown

# Panels side by side, the room of each for labels on the left, the title above and labels below, and its height.
ACROSS, LEFT, TOP, BELOW, HEIGHT = 3, 34, 20, 26, 120


@dataclass(frozen=True)
class _Panel:
    """Where a panel stands, and what it spans: groups from `few` to `many`, values from `low` to `high`."""

    x: float
    y: float
    few: float
    many: float
    low: float
    high: float

    @property
    def width(self) -> float:
        return WIDTH / ACROSS - LEFT - 14

    def place(self, groups: float, value: float) -> tuple[float, float]:
        """Groups go in doublings."""
        along = np.log(groups / self.few) / np.log(self.many / self.few)
        up = (np.clip(value, self.low, self.high) - self.low) / (self.high - self.low)
        return self.x + LEFT + self.width * float(along), self.y + TOP + HEIGHT * (1 - float(up))


def learning_figure(table: pd.DataFrame, *, colors: Mapping[str, str] | None = None, title: str = "") -> Drawing:
    """A panel a genre and one for their mean; table: of `learning_curve.read_curves`, what is not measured left out.

    Of more than SHOWN genres the first by name.
    """
    table = table[table.value.notna()].assign(genre=table.genre.fillna(""))
    genres = sorted(set(table[table.curve == "learning"].genre), key=lambda each: (not each, each))
    genres = [*genres[: SHOWN - 1], *genres[-1:]] if len(genres) > SHOWN else genres
    low, high = min(0.0, table.low.min()), max(0.1, table.high.max())
    parts = []
    for number, genre in enumerate(genres):
        own = table[table.genre == genre].sort_values("x")
        x, y = (number % ACROSS) * WIDTH / ACROSS, (number // ACROSS) * (TOP + HEIGHT + BELOW)
        panel = _Panel(x, y, own.x.min(), own.x.max(), low, high)
        parts.append(_panel(panel, own, genre or "Mean over the genres", (colors or {}).get(genre, ACCENT)))
    rows = -(-len(genres) // ACROSS)
    return Drawing("".join(parts), WIDTH, rows * (TOP + HEIGHT + BELOW), title)


def _panel(panel: _Panel, own: pd.DataFrame, genre: str, color: str) -> str:
    ahead = own[own.curve == "learning_ahead"]
    band = [panel.place(x, value) for x, value in zip(ahead.x, ahead.high, strict=True)]
    band += [panel.place(x, value) for x, value in zip(ahead.x[::-1], ahead.low[::-1], strict=True)]
    law = [panel.place(x, value) for x, value in zip(ahead.x, ahead.value, strict=True)]
    parts = [_axes(panel), name(panel.x + LEFT, panel.y + 12, genre)]
    if law:
        parts.append(f'<polygon points="{_points(band)}" fill="{escape(color)}" fill-opacity="0.2"/>')
        parts.append(f'<polyline points="{_points(law)}" fill="none" stroke="{escape(color)}" stroke-width="1.5"/>')
    parts += [_dot(panel, row, color) for row in own[own.curve == "learning"].itertuples()]
    return "".join(parts)


def _dot(panel: _Panel, row: object, color: str) -> str:
    x, value, low, high = (float(getattr(row, part)) for part in ("x", "value", "low", "high"))
    across, down = panel.place(x, value)
    bar = line(*panel.place(x, low), *panel.place(x, high), opacity=0.6, color=color)
    point = f'<circle cx="{across:.1f}" cy="{down:.1f}" r="2.6" fill="{escape(color)}"/>'
    return titled(bar + point, f"{x:,.0f} groups: {shown(value, low, high)}")


def _axes(panel: _Panel) -> str:
    parts = []
    values, places = round_values(panel.low, panel.high)
    for value in values:
        (left, y), (right, _) = panel.place(panel.few, value), panel.place(panel.many, value)
        parts.append(line(left, y, right, y, opacity=0.13))
        parts.append(text(left - 6, y + 4, f"{value:.{places}f}".replace("-", "−"), anchor="end", size=10, faint=True))
    for groups in (panel.few, np.sqrt(panel.few * panel.many), panel.many):
        x, y = panel.place(groups, panel.low)
        parts.append(text(x, y + 15, f"{groups:,.0f}", anchor="middle", size=10, faint=True))
    return "".join(parts)


def _points(places: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
