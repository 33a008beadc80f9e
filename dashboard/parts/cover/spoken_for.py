"""Where a network that was trained here looks when it says what a cover is."""

import base64

from dash import html

from dashboard.parts.components import Component, genre_chip
from dashboard.reading import asking
from dashboard.reading.judged import Judgement
from dashboard.state.view import View
from data.errors import GenrescopeError
from data.store.runs import Run


def is_network(run: Run) -> bool:
    """Whether a classifier run trained a network on the covers themselves."""
    return run.name.startswith("fastai:")


def spoken_for(view: View, cover_id: int, run: Run, found: Judgement) -> Component:
    """The cover with what speaks for the genre that it was taken for (Grad-CAM), or why that cannot be shown."""
    try:
        content = asking.spoken_for(view.workspace, run.run_id, cover_id, found.predicted)
    except GenrescopeError as error:
        return html.P(str(error), className="quiet why")
    source = f"data:image/jpeg;base64,{base64.b64encode(content).decode('ascii')}"
    said = "Bright is what speaks for it in this network's last maps (Grad-CAM); dark is what does not."
    return html.Div(
        [
            html.H4(["Speaks for ", genre_chip(view, found.predicted)]),
            html.Img(src=source, alt=f"Where the cover speaks for {found.predicted}", className="spoken-for"),
            html.P(said, className="quiet fine"),
        ],
        className="why",
    )
