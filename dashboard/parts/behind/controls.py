"""Is it only colour? An embedding beside its controls, and without its confounds."""

from collections.abc import Sequence

from dash import html

from dashboard.parts.components import Component, number, p_in_words
from dashboard.parts.drawn.tracks import Track, track_of, track_table
from dashboard.parts.many import few
from dashboard.reading.behind.beside import beside
from dashboard.reading.queries import Metric
from dashboard.state.view import View
from data.store.runs import Run

LEVEL = 0.05
SIDES = (
    ("difference", "Less the control", "Separability in the embedding less that in the control."),
    (
        "purity_difference",
        "Less the control, in purity",
        "Purity above chance in the embedding less that in the control.",
    ),
    ("adds", "Added to the control", "What a probe gains that sees both, over one that sees the control."),
    ("left", "Left without the control", "Separability once the control is regressed out of the embedding."),
)
# Columns of the table of confounds: metric, title.
MEANS = (
    ("alone", "Tells genres alone"),
    ("left", "Left without it"),
    ("adds", "Added to it"),
    ("held_out", "Levels held out"),
    ("explained", "Told from the covers (R²)"),
)
HELD_FIXED = (
    "Intervals of 95 %, over the same resamples of covers; the embeddings are held fixed. p-values are corrected for "
    "the number of genres."
)


def only_color(view: View, run: Run) -> list[Component]:
    """The parts there is something to say in; a word on how to get them where there is none."""
    controls = beside(view.workspace, run.run_id, "control")
    confounds = beside(view.workspace, run.run_id, "confound")
    parts = [_beside(view, each, rows) for each, rows in controls]
    parts += [_confounds(confounds)] if confounds else []
    missing = [verb for verb, found in (("controls", controls), ("confounds", confounds)) if not found]
    if missing:
        commands = [html.Code(f"genrescope {verb}") for verb in missing]
        parts.append(html.P(["Not measured yet: ", *_joined(commands)], className="quiet"))
    return parts if len(missing) == 2 else [*parts, html.P(HELD_FIXED, className="quiet fine")]


def _beside(view: View, run: Run, rows: Sequence[Metric]) -> Component:
    tables = [_side(view, title, lead, [row for row in rows if row.metric == name]) for name, title, lead in SIDES]
    return html.Div(
        [html.H3(f"Beside {run.results['control']}"), _said(run), html.Div(tables, className="columns even compact")]
    )


def _side(view: View, title: str, lead: str, rows: Sequence[Metric]) -> Component:
    known = [row for row in rows if row.value is not None]
    genres = sorted((row for row in known if row.genre), key=lambda row: row.genre or "")
    shown, rest = few(view, genres, lambda row: row.genre or "", turned=False)
    tracks = [_track(view, row) for row in (*(row for row in known if row.genre is None), *shown)]
    table = track_table(tracks, reference=0.0, digits=2, differences=rows[0].metric != "left") if known else None
    return html.Div([html.H4(title), html.P(lead, className="quiet fine"), table, rest]) if known else None


def _track(view: View, row: Metric) -> Track:
    p = row.p_adjusted
    notes = [html.Span(f"not shown, {p_in_words(p)}")] if p is not None and p >= LEVEL else []
    return track_of(view, row, notes=notes)


def _confounds(found: Sequence[tuple[Run, Sequence[Metric]]]) -> Component:
    """A row a confound: means over genres; and under it what each comes to in words."""
    means = [{row.metric: row for row in rows if row.genre is None} for _, rows in found]
    shown = [(name, title) for name, title in MEANS if any(name in mean for mean in means)]
    head = [html.Th("Confound"), *(html.Th(title) for _, title in shown)]
    rows = [
        html.Tr([html.Th(run.results["confound"], scope="row"), *(_cell(mean.get(name)) for name, _ in shown)])
        for (run, _), mean in zip(found, means, strict=True)
    ]
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers")
    words = [
        html.Div([html.H4(run.results["confound"].capitalize()), _said(run)], className="said-of") for run, _ in found
    ]
    lead = "Means over genres, in separability: 0 is chance. What a confound's columns say is accounted for, no more."
    return html.Div(
        [
            html.H3("Without what else is known"),
            html.P(lead, className="lead"),
            html.Div(table, className="frame"),
            *words,
        ]
    )


def _cell(row: Metric | None) -> Component:
    return html.Td(number(row.value, row.low, row.high, digits=2) if row else number(None), className="number")


def _said(run: Run) -> Component:
    return html.Ul([html.Li(sentence) for sentence in run.results["sentences"]], className="plain")


def _joined(parts: Sequence[Component]) -> list[Component]:
    return [piece for part in parts for piece in (part, " and ")][:-1]
