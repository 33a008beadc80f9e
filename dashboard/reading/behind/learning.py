"""Learning curves as pages read them: by genre, measured and foretold."""

from dataclasses import dataclass

from dashboard.reading import queries, results
from dashboard.reading.chains import Chain
from dashboard.reading.queries import CurvePoint
from data.store.disk.remembered import remembered
from data.store.runs import Run
from data.store.workspace import Workspace


@dataclass(frozen=True)
class Learning:
    """A genre's curve ('' for the mean over the genres): measured and foretold points, and what is said of it."""

    genre: str
    measured: tuple[CurvePoint, ...]
    ahead: tuple[CurvePoint, ...]
    verdict: str


def learning_run(workspace: Workspace, chain: Chain) -> Run | None:
    """The newest learning curve of an embedding."""
    runs = (run for run in queries.runs(workspace) if run.kind == "curve" and run.finished)
    return next((run for run in runs if chain.embedding.run_id in run.inputs), None)


@remembered(maxsize=32)
def learning(workspace: Workspace, run_id: str) -> tuple[Learning, ...]:
    """The curves of a run, the genres in alphabetical order and the mean last."""
    verdicts = results.run_of(workspace, run_id).results["verdicts"]
    points: dict[tuple[str, str], list[CurvePoint]] = {}
    for point in queries.curves(workspace, run_id):
        points.setdefault((point.curve, point.genre or ""), []).append(point)
    return tuple(
        Learning(
            genre,
            tuple(points.get(("learning", genre), ())),
            tuple(points.get(("learning_ahead", genre), ())),
            verdicts[genre],
        )
        for genre in sorted(verdicts, key=lambda name: (not name, name))
    )


@remembered(maxsize=32)
def said(workspace: Workspace, run_id: str) -> tuple[str, ...]:
    """What the curves show, a sentence a genre."""
    from analysis.behind.learning_curves.learning_curve import read_curves, read_gains
    from analysis.behind.learning_curves.words import sentences

    run = results.run_of(workspace, run_id)
    return tuple(sentences(run.results["verdicts"], read_curves(workspace, run), read_gains(workspace, run)))
