"""How sure classifiers are, as pages read it: reliability, and the prediction sets of covers and of new images."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dashboard.reading import judged, queries, results
from data.store.disk.remembered import remembered
from data.store.runs import Run
from data.store.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd


@remembered(maxsize=32)
def reliability(workspace: Workspace, run_id: str) -> "pd.DataFrame":
    """How often a classifier run is right by how sure it says it is, with the consistency band."""
    from analysis.evaluation.sure.reliability import reliability

    return reliability(judged.predictions(workspace, run_id))


def sets_run(workspace: Workspace, run_id: str) -> Run | None:
    """The run with the prediction sets of a classifier run at the usual level; None before there is one."""
    from analysis.evaluation.sure.conformal import LEVEL

    found = (run for run in queries.runs(workspace) if run.kind == "sets" and run.finished)
    return next((run for run in found if run.inputs[0] == run_id and run.params["level"] == LEVEL), None)


def set_scores(workspace: Workspace, run_id: str) -> tuple[queries.Metric, ...]:
    """What the sets of a classifier run are worth, by genre; empty where there are none."""
    sets = sets_run(workspace, run_id)
    return queries.metrics(workspace, sets.run_id) if sets else ()


def set_of_cover(workspace: Workspace, run_id: str, cover_id: int) -> str:
    """The genres that a cover may have by a classifier run, in words; '' where that was not computed."""
    sets = sets_run(workspace, run_id)
    likely = _sets(workspace, sets.run_id).get(cover_id) if sets else None
    return "" if sets is None or likely is None else _in_words(sets, likely)


def set_of_image(workspace: Workspace, run_id: str, probabilities: Mapping[str, float]) -> str:
    """The genres that a new image may have by what a classifier run says of it, in words; '' without sets."""
    from analysis.evaluation.sure.sets import set_of

    sets = sets_run(workspace, run_id)
    return _in_words(sets, set_of(sets, probabilities)) if sets else ""


def _in_words(sets: Run, likely: tuple[str, ...]) -> str:
    from analysis.evaluation.sure.sets import set_in_words

    return set_in_words(likely, count=len(sets.results["classes"]), level=sets.results["level"])


@remembered(maxsize=32)
def _sets(workspace: Workspace, run_id: str) -> Mapping[int, tuple[str, ...]]:
    from analysis.evaluation.sure.sets import read_sets

    found = read_sets(workspace, results.run_of(workspace, run_id))
    return {int(row.cover_id): tuple(row.likely) for row in found.itertuples()}
