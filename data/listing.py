"""Lists of genres in words and in terminal tables: a few of very many, and how many more there are."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Row = TypeVar("Row")
# A table has so many rows at most, else so many at each end; a sentence names so many at most, else so many.
ROWS, AT_AN_END = 60, 20
NAMES, NAMED = 20, 6


def ends(rows: Sequence[Row], gap: Callable[[int], Row]) -> list[Row]:
    """All rows or, of very many, the first and the last ones; `gap` is the row between, of how many there are not."""
    if len(rows) <= ROWS:
        return list(rows)
    return [*rows[:AT_AN_END], gap(len(rows) - 2 * AT_AN_END), *rows[-AT_AN_END:]]


def enumerated(names: Sequence[str]) -> str:
    """'A', 'A and B', 'A, B and C'; of very many 'A, B, C, D, E, F and 94 others'."""
    if len(names) > NAMES:
        names = [*names[:NAMED], f"{len(names) - NAMED:,} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def listed(names: Sequence[str]) -> str:
    """'A, B, C'; of very many 'A, B, C, D, E, F and 94 others'."""
    return enumerated(names) if len(names) > NAMES else ", ".join(names)
