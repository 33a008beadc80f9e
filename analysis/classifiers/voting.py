"""Votes: several classifiers asked at once, by the mean of their probabilities.

See docs/methods.md.
"""

import time
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from analysis.classifiers.divisions import read_division
from analysis.classifiers.outcome import facts_of, prediction_rows, with_sets
from analysis.classifiers.sharpening import sharpened
from analysis.evaluation.predictions import Predictions, read_predictions
from data.errors import GenrescopeError, UnreadableClassifier
from data.grouping.folds import read_folds
from data.store.kept import KEPT, Kept, complete_kept, kept_rows
from data.store.runs import Outcome, Run, compute_run, get_run
from data.store.workspace import Workspace

# The name of such a classifier run, and the kind of what is kept of it.
VOTE = "vote"
KIND = "vote"


def vote(workspace: Workspace, members: Sequence[Run]) -> Run:
    """Let classifier runs vote, each with the same weight, cover by cover and repeat by repeat; found again if it was.

    A classifier run like any other, named 'vote', whose results.embedding says who voted: 'knn@color,logistic@resnet18'
    (sorted). Inputs: the first member's embedding, the division, the members, the other embeddings. Results: as of
    `train`, and members (run ids); of train and chance those of the first member's embedding. Covers that a member has
    no vector of are not judged. Out of fold the mean is calibrated, too (see `sharpened`), with the temperatures in
    results.fitted. What is kept are the members' run ids, as each of them is kept itself, and the temperature.
    Raises GenrescopeError for fewer than two different members, for votes among them, for different divisions, and
    when there is no cover that all judged.
    """
    members = sorted(members, key=lambda run: (_label(run), run.run_id))
    _check(workspace, members)
    embeddings = list(dict.fromkeys(run.inputs[0] for run in members))
    run = compute_run(
        workspace,
        "classifier",
        lambda: _compute(workspace, members),
        name=VOTE,
        params={"of": "probabilities", "by": "mean"} | _calibrated(get_run(workspace, members[0].inputs[1])),
        inputs=[embeddings[0], members[0].inputs[1], *(run.run_id for run in members), *embeddings[1:]],
    )
    complete_kept(workspace, run, read=read_members, make=lambda: [_keep(run.results, members)])
    return with_sets(workspace, run, get_run(workspace, members[0].inputs[1]))


def read_members(kept: Sequence[Kept]) -> tuple[list[str], list[str], float]:
    """Run ids of the members of a vote, its genres, its temperature; raises UnreadableClassifier without them."""
    description = kept[0].description
    if not {"members", "classes"} <= description.keys():
        raise UnreadableClassifier(
            "what is kept of a vote cannot be read: the command that made it makes it anew, its predictions stay"
        )
    temperature = float(description.get("temperature", 1.0))  # votes of before had none
    return list(description["members"]), list(description["classes"]), temperature


def mean_of(predictions: Sequence[Predictions]) -> Predictions:
    """The mean of what several said, on the covers and repeats that all judged; a genre unknown to one has 0 there.

    The genre of the largest mean is predicted, of equal ones the first.
    """
    keys = [(side.cover_ids.astype(np.int64) << 16) + side.repeat for side in predictions]
    shared = reduce(np.intersect1d, keys)
    classes = sorted({genre for side in predictions for genre in side.classes})
    first, *_ = predictions
    total = np.zeros((len(shared), len(classes)))
    for side, own in zip(predictions, keys, strict=True):
        rows = np.argsort(own)[np.searchsorted(np.sort(own), shared)]
        total[:, np.searchsorted(classes, side.classes)] += side.probabilities[rows]
    rows = np.argsort(keys[0])[np.searchsorted(np.sort(keys[0]), shared)]
    # Rounded as they will be stored, so that what is predicted is what the stored ones say.
    probabilities = (total / len(predictions)).astype(np.float32)
    return Predictions(
        cover_ids=first.cover_ids[rows],
        repeat=first.repeat[rows],
        truth=np.searchsorted(classes, np.array(first.classes)[first.truth[rows]]),
        predicted=probabilities.argmax(axis=1),
        probabilities=probabilities,
        classes=classes,
        groups=first.groups[rows],
    )


def _compute(workspace: Workspace, members: Sequence[Run]) -> Outcome:
    started = time.perf_counter()
    predictions = mean_of([read_predictions(workspace, run) for run in members])
    if not len(predictions.cover_ids):
        raise GenrescopeError(
            "there is no cover that all of them judged: let classifiers vote that have some in common"
        )
    embedding, division = (get_run(workspace, run_id) for run_id in members[0].inputs[:2])
    fitted: list[dict[str, Any]] = []
    if division.kind == "folds":
        folds = read_folds(workspace, division)[predictions.repeat, predictions.cover_ids]
        predictions, fitted = sharpened(predictions, folds, members=len(members))
    results = {
        "embedding": ",".join(_label(run) for run in members),
        "split": division.name,
        **facts_of(predictions, *read_division(workspace, embedding, division)),
        "fitted": fitted,
        "members": [run.run_id for run in members],
        "seconds": round(time.perf_counter() - started, 3),
    }
    return {
        "predictions": prediction_rows(predictions),
        KEPT: kept_rows([_keep(results, members)]),
    }, results


def _calibrated(division: Run) -> dict[str, str]:
    """A hold-out has no other covers to learn a temperature from, so that its votes are plain means."""
    return {"temperature": "of the other folds"} if division.kind == "folds" else {}


def _keep(results: Mapping[str, Any], members: Sequence[Run]) -> Kept:
    """The members' run ids, and the temperature in the (geometric) mean of the folds."""
    logs = [np.log(fit["temperature"]) for fit in results["fitted"]]
    description = {
        "kind": KIND,
        "classes": list(results["classes"]),
        "members": [run.run_id for run in members],
        "temperature": float(np.exp(np.mean(logs))) if logs else 1.0,
    }
    return Kept("json", description, b"")


def _check(workspace: Workspace, members: Sequence[Run]) -> None:
    for run in members:
        if run.name == VOTE:
            raise GenrescopeError(f"run {run.run_id} is a vote: name its members ({run.results['embedding']}) instead")
    if len({run.run_id for run in members}) < max(len(members), 2):
        raise GenrescopeError("a vote needs two classifiers or more, each named once")
    divisions = [get_run(workspace, run_id) for run_id in dict.fromkeys(run.inputs[1] for run in members)]
    if len(divisions) > 1:
        names = " and ".join(f"'{run.name}' ({run.run_id})" for run in divisions)
        raise GenrescopeError(
            f"they judged different divisions of the covers, {names}: train all with the same --split, --group-by, "
            "--folds, --repeats and --seed"
        )


def _label(run: Run) -> str:
    return f"{run.name}@{run.results['embedding']}"
