"""What a report is made of; the page shows it, and tables and figures also go into files of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from analysis.figures.drawing import Drawing
from analysis.figures.numbers import shown
from data.listing import ends


@dataclass(frozen=True)
class Text:
    """Paragraphs; plain ones are escaped by the page. look: 'answer' is set large, 'fine' small."""

    kind: ClassVar[str] = "text"
    paragraphs: Sequence[str]
    look: str = ""


@dataclass(frozen=True)
class Table:
    """A table: `frame` holds the numbers, for the CSV; `shown` the same as text, for the page and LaTeX.

    name: of its files. words: the columns of `shown` that are text, the others are set as numbers.
    """

    kind: ClassVar[str] = "table"
    name: str
    caption: str
    frame: pd.DataFrame
    shown: pd.DataFrame
    words: Sequence[str] = ()
    look: str = ""

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The rows that the page has: of very many those at both ends, all being in the files."""
        rows = list(self.shown.itertuples(index=False, name=None))
        return ends(
            rows, lambda left: (f"… {left:,} more, in the files of the report", *[""] * (self.shown.shape[1] - 1))
        )


@dataclass(frozen=True)
class Figure:
    """A figure. name: of its file."""

    kind: ClassVar[str] = "figure"
    name: str
    caption: str
    drawing: Drawing


@dataclass(frozen=True)
class Thumb:
    """A cover, small: its picture as a data URI, what stands below it, and what it is in words."""

    picture: str
    note: str
    title: str
    color: str = ""


@dataclass(frozen=True)
class Covers:
    """A row of covers; with an anchor other places of the page can lead here."""

    kind: ClassVar[str] = "covers"
    caption: str
    thumbs: Sequence[Thumb]
    anchor: str = ""


@dataclass(frozen=True)
class Collage:
    """A large picture made of covers, as a data URI."""

    kind: ClassVar[str] = "collage"
    caption: str
    picture: str


@dataclass(frozen=True)
class Commands:
    """Lines for a terminal."""

    kind: ClassVar[str] = "commands"
    lines: Sequence[str]


Block = Text | Table | Figure | Covers | Collage | Commands


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading; `lead` says what it is about."""

    anchor: str
    title: str
    lead: str = ""
    blocks: Sequence[Block] = field(default_factory=tuple)


def add_measure(frame: pd.DataFrame, seen: pd.DataFrame, name: str, title: str, values: Sequence | np.ndarray) -> None:
    """A measure (value, low, high) a row: NAME, NAME_low and NAME_high for files, and with a title as text."""
    found = np.asarray(values, dtype=float).reshape(-1, 3)
    for part, column in zip(("", "_low", "_high"), found.T, strict=True):
        frame[name + part] = column
    if title:
        seen[title] = [shown(*row) for row in found]


def missing(what: str, command: str) -> Text:
    """The note that stands where something has not been computed yet."""
    return Text([f"{what} not there yet: '{command}' makes it."], look="missing")
