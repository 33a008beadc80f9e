"""Points of the map by how the lettering of their covers stands, and which of them a filter by lettering leaves."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from analysis.figures.palette import PALETTE
from dashboard.parts.lettering.languages import language_name
from dashboard.reading import lettering, written
from dashboard.reading.lettering import Standing
from dashboard.state.colors import FADED, NOISE, RISING, UNKNOWN
from dashboard.state.view import View

# Of the languages and scripts, so many have a colour of their own.
NAMED = 12


@dataclass(frozen=True)
class _Number:
    """A number that colours: its name, where its steps end, how these are called, and what it is."""

    name: str
    edges: tuple[float, ...]
    steps: tuple[str, ...]
    note: str


NUMBERS = {
    "words": _Number(
        "Number of words",
        (3, 5, 9, 17),
        ("1 or 2 words", "3 or 4", "5 to 8", "9 to 16", "17 and more"),
        "",
    ),
    "covered": _Number(
        "Share of the cover",
        (0.03, 0.07, 0.12, 0.2),
        ("below 3%", "to 7%", "to 12%", "to 20%", "more"),
        "Share of the cover that its words take.",
    ),
    "largest": _Number(
        "Largest letters",
        (0.06, 0.09, 0.13, 0.2),
        ("below 6%", "to 9%", "to 13%", "to 20%", "more"),
        "Height of the largest word, of the cover's longer side.",
    ),
    "contrast": _Number(
        "Contrast",
        (0.2, 0.3, 0.4, 0.5),
        ("below 0.20", "to 0.30", "to 0.40", "to 0.50", "more"),
        "Lightness of letters against their ground, 0 to 1.",
    ),
}
KINDS = {name: number.name for name, number in NUMBERS.items()} | {"script": "Script", "language": "Language"}

# Codes (n,), colours, legend, note: what a colouring of the map is made of.
Colored = tuple[np.ndarray, tuple[str, ...], tuple[tuple[str, str], ...], str]


def by_lettering(view: View, run_id: str, cover_ids: np.ndarray) -> Colored:
    """Colours of these covers by the number, script or language that the state names; those without words are grey."""
    found, rows = _rows(view, run_id, cover_ids)
    kind = view.state.lettering if view.state.lettering in KINDS else "words"
    if kind in NUMBERS:
        return _by_number(found, rows, NUMBERS[kind], getattr(found, kind))
    return _by_name(found, rows, getattr(found, kind), kind)


def kept(view: View, cover_ids: np.ndarray) -> np.ndarray:
    """Which of these covers (n,) the filter by lettering leaves: all where there is none, or nobody read them."""
    state, run = view.state, lettering.current(view.workspace)
    left = np.ones(len(cover_ids), dtype=bool)
    if run is None:
        return left
    found, rows = _rows(view, run.run_id, cover_ids)
    read = rows >= 0
    if state.lettered in ("with", "without"):
        left &= read & ((found.words[rows] > 0) == (state.lettered == "with")) if len(found.words) else False
    if state.language:
        left &= read & (found.language[rows] == state.language) if len(found.words) else False
    if state.written:
        left &= np.isin(cover_ids, list(written.find(view.workspace, run.run_id, state.written).words))
    return left


def _rows(view: View, run_id: str, cover_ids: np.ndarray) -> tuple[Standing, np.ndarray]:
    """How words stand, and the row of each cover in it, -1 where it was not read."""
    found = lettering.standing(view.workspace, run_id)
    rows = np.searchsorted(found.cover_ids, cover_ids).clip(max=max(len(found.cover_ids) - 1, 0))
    known = found.cover_ids[rows] == cover_ids if len(found.cover_ids) else np.zeros(len(cover_ids), dtype=bool)
    return found, np.where(known, rows, -1)


def _by_number(found: Standing, rows: np.ndarray, number: _Number, values: np.ndarray) -> Colored:
    codes = np.where(found.words == 0, 1, 2 + np.digitize(values, number.edges))
    legend = (*zip(number.steps, RISING, strict=True), *_without(found))
    return _placed(codes, rows), (FADED, NOISE, *RISING), legend, number.note


def _by_name(found: Standing, rows: np.ndarray, values: np.ndarray, kind: str) -> Colored:
    """By script or language, the most frequent with a colour each; what is not known is fainter than no words."""
    tally = Counter(value for value in values.tolist() if value)
    names = [name for name, _ in tally.most_common(NAMED)]
    place = {name: 3 + i for i, name in enumerate(names)}
    others = 3 + len(names)
    codes = np.array([place.get(value, others) if value else 2 for value in values.tolist()], dtype=int)
    codes[found.words == 0] = 1
    called = [language_name(name) if kind == "language" else name for name in names]
    legend = [(f"{name} {tally[key]:,}", PALETTE[i]) for i, (key, name) in enumerate(zip(names, called, strict=True))]
    legend += [("others", PALETTE[NAMED])] if len(tally) > NAMED else []
    unknown = int(np.count_nonzero(codes == 2))
    legend += [(f"not told {unknown:,}", UNKNOWN)] if unknown else []
    note = "Guessed; covers say too little for most." if kind == "language" else ""
    colors = (FADED, NOISE, UNKNOWN, *PALETTE[: len(names)], PALETTE[NAMED])
    return _placed(codes, rows), colors, (*legend, *_without(found)), note


def _placed(codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Codes of the covers asked for; 0 where one was not read."""
    return np.append(codes, 0)[rows]


def _without(found: Standing) -> tuple[tuple[str, str], ...]:
    count = int(np.count_nonzero(found.words == 0))
    return ((f"no words {count:,}", NOISE),) if count else ()
