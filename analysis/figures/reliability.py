"""How far a classifier's probabilities can be trusted."""

from typing import Any

import pandas as pd

from analysis.figures.drawing import ACCENT, DASHED, Drawing, dot, line, text, titled
from analysis.figures.numbers import shown

# The square, where it begins, and the height of the highest bar, in pixels.
SIDE, LEFT, TOP, BARS = 340, 64, 8, 50


def reliability_figure(table: pd.DataFrame, *, title: str = "") -> Drawing:
    """How often a classifier is right by how sure it says it is; table: of `reliability.reliability`.

    On the diagonal it is as often right as it says; below, it is too sure. The bars at the diagonal are the consistency
    band: points in them are what chance gives where every probability is right. Bars below: how many covers.
    """
    parts = [_axes(), line(*_place(0, 0), *_place(1, 1), opacity=0.7, extra=DASHED)]
    parts += [_bin(row, BARS * row.covers / table.covers.max()) for row in table.itertuples()]
    return Drawing("".join(parts), LEFT + SIDE + 40, TOP + SIDE + 46, title)


def _bin(row: Any, height: float) -> str:
    (left, bottom), (right, _) = _place(row.from_, 0), _place(row.to, 0)
    bar = (
        f'<rect x="{left + 1:.1f}" y="{bottom - height:.1f}" width="{right - left - 2:.1f}" height="{height:.1f}" '
        'fill="currentColor" fill-opacity="0.15"/>'
    )
    at, nowhere = _place(row.confidence, row.right), (float("nan"),) * 2
    drawn = bar + _band(row) + dot(*at, nowhere, nowhere, ACCENT)
    said = f"{row.covers:,.0f} covers said with {row.confidence:.2f}: right {shown(row.right, row.low, row.high)}"
    if row.band_low == row.band_low:
        said += f"; if all probabilities were right {row.band_low:.3f} to {row.band_high:.3f}"
    return titled(drawn, said)


def _band(row: Any) -> str:
    if row.band_low != row.band_low:
        return ""
    ends = _place(row.confidence, row.band_low), _place(row.confidence, row.band_high)
    return line(*ends[0], *ends[1], opacity=0.22, extra='stroke-width="14"')


def _axes() -> str:
    parts = []
    for value in (0, 0.2, 0.4, 0.6, 0.8, 1):
        (x, y), (far, above) = _place(value, value), _place(1, 1)
        parts += [line(x, above, x, TOP + SIDE, opacity=0.13), line(LEFT, y, far, y, opacity=0.13)]
        parts.append(text(x, TOP + SIDE + 18, f"{value:.1f}", anchor="middle", faint=True))
        parts.append(text(LEFT - 8, y + 4, f"{value:.1f}", anchor="end", faint=True))
    turned = f'transform="rotate(-90 16 {TOP + SIDE / 2:g})"'
    parts.append(text(16, TOP + SIDE / 2, "share of covers told right", anchor="middle", extra=turned))
    parts.append(text(LEFT + SIDE / 2, TOP + SIDE + 40, "probability of the genre it says", anchor="middle"))
    return "".join(parts)


def _place(across: float, up: float) -> tuple[float, float]:
    return LEFT + SIDE * across, TOP + SIDE * (1 - up)
