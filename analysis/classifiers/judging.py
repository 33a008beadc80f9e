"""Judging: a classifier is fitted for each part of a division and says what the covers are that it has not seen.

See docs/methods.md.
"""

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from analysis.classifiers.divisions import Part, Side
from analysis.classifiers.registry import get_recipe, make_classifier
from analysis.evaluation.predictions import Predictions, codes_of
from analysis.geometry.neighbors import NeighborGraph
from data.progress import progress

# Fits at a time: each has its own copy of the vectors, and more threads than that wait for the memory.
WORKERS = min(4, os.cpu_count() or 1)
# What a fitted estimator tells about itself, where it has it.
CHOSEN = ("C", "temperature", "epochs")


def judge(
    classifier_name: str,
    covers: Side,
    parts: Sequence[Part],
    *,
    params: Mapping[str, Any] | None = None,
    graph: NeighborGraph | None = None,
    seed: int = 42,
) -> tuple[Predictions, list[dict[str, Any]]]:
    """Predictions of the test covers of all parts, each by a classifier fitted on that part's training covers.

    params: a classifier run's, by default the registry's. graph: where a kNN classifier reads its neighbours. Also
    returns what each fit chose: repeat, fold, then of C, temperature and epochs those it has, after a search the
    chosen candidate and under 'search' its table (see `Searched.rows`), and seconds. A genre that a part's training
    lacks gets probability 0.
    """
    from threadpoolctl import threadpool_limits

    classes = sorted({str(genre) for genre in covers.genres})
    estimators = [make_classifier(classifier_name, seed=seed, params=params) for _ in parts]
    one = partial(_judge, covers=covers, classes=classes, graph=graph)
    workers = WORKERS if get_recipe(classifier_name).parallel else 1
    # Limited from the outside, too: fits that end must not give threads back to those that go on.
    with (
        threadpool_limits(1),
        progress(total=len(parts), what=classifier_name, unit=" fits") as bar,
        ThreadPoolExecutor(workers) as pool,
    ):
        judged = []
        for found in pool.map(one, estimators, parts):
            judged.append(found)
            bar.update()
    probabilities, predicted, fitted = zip(*judged, strict=True)
    return predictions_of(covers, parts, np.concatenate(predicted), np.concatenate(probabilities), classes), list(
        fitted
    )


def _judge(
    estimator: Any, part: Part, *, covers: Side, classes: list[str], graph: NeighborGraph | None
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Probabilities (m, c) and codes of the predicted genres (m,) of a part's test covers, and what the fit chose."""
    started = time.perf_counter()
    test = covers.take(part.test)
    seen, found, chosen = _fit_and_predict(estimator, covers.take(part.training), test, graph)
    columns = codes_of(seen, classes)
    probabilities = np.zeros((len(test.cover_ids), len(classes)), dtype=np.float32)
    probabilities[:, columns] = found
    seconds = round(time.perf_counter() - started, 3)
    fit = {"repeat": part.repeat, "fold": part.fold, **chosen, "seconds": seconds}
    return probabilities, columns[found.argmax(axis=1)], fit


def predictions_of(
    covers: Side, parts: Sequence[Part], predicted: np.ndarray, probabilities: np.ndarray, classes: list[str]
) -> Predictions:
    """Predictions of the test covers of all parts, one part after the other, from codes and probabilities (m, c)."""
    rows = np.concatenate([part.test for part in parts])
    return Predictions(
        cover_ids=covers.cover_ids[rows],
        repeat=np.repeat([part.repeat for part in parts], [len(part.test) for part in parts]),
        truth=codes_of(covers.genres[rows], classes),
        predicted=predicted,
        probabilities=probabilities,
        classes=classes,
        groups=covers.groups[rows],
    )


def _fit_and_predict(
    estimator: Any, training: Side, test: Side, graph: NeighborGraph | None
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Genres seen in training (c,), probabilities (m, c), and what the fit chose."""
    seen = np.unique(training.genres.astype(str))
    if len(seen) == 1:
        return seen, np.ones((len(test.cover_ids), 1)), {}
    if graph is not None:
        return predict_from_graph(estimator, graph, training, test)
    fit(estimator, training)
    return estimator.classes_, estimator.predict_proba(test.vectors), _chosen(estimator)


def _chosen(estimator: Any) -> dict[str, Any]:
    """What a fitted estimator found for itself."""
    from analysis.classifiers.searching import Searched

    if isinstance(estimator, Searched):
        found = {"candidate": dict(estimator.candidates[estimator.chosen_]), "search": estimator.rows()}
        return _chosen(estimator.best_) | found
    return {name: getattr(estimator, f"{name}_") for name in CHOSEN if hasattr(estimator, f"{name}_")}


def fit(estimator: Any, training: Side) -> Any:
    """The estimator, fitted on these covers, of which it is told the groups where it asks for them."""
    from sklearn.utils.validation import has_fit_parameter

    groups = {"groups": training.groups} if has_fit_parameter(estimator, "groups") else {}
    return estimator.fit(training.vectors, training.genres, **groups)


def predict_from_graph(
    estimator: Any, graph: NeighborGraph, training: Side, test: Side
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Genres (c,), probabilities (m, c) and what was chosen by an unfitted FaissKNN whose neighbours the graph knows.

    Of each test cover's list its first k training covers vote; where a list holds fewer, faiss searches for them. The
    temperature is learnt from the lists of the training covers, those of their own group left out, unless it searched.
    """
    from analysis.classifiers.estimators.knn import tempered, vote, worth

    genres, codes = np.unique(training.genres.astype(str), return_inverse=True)
    k = min(estimator.k, len(codes))
    # Row of each listed neighbour among the training covers; -1 for a test cover and for a short list's padding.
    row_of = np.full(graph.cover_ids[-1] + 2, -1)
    row_of[training.cover_ids] = np.arange(len(codes))
    lists = np.searchsorted(graph.cover_ids, test.cover_ids)
    listed = row_of[graph.neighbor_ids[lists]]
    complete = (listed >= 0).sum(axis=1) >= k
    rows = np.empty((len(listed), k), dtype=np.int64)
    similarities = np.empty((len(listed), k), dtype=np.float32)
    if complete.any():
        first = np.argsort(listed[complete] < 0, axis=1, kind="stable")[:, :k]
        rows[complete] = np.take_along_axis(listed[complete], first, axis=1)
        similarities[complete] = np.take_along_axis(graph.similarities[lists[complete]], first, axis=1)
    if not complete.all():
        estimator.fit(training.vectors, training.genres, groups=training.groups)
        similarities[~complete], rows[~complete] = estimator.kneighbors(test.vectors[~complete])
    votes = vote(codes[rows], similarities, worth=worth(codes, weighted=estimator.weighted))
    known = complete.all()
    temperature = _temperature(estimator, graph, training, codes, row_of) if known else estimator.temperature_
    return genres, tempered(votes, temperature), {"temperature": temperature}


def _temperature(estimator: Any, graph: NeighborGraph, training: Side, codes: np.ndarray, row_of: np.ndarray) -> float:
    """The temperature that suits training covers which are told by those of other groups."""
    from analysis.classifiers.estimators.knn import vote_temperature, worth

    lists = np.searchsorted(graph.cover_ids, training.cover_ids)
    rows = row_of[graph.neighbor_ids[lists]]
    rows[training.groups[rows] == training.groups[:, None]] = -1
    return vote_temperature(
        rows,
        graph.similarities[lists],
        codes,
        np.arange(len(codes)),
        k=min(estimator.k, len(codes)),
        worth=worth(codes, weighted=estimator.weighted),
        weighted=estimator.weighted,
    )
