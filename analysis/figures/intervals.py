"""Values with their intervals as dots and bars: genres, embeddings or classifiers, one below the other."""

from collections.abc import Mapping

import pandas as pd

from analysis.figures.axes import round_values
from analysis.figures.drawing import ACCENT, LONGEST, WIDTH, Drawing, dot, line, name, swatch, text, titled
from analysis.figures.numbers import shown
from analysis.figures.palette import PALETTE

# Room for the names of rows, for the numbers behind them, for a dot, and between rows of several, in pixels.
NAMES, NUMBERS, LINE, GAP = 150, 150, 19, 8
# Room at both ends of the axis, as a share of what it spans.
MARGIN = 0.05


def intervals_figure(
    table: pd.DataFrame,
    *,
    row: str = "genre",
    series: str | None = None,
    chance: float | None = None,
    colors: Mapping[str, str] | None = None,
    title: str = "",
) -> Drawing:
    """A row a value of the column `row`, the highest first; with `series` a dot a value of that column in each.

    table: columns value, low, high (95 %, may be NaN) and those named; what has no value is left out. The order of
    rows is that of the first series. chance: where the line of guessing stands. colors: of the rows; series have their
    own. Two intervals that overlap do not yet say that two values are equal: see `compare`.
    """
    table = table[table.value.notna()]
    parts = dict(list(table.groupby(series, sort=False))) if series else {"": table}
    several = {each: PALETTE[i % len(PALETTE)] for i, each in enumerate(parts)} if len(parts) > 1 else {}
    first = next(iter(parts.values()), table).sort_values("value", ascending=False, kind="stable")
    ends = _ends(table, chance)
    drawn, y = [_key(several)], 24.0 if several else 6.0
    top = y
    for each in dict.fromkeys([*first[row], *table[row]]):
        found = [(label, part[part[row] == each]) for label, part in parts.items()]
        dots = [
            (label, *values) for label, part in found for values in zip(part.value, part.low, part.high, strict=True)
        ]
        drawn.append(name(NAMES - 12, y + LINE * len(dots) / 2 + 4, str(each), anchor="end"))
        for label, *values in dots:
            color = several.get(label) or (colors or {}).get(each, ACCENT)
            said = f"{each}, {label}" if several else str(each)
            drawn.append(_dot(values, y + LINE / 2, ends, color=color, said=said))
            y += LINE
        y += GAP if several else 0
    return Drawing(_axis(ends, top, y, chance) + "".join(drawn), WIDTH, y + 24, title)


def _dot(values: list[float], y: float, ends: tuple[float, float], *, color: str, said: str) -> str:
    value, low, high = (_place(each, ends) for each in values)
    number = shown(*values)
    drawn = dot(value, y, (low, y), (high, y), color) + text(WIDTH, y + 4, number, anchor="end", size=11)
    return titled(drawn, f"{said}: {number}")


def _ends(table: pd.DataFrame, chance: float | None) -> tuple[float, float]:
    """Of the axis: all values, intervals and chance, with some room."""
    known = [*table[["value", "low", "high"]].astype(float).stack().dropna(), *([] if chance is None else [chance])]
    left, right = min(known, default=0.0), max(known, default=1.0)
    room = MARGIN * (right - left) or 0.5
    return left - room, right + room


def _axis(ends: tuple[float, float], top: float, bottom: float, chance: float | None) -> str:
    values, places = round_values(*ends)
    parts = []
    for value in values:
        x = _place(value, ends)
        parts.append(line(x, top, x, bottom, opacity=0.13))
        parts.append(text(x, bottom + 16, f"{value:.{places}f}".replace("-", "−"), anchor="middle", faint=True))
    if chance is not None:
        x = _place(chance, ends)
        parts.append(line(x, top, x, bottom, opacity=0.7, dashed=True))
    return "".join(parts)


def _place(value: float, ends: tuple[float, float]) -> float:
    left, right = ends
    return NAMES + (WIDTH - NAMES - NUMBERS) * (value - left) / (right - left)


def _key(series: Mapping[str, str]) -> str:
    parts, x = [], float(NAMES)
    for each, color in series.items():
        parts += [swatch(x, 4, color), name(x + 13, 12, str(each))]
        x += 28 + 6.6 * min(len(str(each)), LONGEST)
    return "".join(parts)
