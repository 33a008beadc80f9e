"""What is likely no cover, and what the user has set aside: a picture each."""

from dash import html

from dashboard.parts.components import Component, empty, grid, section
from dashboard.reading import queries
from dashboard.reading.behind import doubted
from dashboard.state.view import View

TITLE, ASIDE = "Likely no cover", "Set aside"
SHOWN = 60


def oddities(view: View) -> Component:
    """The section of the Audit page; what would fill it where there is no run yet."""
    run = doubted.newest(view.workspace, "oddities")
    if run is None:
        line = "Vinyl labels and discs, blank pictures, placeholders: are there any among the covers?"
        return section(TITLE, empty("Not looked for yet", line, command="genrescope oddities"))
    from analysis.behind.oddities.words import in_words

    found = doubted.oddities(view.workspace, run.run_id)
    if not found:
        return section(TITLE, lead=in_words(run))
    shown = found[: SHOWN * view.state.shown // 120]
    notes = {cover_id: f"{reason} {score:.2f}" for cover_id, reason, score in shown}
    parts: list[Component] = [grid(view, list(notes), notes=notes, small=True)]
    if len(found) > len(shown):
        parts.append(
            html.P(f"{len(found) - len(shown):,} more: 'genrescope oddities --json' lists all.", className="quiet fine")
        )
    how: list[Component] = [
        "Leave out what is none, after looking; a click shows the id: ",
        html.Code('genrescope exclude ID ... --reason "vinyl label"'),
    ]
    return section(TITLE, *parts, html.P(how, className="quiet fine"), lead=in_words(run))


def aside(view: View) -> Component:
    """What counts nowhere by the user's word; nothing where nothing was set aside."""
    found = queries.set_aside(view.workspace)
    if not found:
        return None
    shown = dict(list(found.items())[:SHOWN])
    lead = f"{len(found):,} by your word; 'genrescope include' takes them back, and all that was computed with them."
    return section(ASIDE, grid(view, list(shown), notes=shown, small=True), lead=lead)
