"""Training: classifiers learn from a part of the covers and predict the others, until every cover is predicted."""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.classifiers.divisions import (
    Part,
    Side,
    check_same_collection,
    duplicates_straddle,
    read_division,
    taught,
    training_size,
)
from analysis.classifiers.grids import searched
from analysis.classifiers.judging import fit, judge
from analysis.classifiers.keeping import is_of_these_versions, keep, restore
from analysis.classifiers.registry import DEFAULT_CLASSIFIERS, get_recipe, make_classifier
from analysis.classifiers.searching import Searched
from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import chance, score, value_of
from analysis.geometry.neighbors import build_neighbors, read_neighbors
from data.errors import GenrescopeError
from data.grouping.folds import FOLDS, REPEATS, make_folds
from data.grouping.groups import make_groups
from data.store.kept import KEPT, Kept, kept_rows, kept_run_ids, read_kept, replace_kept
from data.store.runs import Outcome, Run, compute_run, current_runs, latest_run
from data.store.workspace import Workspace
from embeddings.encoders.joined import is_joined

log = logging.getLogger(__name__)

# The division that is made where none is asked for, and how it is named.
OUT_OF_FOLD = "folds"
FACTS = ("balanced_accuracy", "accuracy", "macro_f1", "log_loss", "balanced_log_loss")


def train_all(
    workspace: Workspace,
    *,
    classifiers: Sequence[str] = DEFAULT_CLASSIFIERS,
    embeddings: Sequence[Run] | None = None,
    split: str = OUT_OF_FOLD,
    group_by: Sequence[str] | None = None,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    search: str | None = None,
    seed: int = 42,
) -> list[Run]:
    """Train each classifier on each embedding; what was trained before is found again.

    embeddings: by default the newest of each encoder over all covers. split: 'folds', or the name or run id of a
    hold-out. group_by: metadata columns for `make_groups`, folds and repeats: for `make_folds`; a hold-out has its own.
    search: 'quick' or 'thorough', see `train`.
    Raises RunNotFound when there is no embedding or no such split, GenrescopeError for group_by with a hold-out.
    """
    for name in classifiers:
        get_recipe(name)
    if embeddings is None:
        newest = {run.name: run for run in reversed(current_runs(workspace, "embedding"))}
        embeddings = [newest[name] for name in sorted(newest)] or [latest_run(workspace, "embedding")]
    if split == OUT_OF_FOLD:
        groups = make_groups(workspace, columns=group_by)
        division = make_folds(workspace, groups, folds=folds, repeats=repeats, seed=seed)
        _warn(division)
    elif group_by is not None:
        raise GenrescopeError(f"split '{split}' has its groups: choose others with 'genrescope split --group-by'")
    else:
        division = latest_run(workspace, "split", name=split)
    return [
        train(workspace, name, embedding, division, search=search, seed=seed)
        for embedding in embeddings
        for name in classifiers
    ]


def train(
    workspace: Workspace,
    classifier_name: str,
    embedding: Run,
    division: Run,
    *,
    search: str | None = None,
    seed: int = 42,
) -> Run:
    """Fit on the training covers of a folds run, fold by fold, or of a split; store a prediction of each cover judged.

    A kNN classifier reads its neighbours from the embedding's neighbour graph, except where the division lets exact
    duplicates straddle its sides: the graph leaves those out, the older study's kNN counted them, so it searches.
    search: name of a grid in `grids.GRIDS`, gone through inside the training covers of each part; its tables are rows
    of `searches`, and it stands in the run's name, 'rbf-svm:quick'. On a joined embedding columns are not made alike
    again, so that its blocks weigh the same.
    Results: classes (all genres of the covers with a vector, sorted), embedding, split (the division's name), repeats,
    train (covers that teach, mean over the fits) and test (covers judged), balanced_accuracy, accuracy, macro_f1,
    log_loss, balanced_log_loss (see `scores.score`), never_predicted (genres), chance, chance_by_shares and
    balanced_chance (see `scores.chance`), fitted (of each fit: repeat, fold, what it chose, seconds), seconds.
    One classifier is kept, fitted on all covers that teach in any part: of folds on all there are, since what the folds
    say is how good such a classifier is; of a hold-out on its training side. A run that lacks it, being of before, or
    whose classifier this version cannot read, gets it now.
    Raises GenrescopeError when embedding and division are of different collections or leave too little to learn or
    judge.
    """
    recipe = get_recipe(classifier_name)
    check_same_collection(embedding, division)
    params = _params(classifier_name, embedding, search)
    inputs = [embedding, division]
    if recipe.reads_graph and not search and not duplicates_straddle(workspace, division):
        inputs.append(build_neighbors(workspace, embedding))
    run = compute_run(
        workspace,
        "classifier",
        lambda: _compute(workspace, classifier_name, inputs, params, seed=seed),
        name=f"{classifier_name}:{search}" if search else classifier_name,
        params=params,
        inputs=[parent.run_id for parent in inputs],
        seed=seed,
    )
    _complete(workspace, run, embedding, division)
    return run


