"""What is written on one cover: line by line in the panel, and framed on the picture."""

import base64
from itertools import groupby
from xml.sax.saxutils import escape

from dash import html

from dashboard.parts.components import FEW, Component, counted, go, more
from dashboard.parts.lettering.languages import language_name
from dashboard.reading import lettering, written
from dashboard.reading.lettering import Lettering, Word
from dashboard.reading.queries import Cover
from dashboard.state.view import View

# Words that the reader was less sure of are faint, and framed by dashes.
SURE = 0.8
# Seen on any picture, in both themes: a light line on a dark one.
STROKES = (("#101418", 3.5, 0.7), ("#5eead4", 1.6, 1.0))


def said(view: View, cover: Cover) -> Component:
    """The words on a cover, each leading to the covers with it; None where covers were not read."""
    found = _of(view, cover)
    if found is None:
        return None
    if not found.words:
        return html.Div([html.H3("Words on it"), html.P("No words found.", className="quiet")], className="written")
    lines = [_line(view, list(words)) for _, words in groupby(found.words, lambda word: word.line)]
    rest = more(counted(len(lines) - FEW, "more line"), [html.Ul(lines[FEW:])]) if len(lines) > FEW else None
    head = html.H3(["Words on it", _toggle(view)])
    return html.Div([head, html.Ul(lines[:FEW]), rest, _guessed(found)], className="written")


def frames(view: View, cover: Cover) -> Component:
    """The boxes of the words, to lie over the picture; None unless they are asked for."""
    found = _of(view, cover) if view.state.boxes else None
    if found is None or not found.words:
        return None
    drawn = base64.b64encode(svg(found.words, cover.width, cover.height).encode()).decode("ascii")
    return html.Img(src=f"data:image/svg+xml;base64,{drawn}", alt="Frames around its words", className="boxes")


def svg(words: tuple[Word, ...], width: int, height: int) -> str:
    """The boxes of words on a cover of width x height pixels as SVG, in shares of its longer side."""
    longer = max(width, height)
    shapes = []
    for color, thickness, opacity in STROKES:
        stroke = f'stroke="{color}" stroke-width="{thickness}" stroke-opacity="{opacity}"'
        shapes.append(f'<g fill="none" stroke-linejoin="round" {stroke}>{"".join(map(_frame, words))}</g>')
    box = f"0 0 {width / longer:.5f} {height / longer:.5f}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{"".join(shapes)}</svg>'


def _frame(word: Word) -> str:
    corners = " ".join(f"{x:.4f},{y:.4f}" for x, y in zip(word.box[::2], word.box[1::2], strict=True))
    dashes = ' stroke-dasharray="5 4"' if word.confidence < SURE else ""
    title = f"<title>{escape(_legible(word.word))}</title>"
    return f'<polygon points="{corners}" vector-effect="non-scaling-stroke"{dashes}>{title}</polygon>'


def _legible(word: str) -> str:
    """A word without what XML holds in no form."""
    return "".join(letter for letter in word if letter.isprintable())


def _of(view: View, cover: Cover) -> Lettering | None:
    run = lettering.current(view.workspace)
    return lettering.of_cover(view.workspace, run.run_id, cover.cover_id) if run else None


def _toggle(view: View) -> Component:
    on = view.state.boxes == "on"
    href = view.to(boxes="" if on else "on")
    return go("Hide the boxes" if on else "Show on the cover", href, current=on, className="show-words")


def _line(view: View, words: list[Word]) -> Component:
    unsure = min(word.confidence for word in words) < SURE
    parts = [part for word in words for part in (_link(view, word.word), " ")]
    return html.Li(parts, className="unsure" if unsure else "", title=f"confidence {words[0].confidence:.2f}")


def _link(view: View, word: str) -> Component:
    if not written.terms_of(word):
        return html.Span(word)
    return go(word, view.to("/search", written=word, query="", words="", pair=()), label=f"Covers with {word}")


def _guessed(found: Lettering) -> Component:
    """Script and language, where they say something."""
    parts = [found.script if found.script not in ("", "Latin") else "", language_name(found.language)]
    words = ", ".join(part for part in parts if part)
    text = f"{words}, by a guess." if words else ""
    unsure = any(word.confidence < SURE for word in found.words)
    faint = "Faint: the reader was unsure." if unsure else ""
    return html.P(" ".join(filter(None, [text, faint])), className="quiet") if text or faint else None
