"""Training: classifiers learn from a part of the covers and predict the others, until every cover is predicted."""

import logging
import time
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from analysis.classifiers.divisions import (
    Side,
    check_same_collection,
    duplicates_straddle,
    is_circular,
    read_division,
    taught,
)
from analysis.classifiers.grids import searched
from analysis.classifiers.judging import fit, judge
from analysis.classifiers.keeping import is_of_these_versions, keep, restore
from analysis.classifiers.outcome import facts_of, prediction_rows, search_rows, with_sets
from analysis.classifiers.prompts import Names
from analysis.classifiers.registry import DEFAULT_CLASSIFIERS, get_recipe, make_classifier
from analysis.classifiers.searching import Searched
from analysis.classifiers.zero_shot import ZERO_SHOT, zero_shot
from analysis.geometry.neighbors import build_neighbors, read_neighbors
from data.errors import GenrescopeError
from data.grouping.folds import FOLDS, REPEATS, make_folds
from data.grouping.groups import make_groups
from data.listing import listed
from data.options import OUT_OF_FOLD
from data.store.kept import KEPT, Kept, complete_kept, kept_rows
from data.store.runs import Outcome, Run, compute_run, latest_run
from data.store.workspace import Workspace
from embeddings.encoders.families.joined import is_joined
from embeddings.encoders.registry import reads_words
from embeddings.vectors import current_embeddings

log = logging.getLogger(__name__)


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
    names: Names | None = None,
    seed: int = 42,
) -> list[Run]:
    """Train each classifier on each embedding; what was trained before is found again.

    embeddings: by default the newest of each encoder over all covers. split: 'folds', or the name or run id of a
    hold-out. group_by: metadata columns for `make_groups`, folds and repeats: for `make_folds`; a hold-out has its own.
    search: 'quick' or 'thorough', see `train`. names: what genres are called, for 'zero-shot' (see `zero_shot`), which
    of all embeddings takes those with a text tower.
    An embedding whose encoder was trained on covers that are to be judged is left out, with a word.
    Raises RunNotFound when there is no embedding or no such split, GenrescopeError for group_by with a hold-out, and
    where nothing is left to train on.
    """
    _check(classifiers, search=search, names=names)
    pairs = _pairs(workspace, classifiers, embeddings)
    if split == OUT_OF_FOLD:
        groups = make_groups(workspace, columns=group_by)
        division = make_folds(workspace, groups, folds=folds, repeats=repeats, seed=seed)
        _warn(division)
    elif group_by is not None:
        raise GenrescopeError(f"split '{split}' has its groups: choose others with 'genrescope split --group-by'")
    else:
        division = latest_run(workspace, "split", name=split)
    return [
        zero_shot(workspace, embedding, division, names=names)
        if name == ZERO_SHOT
        else train(workspace, name, embedding, division, search=search, seed=seed)
        for embedding, name in _not_circular(workspace, pairs, division)
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
    judge. Prediction sets are made with it (see `outcome.with_sets`).
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
    return with_sets(workspace, run, division)


def _params(classifier_name: str, embedding: Run, search: str | None) -> dict[str, Any]:
    recipe = get_recipe(classifier_name)
    params = {**recipe.params, "method": recipe.method}
    if is_joined(embedding.name) and recipe.scales:
        params["scaling"] = "whole"
    return searched(classifier_name, params, search) if search else params


def learnt_from(workspace: Workspace, embedding: Run, division: Run) -> Side:
    """The covers that the classifier learnt from which is kept of a run on this embedding and division."""
    covers, parts = read_division(workspace, embedding, division)
    return covers.take(taught(parts))


def _complete(workspace: Workspace, run: Run, embedding: Run, division: Run) -> None:
    """Keep the classifier of a run of which none is kept, or one that can no longer be read."""
    training = cache(partial(learnt_from, workspace, embedding, division))

    def read(kept: list[Kept]) -> None:
        if not is_of_these_versions(kept[0]):
            restore(run, kept[0], training().vectors)

    def make() -> list[Kept]:
        return [_keep(run.name, training(), run.params, seed=run.seed or 0)]

    complete_kept(workspace, run, read=read, make=make)


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


def _check(classifiers: Sequence[str], *, search: str | None, names: Names | None) -> None:
    for name in classifiers:
        params = {} if name == ZERO_SHOT else get_recipe(name).params
        if search:
            searched(name, params, search)
    if names is not None and ZERO_SHOT not in classifiers:
        raise GenrescopeError(f"names of genres are for {ZERO_SHOT} alone: add it to the classifiers")


def _pairs(workspace: Workspace, classifiers: Sequence[str], embeddings: Sequence[Run] | None) -> list[tuple[Run, str]]:
    """What is trained on what; where all embeddings are meant, zero-shot on those that read words."""
    if embeddings is not None:
        return [(embedding, name) for embedding in embeddings for name in classifiers]
    found = current_embeddings(workspace)
    if ZERO_SHOT in classifiers and not any(reads_words(run.name) for run in found):
        raise GenrescopeError(
            f"{ZERO_SHOT} needs a CLIP embedding: make one with 'genrescope embed --encoder clip-vit-b-32'"
        )
    return [(run, name) for run in found for name in classifiers if name != ZERO_SHOT or reads_words(run.name)]


def _not_circular(workspace: Workspace, pairs: list[tuple[Run, str]], division: Run) -> list[tuple[Run, str]]:
    embeddings = {embedding.run_id: embedding for embedding, _ in pairs}
    circular = {run_id for run_id, each in embeddings.items() if is_circular(workspace, each, division)}
    names = ", ".join(embeddings[run_id].name for run_id in circular)
    what = (
        f"{names}: trained on covers that '{division.name}' judges, so what it says there is circular; '--split NAME' "
        "of the hold-out it was trained with judges others"
    )
    if circular and len(circular) == len(embeddings):
        raise GenrescopeError(what)
    if circular:
        log.warning("left out %s", what)
    return [(embedding, name) for embedding, name in pairs if embedding.run_id not in circular]


def _warn(division: Run) -> None:
    if division.results["too_small"]:
        log.warning(
            "too small, with fewer groups than folds, so that some folds are judged without them: %s",
            listed(division.results["too_small"]),
        )
