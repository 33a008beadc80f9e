"""A matrix of genres as a table whose cells are links: reachable by keyboard, legible, and in the theme's colours.

It travels as one array in an attribute, and assets/matrix.js draws it and fits it into its place: a component a cell
would be megabytes, and seconds, of a hundred genres.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboard.parts.components import Component

# Cells share this width where there is room, within bounds, in pixels; names and slanted titles come to it.
WIDTH, SMALLEST, LARGEST = 410, 36, 64
NAMES, SLANT, GAP = 150, 78, 2
# Tinted more strongly than this, a cell of the light theme is easier to read in white.
LIGHT_TEXT = 0.85
# More columns than this want the width of the page.
NARROW = 13


@dataclass(frozen=True)
class Cell:
    """What stands in a cell. `strength` in 0..1 is how strongly it is tinted; without an address it is no link."""

    text: str
    strength: float
    href: str = ""
    label: str = ""
    kind: str = ""
    current: bool = False


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    cell: Callable[[str, str], Cell | None],
    *,
    colors: dict[str, str],
    row_title: str,
    column_title: str,
) -> Component:
    """A table with a genre a row and a genre a column; `cell` gives what stands there, None for an empty place."""
    cells = [cell(row, column) for row in rows for column in columns]
    side = min(max(WIDTH // max(len(columns), 1), SMALLEST), LARGEST)
    data = {
        "rows": [[genre, colors.get(genre, "")] for genre in rows],
        "columns": [[genre, colors.get(genre, "")] for genre in columns],
        "corner": [column_title, row_title],
        "side": side,
        **_arrays(cells),
    }
    attributes: dict[str, Any] = {"data-matrix": json.dumps(data, ensure_ascii=False, separators=(",", ":"))}
    width = NAMES + SLANT + len(columns) * (side + GAP) + GAP
    return html.Div(
        className="matrix-frame wide" if len(columns) > NARROW else "matrix-frame",
        style={"width": f"{width}px"},
        **attributes,
    )


def _arrays(cells: Sequence[Cell | None]) -> dict[str, Any]:
    """The cells row by row, an array a property; addresses without the part that all begin with."""
    known = [cell or Cell("", 0.0, kind="none") for cell in cells]
    prefix = _beginning([cell.href for cell in known if cell.href])
    return {
        "text": [cell.text for cell in known],
        "strength": [round(100 * min(max(cell.strength, 0.0), 1.0)) for cell in known],
        "kind": [_classes(cell) for cell in known],
        "label": [cell.label for cell in known],
        "prefix": prefix,
        "href": [cell.href.removeprefix(prefix) if cell.href else None for cell in known],
        "current": next((place for place, cell in enumerate(known) if cell.current), -1),
    }


def _beginning(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts, default=""), max(texts, default="")
    same = [one == other for one, other in zip(first, last, strict=False)]
    return first[: (*same, False).index(False)]


def _classes(cell: Cell) -> str:
    return " ".join(word for word in (cell.kind, "strong" if cell.strength > LIGHT_TEXT else "") if word)
