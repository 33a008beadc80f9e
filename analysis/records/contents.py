"""What of a run goes into MLflow: parameters, tags, metrics with their intervals, epochs, tables and figures."""

import re
from collections.abc import Iterator
from itertools import chain, count

import pandas as pd

from analysis.evaluation.predictions import read_predictions
from analysis.evaluation.scores import confusion, score
from analysis.evaluation.sure.reliability import reliability
from analysis.figures.drawing import Drawing
from analysis.figures.intervals import intervals_figure
from analysis.figures.matrices import confusion_figure
from analysis.figures.reliability import reliability_figure
from analysis.separability.separability import read_metrics
from data.store.runs import Run, get_run
from data.store.workspace import Workspace

TAG, MODEL = "genrescope.run_id", "genrescope.model"
# What MLflow takes as the name of a metric; anything else in a genre's name becomes a low line.
_OTHER = re.compile(r"[^\w .:-]", re.ASCII)

# (name, value, step)
Measured = tuple[str, float, int]


def params_of(run: Run) -> dict[str, str]:
    """Parameters as text, with the seed and what the run was computed on."""
    named = {"seed": run.seed, **{key: run.results[key] for key in ("embedding", "split") if key in run.results}}
    return {key: str(value)[:6000] for key, value in {**named, **run.params}.items() if value is not None}


def tags_of(workspace: Workspace, run: Run) -> dict[str, str]:
    """The run's id, kind and version, the ids of all it rests on, by their kind, and a sentence if there is one."""
    own = {TAG: run.run_id, "genrescope.kind": run.kind, "genrescope.code_version": run.code_version}
    inputs = {f"genrescope.input.{parent.kind}": parent.run_id for parent in _ancestors(workspace, run)}
    note = {"mlflow.note.content": run.results["sentence"]} if "sentence" in run.results else {}
    return own | inputs | note


def title_of(run: Run) -> str:
    """What the run is called in MLflow's list."""
    on = f" on {run.results['embedding']}, {run.results['split']}" if run.kind == "classifier" else ""
    return f"{run.kind if run.kind != 'classifier' else ''} {run.name}{on}".strip()


def scores_of(workspace: Workspace, run: Run) -> pd.DataFrame:
    """Metrics with intervals: columns metric, genre (None: over all), value, low, high; of pairs also other_genre."""
    if run.kind == "classifier":
        return score(read_predictions(workspace, run))
    return read_metrics(workspace, run)


def metrics_of(scores: pd.DataFrame) -> Iterator[Measured]:
    """Each metric as three, NAME, NAME_low and NAME_high; those of a genre as NAME/GENRE. What was not measured, and
    pairs of genres, are left to the table."""
    single = scores[scores.other_genre.isna()] if "other_genre" in scores else scores
    names = _safe_names(sorted(genre for genre in single.genre.unique() if isinstance(genre, str)))
    for row in single.itertuples():
        behind = f"/{names[row.genre]}" if isinstance(row.genre, str) else ""
        for suffix, value in (("", row.value), ("_low", row.low), ("_high", row.high)):
            if value == value and value is not None:
                yield f"{row.metric}{suffix}{behind}", float(value), 0


def epochs_of(workspace: Workspace, run: Run) -> Iterator[Measured]:
    """What was stored of a network while it learned, a step an epoch; folds apart where there are several."""
    with workspace.read() as con:
        rows = con.execute(
            "SELECT repeat, fold, epoch, metric, value FROM epochs WHERE run_id = ? ORDER BY ALL", [run.run_id]
        ).fetchall()
    several = len({row[:2] for row in rows}) > 1
    for repeat, fold, epoch, metric, value in rows:
        where = f"/repeat {repeat} fold {fold}" if several else ""
        if value is not None and value == value:
            yield f"epochs/{_OTHER.sub('_', metric)}{where}", float(value), int(epoch)


def figures_of(workspace: Workspace, run: Run, scores: pd.DataFrame) -> dict[str, Drawing]:
    """Figures by file name: confusion and reliability, or the genres' separability."""
    if run.kind == "separability":
        own = scores[(scores.metric == "separability") & scores.genre.notna() & scores.other_genre.isna()]
        return {"separability.svg": intervals_figure(own, chance=0, title=f"Separability in {run.name}")}
    told = read_predictions(workspace, run)
    return {
        "confusion.svg": confusion_figure(confusion(told), told.classes, title=told.title),
        "reliability.svg": reliability_figure(reliability(told), title=told.title),
    }


def _ancestors(workspace: Workspace, run: Run) -> list[Run]:
    """All runs that a run rests on, the nearest last, so that of two of a kind the nearest stands."""
    found: dict[str, Run] = {}
    waiting = list(run.inputs)
    while waiting:
        parent = get_run(workspace, waiting.pop(0))
        if parent.run_id not in found:
            found[parent.run_id] = parent
            waiting += parent.inputs
    return list(found.values())[::-1]


def _safe_names(genres: list[str]) -> dict[str, str]:
    """Names that MLflow takes, no two alike: R&B becomes R_B, and R?B beside it R_B 2."""
    names: dict[str, str] = {}
    for genre in genres:
        plain = _OTHER.sub("_", genre).strip(" .") or "_"
        numbered = (f"{plain} {number}" for number in count(2))
        names[genre] = next(name for name in chain([plain], numbered) if name not in names.values())
    return names
