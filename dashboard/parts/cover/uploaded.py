"""An uploaded image: what kept classifiers say of it, its nearest covers, its place on the map, and the time."""

import base64
import io
import time
from typing import Any

import numpy as np
from dash import dcc, html
from PIL import Image

from analysis.figures.palette import PALETTE
from dashboard.parts.components import FEW, Component, counted, empty, genre_chip, grid, more, section
from dashboard.parts.drawn import figures
from dashboard.parts.many import IN_LINE
from dashboard.reading import asking, chains, queries, results
from dashboard.reading.asking import Said
from dashboard.reading.behind import sure
from dashboard.reading.chains import Chain
from dashboard.serving.limits import DECODED, Gate
from dashboard.serving.memory import give_back
from dashboard.state.view import View
from data.errors import GenrescopeError, UnreadableImage
from data.intake.decoding import decode
from data.store.runs import Run

NEAREST = 48
# Points of the small map: enough to know it by.
POINTS = 4_000
RUNNERS_UP = 2
# What all uploads share: two are looked at at a time.
_GATE = Gate()


def uploaded(view: View, contents: str, filename: str) -> Component:
    """The answer; contents: a data URL. A bad file, or missing weights, is said in one line."""
    started = time.perf_counter()
    chain = view.chain
    if chain is None:
        return empty("No embedding yet", "An image is compared in one.", command="genrescope embed --encoder color")
    try:
        with _GATE.entered():
            return _answered(view, chain, _image(contents), filename, started)
    except UnreadableImage as error:
        return empty(f"{filename} cannot be read as an image", str(error))
    finally:
        give_back()


def rest_said(view: View, contents: str) -> Component:
    """What the other classifiers say of the image that was uploaded; contents: as of `uploaded`."""
    try:
        with _GATE.entered():
            runs = asking.kept(view.workspace)[FEW:]
            return _lines(view, asking.said(view.workspace, runs, asking.pictures_of(_image(contents))))
    except UnreadableImage as error:
        return html.P(str(error), className="quiet")
    finally:
        give_back()


def _image(contents: str) -> Image.Image:
    """The image in a data URL; raises UnreadableImage, also where it is none."""
    try:
        content = base64.b64decode(contents.partition(",")[2], validate=True)
    except (AttributeError, TypeError, ValueError) as error:
        raise UnreadableImage("not an image", "what came is not base64") from error
    return decode(content, limit=DECODED).image


def _answered(view: View, chain: Chain, image: Image.Image, filename: str, started: float) -> Component:
    pictures = asking.pictures_of(image)
    try:
        near = nearest(view, chain, asking.vector(view.workspace, chain, pictures))
    except GenrescopeError as error:
        shown = empty(f"{chain.label} cannot look at new images now", str(error))
        near = []
    else:
        shown = ranked(view, near, f"Nearest to {filename} in {chain.label}")
    said = _said(view, pictures)
    place = _place(view, chain, near)
    took = f"{time.perf_counter() - started:.2f} s"
    return html.Div([_head(image, filename, took, place), html.Div([said, shown])], className="columns uploaded")


def ranked(view: View, found: list[tuple[int, float]], title: str) -> Component:
    """Covers by their cosine similarity to something."""
    notes = {cover_id: f"{similarity:.3f}" for cover_id, similarity in found}
    return section(title, grid(view, notes, notes=notes), lead="By cosine similarity, the nearest first.")


def nearest(view: View, chain: Chain, vector: np.ndarray) -> list[tuple[int, float]]:
    """The covers nearest to a vector in an embedding: (cover_id, cosine similarity)."""
    from analysis.geometry.neighbors import nearest

    cover_ids, vectors = results.vectors(view.workspace, chain.embedding.run_id)
    rows, similarities = nearest(vectors, vector, k=NEAREST)
    return list(zip(cover_ids[rows].tolist(), similarities.tolist(), strict=True))


def _head(image: Any, filename: str, took: str, place: Component) -> Component:
    image.thumbnail((512, 512))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP")
    source = "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
    caption = html.Span([filename, html.Span(f"answered in {took}", className="note")])
    return html.Div([html.Img(src=source, alt=f"Uploaded: {filename}"), caption, place], className="query")


def _said(view: View, pictures: Any) -> Component:
    """What the best classifiers say; the others are read and asked on demand, as dozens of them take a minute."""
    kept = asking.kept(view.workspace)
    if not kept:
        text = "Classifiers trained before they were kept say nothing of new images: "
        return html.P([text, html.Code("genrescope train"), " keeps them."], className="quiet")
    lead = "Those that are kept, the best first; probabilities as on a shelf with equally many covers a genre."
    first = _lines(view, asking.said(view.workspace, kept[:FEW], pictures))
    return section("What classifiers say", first, _others(len(kept) - FEW), lead=lead)


def _others(count: int) -> Component:
    if count < 1:
        return None
    waiting = html.Div(
        html.P("They are read and asked …", className="quiet"), id="search-rest-said", className="opened"
    )
    return html.Details([html.Summary(f"{count:,} more classifiers"), waiting], id="search-rest", className="more")


def _lines(view: View, said: list[Said]) -> Component:
    rows = [_row(view, each) for each in said if not each.trouble]
    silent = [_trouble(view, each) for each in said if each.trouble]
    unasked = f"{counted(len(silent), 'classifier')} cannot be asked"
    fold = more(unasked, [html.Ul(silent, className="said")]) if silent else None
    return html.Div([html.Ul(rows, className="said several"), fold])


def _label(view: View, run: Run) -> Component:
    title = chains.classifier_title(view.workspace, run)
    return html.Span(chains.classifier_label(view.workspace, run), className="by", title=title)


def _trouble(view: View, said: Said) -> Component:
    return html.Li([_label(view, said.run), html.Span(said.trouble, className="trouble")])


def _row(view: View, said: Said) -> Component:
    (genre, share), *others = said.probabilities
    bar = html.I(style={"width": f"{share:.1%}", "--color": view.colors.get(genre)})
    likely = sure.set_of_image(view.workspace, said.run.run_id, dict(said.probabilities))
    then = ", ".join(f"{name} {probability:.0%}" for name, probability in others[:RUNNERS_UP])
    return html.Li(
        [
            _label(view, said.run),
            genre_chip(view, genre),
            html.Span(bar, className="probability"),
            html.Span(f"{share:.0%}", className="number"),
            html.Span(f"then {then}" if then else "", className="then"),
            html.Span(likely, className="then") if likely else None,
        ],
        title=", ".join(f"{name} {probability:.0%}" for name, probability in said.probabilities[:IN_LINE]),
    )


def _place(view: View, chain: Chain, near: list[tuple[int, float]]) -> Component:
    """A small map: the image by its nearest covers, which are framed smaller."""
    places = asking.place(view.workspace, chain, near)
    if not places or chain.projection is None:
        return None
    found = queries.projection(view.workspace, chain.projection.run_id)
    some = figures.draw_order(len(found.cover_ids))[:POINTS]
    codes = view.covers.genre[found.cover_ids[some]] % len(PALETTE)  # colours repeat, and codes are bytes
    colors = list(view.colors.values())[: len(PALETTE)]
    figure = figures.small_map(found.x[some], found.y[some], codes, colors, places=places)
    graph = dcc.Graph(id="search-place", figure=figure, config={"staticPlot": True}, responsive=True)
    words = f"Its place on the map of {chain.label}: the mean of its {len(places) - 1} nearest covers, framed small."
    return html.Div([html.Div(graph, className="place"), html.P(words, className="quiet fine")])