def _params(classifier_name: str, embedding: Run, search: str | None) -> dict[str, Any]:
    recipe = get_recipe(classifier_name)
    params = dict(recipe.params)
    if is_joined(embedding.name) and recipe.scales:
        params["scaling"] = "whole"
    return searched(classifier_name, params, search) if search else params


def learnt_from(workspace: Workspace, embedding: Run, division: Run) -> Side:
    """The covers that the classifier learnt from which is kept of a run on this embedding and division."""
    covers, parts = read_division(workspace, embedding, division)
    return covers.take(taught(parts))


def _complete(workspace: Workspace, run: Run, embedding: Run, division: Run) -> None:
    """Keep the classifier of a run of which none is kept, or one that can no longer be read."""
    kept = read_kept(workspace, run) if run.run_id in kept_run_ids(workspace) else []
    if kept and is_of_these_versions(kept[0]):
        return
    training = learnt_from(workspace, embedding, division)
    try:
        restore(run, kept[0], training.vectors)
    except (IndexError, GenrescopeError) as error:
        log.info("%s on %s: fitting what is kept of it anew", run.name, embedding.name)
        log.debug("%s", error)
        replace_kept(workspace, run, [_keep(run.name, training, run.params, seed=run.seed or 0)])


def _keep(classifier_name: str, training: Side, params: Mapping[str, Any], *, seed: int) -> Kept:
    """A classifier as it is kept, fitted on these covers."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        fitted = fit(make_classifier(classifier_name, seed=seed, params=params), training)
    return keep(fitted.best_ if isinstance(fitted, Searched) else fitted, training.vectors)


def _compute(
    workspace: Workspace, classifier_name: str, inputs: Sequence[Run], params: Mapping[str, Any], *, seed: int
) -> Outcome:
    embedding, division = inputs[:2]
    log.info("training %s on %s, '%s'", classifier_name, embedding.name, division.name)
    started = time.perf_counter()
    covers, parts = read_division(workspace, embedding, division)
    graph = read_neighbors(workspace, inputs[2]) if len(inputs) > 2 else None
    predictions, fitted = judge(classifier_name, covers, parts, params=params, graph=graph, seed=seed)
    kept = _keep(classifier_name, covers.take(taught(parts)), params, seed=seed)
    searches = search_rows(fitted)
    results = {
        "embedding": embedding.name,
        "split": division.name,
        **facts_of(predictions, covers, parts),
        "fitted": fitted,
        "seconds": round(time.perf_counter() - started, 3),
    }
    return {"predictions": prediction_rows(predictions), KEPT: kept_rows([kept]), **searches}, results


def facts_of(predictions: Predictions, covers: Side, parts: Sequence[Part]) -> dict[str, Any]:
    """What a classifier run says of itself in its results, see `train`."""
    scores = score(predictions, resamples=0)
    training = np.concatenate([covers.genres[part.training] for part in parts])
    guess = chance(training, np.array(predictions.classes)[predictions.truth])
    never = np.setdiff1d(predictions.truth, predictions.predicted)
    return {
        "classes": predictions.classes,
        "repeats": predictions.repeats,
        "train": training_size(parts),
        "test": len(np.unique(predictions.cover_ids)),
        **{name: value_of(scores, name)[0] for name in FACTS},
        "never_predicted": [predictions.classes[code] for code in never],
        "chance": guess.majority,
        "chance_by_shares": guess.shares,
        "balanced_chance": guess.balanced,
    }


def search_rows(fitted: Sequence[dict[str, Any]]) -> dict[str, pa.Table]:
    """The tables of the searches that fits bring along, taken out of these, as rows of `searches`; {} without one."""
    rows = [
        {"repeat": fit["repeat"], "fold": fit["fold"], **row, "params": json.dumps(row["params"])}
        for fit in fitted
        for row in fit.pop("search", [])
    ]
    return {"searches": pa.Table.from_pylist(rows)} if rows else {}


def prediction_rows(predictions: Predictions) -> pa.Table:
    """Predictions as rows of their table."""
    probabilities = pa.FixedSizeListArray.from_arrays(predictions.probabilities.ravel(), len(predictions.classes))
    predicted = [predictions.classes[code] for code in predictions.predicted]
    repeat = predictions.repeat.astype(np.int16)
    columns = {"cover_id": predictions.cover_ids, "repeat": repeat, "predicted": predicted}
    return pa.table(columns | {"probabilities": probabilities})


def _warn(division: Run) -> None:
    if division.results["too_small"]:
        log.warning(
            "too small, with fewer groups than folds, so that some folds are judged without them: %s",
            ", ".join(division.results["too_small"]),
        )
