"""Training: a classifier learns from the training covers of a split and predicts every test cover."""

import logging
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.classifiers.registry import DEFAULT_CLASSIFIERS, get_recipe, make_classifier
from analysis.classifiers.sides import Side, check_same_collection, duplicates_straddle, read_sides
from analysis.evaluation.evaluation import Predictions, chance, codes_of, score, value_of
from analysis.geometry.neighbors import NeighborGraph, build_neighbors, read_neighbors
from data.store.runs import Outcome, Run, compute_run, current_runs, latest_run
from data.store.workspace import Workspace

log = logging.getLogger(__name__)


def train_all(
    workspace: Workspace,
    *,
    classifiers: Sequence[str] = DEFAULT_CLASSIFIERS,
    embeddings: Sequence[Run] | None = None,
    split: str = "grouped",
    seed: int = 42,
) -> list[Run]:
    """Train each classifier on each embedding; what was trained before is found again.

    embeddings: by default the newest of each encoder over all covers. split: a split's name or run id.
    Raises RunNotFound when there is no embedding or no such split.
    """
    for name in classifiers:
        get_recipe(name)
    if embeddings is None:
        newest = {run.name: run for run in reversed(current_runs(workspace, "embedding"))}
        embeddings = [newest[name] for name in sorted(newest)] or [latest_run(workspace, "embedding")]
    found = latest_run(workspace, "split", name=split)
    return [train(workspace, name, embedding, found, seed=seed) for embedding in embeddings for name in classifiers]


def train(workspace: Workspace, classifier_name: str, embedding: Run, split: Run, *, seed: int = 42) -> Run:
    """Train on the split's training covers and store a prediction with probabilities for each test cover.

    A kNN classifier reads its neighbours from the embedding's neighbour graph, except where the split lets exact
    duplicates straddle its sides: the graph leaves those out, the older study's kNN counted them, so it searches.
    Results: classes (all genres of both sides, sorted), embedding, split, train and test (covers), accuracy,
    macro_f1, chance and chance_by_shares (see `evaluation.chance`), seconds. The fitted classifier is not kept.
    Raises GenrescopeError when embedding and split are of different collections or leave too little to learn or test.
    """
    recipe = get_recipe(classifier_name)
    check_same_collection(embedding, split)
    inputs = [embedding, split]
    if recipe.reads_graph and not duplicates_straddle(workspace, split):
        inputs.append(build_neighbors(workspace, embedding))
    return compute_run(
        workspace,
        "classifier",
        lambda: _compute(workspace, classifier_name, inputs, seed=seed),
        name=classifier_name,
        params=recipe.params,
        inputs=[parent.run_id for parent in inputs],
        seed=seed,
    )


def _compute(workspace: Workspace, classifier_name: str, inputs: Sequence[Run], *, seed: int) -> Outcome:
    embedding, split = inputs[:2]
    log.info("training %s on %s, split '%s'", classifier_name, embedding.name, split.name)
    started = time.perf_counter()
    training, test = read_sides(workspace, embedding, split)
    estimator = make_classifier(classifier_name, seed=seed)
    if len(inputs) > 2:
        seen, probabilities = predict_from_graph(estimator, read_neighbors(workspace, inputs[2]), training, test)
    else:
        seen, probabilities = _fit_and_predict(estimator, training, test)
    predictions = _predictions(seen, probabilities, training, test)
    results = {"embedding": embedding.name, "split": split.name, **_facts(predictions, training, test)}
    results["seconds"] = round(time.perf_counter() - started, 3)
    return {"predictions": _rows(predictions)}, results


def predict_from_graph(
    estimator: Any, graph: NeighborGraph, training: Side, test: Side
) -> tuple[np.ndarray, np.ndarray]:
    """Genres (c,) and probabilities (m, c) of an unfitted FaissKNN whose neighbours are read from the graph.

    Of each test cover's list its first k training covers vote; where a list holds fewer, faiss searches for them.
    """
    from analysis.classifiers.knn import vote

    genres, codes = np.unique(training.genres.astype(str), return_inverse=True)
    k = min(estimator.k, len(codes))
    lists = np.searchsorted(graph.cover_ids, test.cover_ids)
    # Row of each listed neighbour among the training covers; -1 for a test cover and for a short list's padding.
    row_of = np.full(graph.cover_ids[-1] + 2, -1)
    row_of[training.cover_ids] = np.arange(len(codes))
    listed = row_of[graph.neighbor_ids[lists]]
    complete = (listed >= 0).sum(axis=1) >= k
    rows = np.empty((len(listed), k), dtype=np.int64)
    similarities = np.empty((len(listed), k), dtype=np.float32)
    if complete.any():
        first = np.argsort(listed[complete] < 0, axis=1, kind="stable")[:, :k]
        rows[complete] = np.take_along_axis(listed[complete], first, axis=1)
        similarities[complete] = np.take_along_axis(graph.similarities[lists[complete]], first, axis=1)
    if not complete.all():
        estimator.fit(training.vectors, training.genres)
        similarities[~complete], rows[~complete] = estimator.kneighbors(test.vectors[~complete])
    return genres, vote(codes[rows], similarities, classes=len(genres))


def _fit_and_predict(estimator: Any, training: Side, test: Side) -> tuple[np.ndarray, np.ndarray]:
    """Genres (c,) and probabilities (m, c) of an estimator fitted on the training side."""
    from sklearn.utils.validation import has_fit_parameter

    groups = {"groups": training.groups} if has_fit_parameter(estimator, "groups") else {}
    estimator.fit(training.vectors, training.genres, **groups)
    return estimator.classes_, estimator.predict_proba(test.vectors)


def _predictions(seen: np.ndarray, probabilities: np.ndarray, training: Side, test: Side) -> Predictions:
    """Predictions over the genres of both sides; one that training has not `seen` gets probability 0."""
    classes = sorted({*training.genres, *test.genres})
    columns = codes_of(seen, classes)
    spread = np.zeros((len(test.cover_ids), len(classes)), dtype=np.float32)
    spread[:, columns] = probabilities
    return Predictions(
        cover_ids=test.cover_ids,
        truth=codes_of(test.genres, classes),
        predicted=columns[probabilities.argmax(axis=1)],
        probabilities=spread,
        classes=classes,
        groups=test.groups,
    )


def _facts(predictions: Predictions, training: Side, test: Side) -> dict[str, Any]:
    scores = score(predictions, resamples=0)
    guess = chance(training.genres, test.genres)
    return {
        "classes": predictions.classes,
        "train": len(training.cover_ids),
        "test": len(test.cover_ids),
        "accuracy": value_of(scores, "accuracy")[0],
        "macro_f1": value_of(scores, "macro_f1")[0],
        "chance": guess.majority,
        "chance_by_shares": guess.shares,
    }


def _rows(predictions: Predictions) -> pa.Table:
    probabilities = pa.FixedSizeListArray.from_arrays(predictions.probabilities.ravel(), len(predictions.classes))
    predicted = [predictions.classes[code] for code in predictions.predicted]
    repeat = np.zeros(len(predicted), np.int16)
    columns = {"cover_id": predictions.cover_ids, "repeat": repeat, "predicted": predicted}
    return pa.table(columns | {"probabilities": probabilities})
