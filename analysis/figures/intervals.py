"""Values with their intervals as dots and bars: genres, embeddings or classifiers, one below the other."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.figures.axes import round_values
from analysis.figures.drawing import ACCENT, DASHED, LONGEST, WIDTH, Drawing, dot, line, name, swatch, text, titled
from analysis.figures.foremost import SHOWN
from analysis.figures.numbers import shown
from analysis.figures.palette import PALETTE

# Room for the numbers behind rows, for a dot, between rows of several, and for a letter of a name, in pixels.
NUMBERS, LINE, GAP, LETTER = 150, 19, 8, 6.8
# A row's name may be this long: "linear-svm on resnet18-untrained".
LONGEST_ROW = 34
# Room at both ends of the axis, as a share of what it spans.
MARGIN = 0.05


@dataclass(frozen=True)
class Axis:
    """From a value to another, beginning at a place in pixels."""

    left: float
    right: float
    start: float

    def place(self, value: float) -> float:
        """Where a value stands."""
        return self.start + (WIDTH - self.start - NUMBERS) * (value - self.left) / (self.right - self.left)


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
    rows is that of the first series. chance: where the line of guessing stands. colors: of the rows; several series
    have their own. Two intervals that overlap do not yet say that two values are equal: see `compare`.
    """
    table = table[table.value.notna()]
    table, left_out = _at_the_ends(table, row, series)
    codes, names = pd.factorize(table[series]) if series else (np.zeros(len(table), int), [""])
    axis, top = _axis(table, table[row].astype(str), chance), 24.0 if len(names) > 1 else 6.0
    parts, y = [], top
    for each, rows in table.assign(code=codes).iloc[np.lexsort((-table.value, codes))].groupby(row, sort=False):
        middle = y + LINE * len(rows) / 2 + 4
        parts.append(name(axis.start - 12, middle, str(each), anchor="end", longest=LONGEST_ROW))
        for found in rows.itertuples():
            color = PALETTE[found.code % len(PALETTE)] if len(names) > 1 else (colors or {}).get(each, ACCENT)
            said = f"{each}, {names[found.code]}" if len(names) > 1 else str(each)
            parts.append(_dot((found.value, found.low, found.high), y + LINE / 2, axis, color=color, said=said))
            y += LINE
        y += GAP if len(names) > 1 else 0
    key = _key(list(map(str, names)), axis.start) if len(names) > 1 else ""
    said = text(0, y + 40, f"{left_out:,} more between these.", faint=True) if left_out else ""
    return Drawing(key + _lines(axis, top, y, chance) + "".join(parts) + said, WIDTH, y + (46 if said else 24), title)


def _at_the_ends(table: pd.DataFrame, row: str, series: str | None) -> tuple[pd.DataFrame, int]:
    """The rows to draw, of very many those with the highest and the lowest values of the first series; how many not."""
    first = table[table[series] == table[series].iloc[0]] if series and len(table) else table
    order = first.sort_values("value", ascending=False, kind="stable")[row].tolist()
    kept = {*order[: SHOWN // 2], *order[-SHOWN // 2 :]} if len(order) > SHOWN else set(table[row])
    return table[table[row].isin(kept)], max(len(order) - len(kept), 0)


def _dot(values: tuple[float, float, float], y: float, axis: Axis, *, color: str, said: str) -> str:
    value, low, high = (axis.place(each) for each in values)
    number = shown(*values)
    drawn = dot(value, y, (low, y), (high, y), color) + text(WIDTH, y + 4, number, anchor="end", size=11)
    return titled(drawn, f"{said}: {number}")


def _axis(table: pd.DataFrame, names: "pd.Series[str]", chance: float | None) -> Axis:
    """Spans all values, intervals and chance, with some room, behind the longest name."""
    known = [*table[["value", "low", "high"]].astype(float).stack().dropna(), *([] if chance is None else [chance])]
    left, right = min(known, default=0.0), max(known, default=1.0)
    room = MARGIN * (right - left) or 0.5
    letters = min(max(names.map(len), default=0), LONGEST_ROW)
    return Axis(left - room, right + room, max(20 + LETTER * letters, 100))


def _lines(axis: Axis, top: float, bottom: float, chance: float | None) -> str:
    values, places = round_values(axis.left, axis.right)
    parts = []
    for value in values:
        x = axis.place(value)
        parts.append(line(x, top, x, bottom, opacity=0.13))
        parts.append(text(x, bottom + 16, f"{value:.{places}f}".replace("-", "−"), anchor="middle", faint=True))
    if chance is not None:
        x = axis.place(chance)
        parts.append(line(x, top, x, bottom, opacity=0.7, extra=DASHED))
    return "".join(parts)


def _key(names: list[str], x: float) -> str:
    parts = []
    for number, each in enumerate(names):
        parts += [swatch(x, 4, PALETTE[number % len(PALETTE)]), name(x + 13, 12, each)]
        x += 28 + LETTER * min(len(each), LONGEST)
    return "".join(parts)
