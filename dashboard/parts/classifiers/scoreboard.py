"""How good one classifier is: in a sentence, by genre, and in every metric."""

from collections.abc import Mapping

from dash import html

from dashboard.parts.components import Component, genre_chip, number, section
from dashboard.parts.drawn.tracks import Track, track_table
from dashboard.parts.many import few
from dashboard.reading import chains, judged
from dashboard.reading.judged import Score, score_of
from dashboard.state.view import View
from data.store.runs import Run
from data.store.workspace import Workspace

HELD_FIXED = (
    "Intervals are of 95 %, over which covers happen to be in the collection; the fitted classifiers are held fixed."
)

# Of more genres calibration takes seconds, and a page has not that long: `genrescope sure` tells it.
CALIBRATED = 200
# (metric, title, what it says)
METRICS = (
    ("balanced_accuracy", "Balanced accuracy", "mean recall over genres"),
    ("macro_f1", "Macro F1", "mean F1 over genres"),
    ("balanced_accuracy_any", "Balanced accuracy, any", "any of a cover's genres counts as right"),
    ("accuracy", "Accuracy", "share of covers told right; rewards ignoring small genres"),
    ("accuracy_any", "Accuracy, any", "any of a cover's genres counts as right"),
    ("top3", "Top 3", "share of covers whose genre is among the three likeliest"),
    ("balanced_log_loss", "Log loss, balanced", "mean over genres; lower is better"),
    ("brier", "Brier score", "mean over genres of the squared gaps to what was, 0 to 2; lower is better"),
    ("miscalibration", "– of which miscalibration", "the part that right probabilities would not have"),
    ("calibration_error", "Calibration error", "how far from how often it is right, less what chance adds"),
)

# Beyond this share the axis ends at 1, which no share exceeds.
NEARLY_ALL = 0.9


def how_judged(workspace: Workspace, run: Run) -> str:
    """What the figures of a classifier rest on, in words."""
    facts = run.results
    if not chains.out_of_fold(workspace, run):
        return f"{facts['test']:,} covers of the test side, judged by a classifier fitted on {facts['train']:,} others."
    times = {1: "once", 2: "twice"}.get(facts["repeats"], f"{facts['repeats']} times")
    return f"{facts['test']:,} covers, each judged {times} by classifiers that have not seen its group."


def members_in_words(run: Run) -> str:
    """Who votes, in a sentence; '' for a classifier that is no vote."""
    return f" Members: {run.results['embedding'].replace(',', ', ')}." if run.results.get("members") else ""


def answer_in_words(view: View, run: Run) -> str:
    """How well a classifier does over all, in a sentence."""
    value = judged.balanced_accuracy(view.workspace, run)
    name = chains.classifier_label(view.workspace, run)
    return f"{name} tells {value:.2f} of each genre's covers right on average; chance is {judged.chance_of(run):.2f}."


def best_and_worst(view: View, run: Run) -> str:
    """The genres told best and worst, in a sentence, as far as the ranks show; else ''."""
    best, worst = judged.best_and_worst(view.workspace, run.run_id)
    if best and worst:
        return f"{best} is told best, {worst} worst. "
    return f"{best or worst} is told {'best' if best else 'worst'}. " if best or worst else ""


def _recalls(view: View, run: Run) -> list[Score]:
    """Recall of each genre that occurs, highest first."""
    scores = judged.scores(view.workspace, run.run_id)
    occurring = {row.genre for row in scores if row.metric == "support" and row.value}
    rows = [row for row in scores if row.metric == "recall" and row.genre in occurring]
    return sorted(rows, key=lambda row: -row.value)


def by_genre(view: View, run: Run) -> Component:
    """Recall of each genre with its interval, precision and size beside it."""
    scores = judged.scores(view.workspace, run.run_id)
    small = judged.too_small(view.workspace, run)
    recalls = _recalls(view, run)
    shown, rest = few(view, recalls, lambda row: row.genre or "")
    of = {(row.metric, row.genre): row for row in scores}
    tracks = [_track(view, of, row, small=row.genre in small) for row in shown]
    highest = 1.0 if any((track.high or 0.0) > NEARLY_ALL for track in tracks) else None
    chart = track_table(tracks, lowest=0.0, highest=highest, reference=judged.chance_of(run), digits=2)
    held = html.P(HELD_FIXED, className="quiet fine")
    return section(
        "By genre", chart, rest, held, lead="Recall: the share of a genre's covers told right. The line is chance."
    )


def _track(view: View, scores: Mapping[tuple[str, str | None], Score], row: Score, *, small: bool) -> Track:
    genre = row.genre or ""
    precision, support = (scores.get((name, genre)) for name in ("precision", "support"))
    notes = ["too small for a claim" if small else f"precision {precision.value:.2f}" if precision else ""]
    notes += [f"{support.value:,.0f} covers"] if support else []
    return Track(
        label=genre_chip(view, genre),
        value=row.value,
        low=row.low,
        high=row.high,
        color=view.colors.get(genre, "var(--accent)"),
        notes=notes,
    )


def metrics(view: View, runs: list[Run]) -> Component:
    """Every metric over all of one classifier, or of two side by side."""
    scores = [judged.scores(view.workspace, run.run_id) for run in runs]
    if len(view.covers.genres) <= CALIBRATED:
        scores = [own + judged.calibration(view.workspace, run.run_id) for own, run in zip(scores, runs, strict=True)]
    names = [chains.classifier_label(view.workspace, run) for run in runs]
    head = [html.Th("Metric"), *(html.Th(name, className="number") for name in names), html.Th()]
    rows = []
    for metric, title, meaning in METRICS:
        found = [score_of(each, metric) for each in scores]
        if not any(found):  # no cover has several genres, or there are too many genres
            continue
        cells = [html.Td(number(s.value, s.low, s.high) if s else number(None), className="number") for s in found]
        rows.append(html.Tr([html.Td(title), *cells, html.Td(meaning, className="quiet")]))
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers")
    return html.Div([table, html.P(HELD_FIXED, className="quiet fine")])
