"""All that a report shows, read once: the current runs with their figures, the best ones first."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial

import numpy as np
import pandas as pd

from analysis.evaluation.comparing.comparison import compare_all
from analysis.evaluation.predictions import Predictions, Verdicts, read_predictions, verdicts
from analysis.evaluation.scores import score, value_of
from analysis.report.findings import findings
from analysis.separability.separability import read_metrics
from data.auditing.audit import Audit, audit
from data.errors import GenrescopeError
from data.grouping.groups import make_groups, read_group_ids
from data.store.covers import collection, counting, read_covers
from data.store.runs import Run, current_runs, find_runs, get_run
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

# Of so many embeddings the best classifiers are compared, all pairs of them.
COMPARED = 5


@dataclass(frozen=True)
class Measured:
    """An embedding whose separability was measured, with its rows of metrics and the runs beside it."""

    run: Run
    metrics: pd.DataFrame
    projection: Run | None
    stability: Run | None

    @property
    def name(self) -> str:
        """The encoder."""
        return self.run.name

    def rows(self, metric: str) -> pd.DataFrame:
        """A metric by genre, indexed by genre."""
        found = self.metrics[(self.metrics.metric == metric) & self.metrics.other_genre.isna()]
        return found[found.genre.notna()].set_index("genre")

    def overall(self, metric: str) -> tuple[float, float, float]:
        """A metric's (value, low, high) over all genres; NaN where it was not measured."""
        found = self.metrics[(self.metrics.metric == metric) & self.metrics.genre.isna()]
        if found.empty:
            return float("nan"), float("nan"), float("nan")
        value, low, high = found.iloc[0][["value", "low", "high"]].astype(float)
        return value, low, high


@dataclass(frozen=True)
class Judged:
    """A classifier with what it predicted and how good that is."""

    run: Run
    predictions: Predictions

    @property
    def out_of_fold(self) -> bool:
        """Whether it judged every cover."""
        return self.predictions.folds is not None

    @property
    def title(self) -> str:
        """'logistic on resnet50', with the split of a hold-out."""
        return self.predictions.title.removesuffix(", out of fold")

    @property
    def embedding(self) -> str:
        """What it was trained on, '' for a network of its own."""
        return str(self.run.results.get("embedding") or "")

    def overall(self, metric: str) -> tuple[float, float, float]:
        """A metric's (value, low, high) over all genres."""
        return value_of(self.scores, metric)

    def by_genre(self, metric: str) -> pd.DataFrame:
        """A metric of each genre that occurs, indexed by genre."""
        occurring = self.scores[(self.scores.metric == "support") & (self.scores.value > 0)].genre
        found = self.scores[(self.scores.metric == metric) & self.scores.genre.isin(occurring)]
        return found.set_index("genre")

    @property
    def chance(self) -> float:
        """The balanced accuracy of guessing."""
        return float(self.run.results.get("balanced_chance") or 1 / len(self.predictions.classes))

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Every metric, see `score`."""
        return score(self.predictions)

    @cached_property
    def recalls(self) -> pd.DataFrame:
        """The recalls by genre, the highest first."""
        return self.by_genre("recall").sort_values("value", ascending=False)

    @cached_property
    def verdicts(self) -> Verdicts:
        """What was said of each cover in all repeats together."""
        return verdicts(self.predictions)


@dataclass(frozen=True)
class Study:
    """Embeddings by separability, classifiers out of fold by balanced accuracy and after them those of hold-outs, the
    highest first. findings: see `findings`, None without a classifier out of fold. pairs: the best classifiers of each
    embedding compared, see `compare_all`, None where there are fewer than two. runs: the current ones, oldest first.
    """

    workspace: Workspace
    covers: pd.DataFrame
    groups: np.ndarray
    audit: Audit
    measured: list[Measured]
    classifiers: list[Judged]
    findings: pd.DataFrame | None
    pairs: pd.DataFrame | None
    runs: list[Run]
    stale: int

    @property
    def genres(self) -> list[str]:
        """All genres, sorted."""
        return sorted(self.audit.genres)

    @property
    def judged(self) -> list[Judged]:
        """The classifiers that judged every cover, out of fold."""
        return [each for each in self.classifiers if each.out_of_fold]


def read_study(workspace: Workspace) -> Study:
    """Read a workspace for a report; stale and unfinished runs are left out, and counted. Looks the covers through and
    trains the older study's classifier where that has not been done. Raises GenrescopeError when there is no cover."""
    snapshot = collection(workspace)
    found = audit(workspace)
    judge = cache(partial(_judged, workspace))  # each run once, for the findings and for the tables
    table = _findings(workspace, judge)
    runs = sorted(current_runs(workspace), key=lambda run: (run.started, run.run_id))
    classifiers = _classifiers(runs, judge)
    return Study(
        workspace=workspace,
        covers=read_covers(workspace, snapshot, metadata=True)[counting(workspace, snapshot)],
        groups=read_group_ids(workspace, make_groups(workspace)),
        audit=found,
        measured=_measured(workspace, runs),
        classifiers=classifiers,
        findings=table,
        pairs=_pairs(classifiers),
        runs=runs,
        stale=len(find_runs(workspace)) - len(runs),
    )


def _judged(workspace: Workspace, run_id: str) -> Judged:
    run = get_run(workspace, run_id)
    predictions = read_predictions(workspace, run)
    members = run.results.get("members")
    if members:  # the names of all of them would fill every sentence
        _, _, division = predictions.title.rpartition(", ")
        predictions = replace(predictions, title=f"vote of {len(members)} ({run.run_id[:4]}), {division}")
    return Judged(run, predictions)


def _findings(workspace: Workspace, judge: Callable[[str], Judged]) -> pd.DataFrame | None:
    def scored(run: Run) -> tuple[Predictions, pd.DataFrame]:
        found = judge(run.run_id)
        return found.predictions, found.scores

    try:
        return findings(workspace, scored=scored)
    except GenrescopeError as error:
        log.info("no findings: %s", error)
        return None


def _measured(workspace: Workspace, runs: list[Run]) -> list[Measured]:
    newest = {run.name: run for run in runs if run.kind == "separability" and "sentence" in run.results}
    found = [
        Measured(
            run,
            read_metrics(workspace, run),
            _beside(runs, run, "projection"),
            _beside(runs, run, "stability"),
        )
        for run in newest.values()
    ]
    return sorted(found, key=lambda each: each.run.results["separability"] or -2.0, reverse=True)


def _beside(runs: list[Run], separability: Run, kind: str) -> Run | None:
    """The newest run of a kind from the same neighbour graph as a separability run."""
    made = [run for run in runs if run.kind == kind and separability.inputs[0] in run.inputs]
    return made[-1] if made else None


def _classifiers(runs: list[Run], judge: Callable[[str], Judged]) -> list[Judged]:
    """The newest of each title."""
    found = {each.predictions.title: each for each in (judge(run.run_id) for run in runs if run.kind == "classifier")}
    return sorted(found.values(), key=lambda each: (not each.out_of_fold, -each.overall("balanced_accuracy")[0]))


def _pairs(classifiers: list[Judged]) -> pd.DataFrame | None:
    best: dict[str, Judged] = {}
    for each in classifiers:
        if each.out_of_fold:
            best.setdefault(each.embedding or each.title, each)
    compared = list(best.values())[:COMPARED]
    if len(compared) < 2:
        return None
    return compare_all([each.predictions for each in compared])
