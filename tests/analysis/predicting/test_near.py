"""The covers that speak for and against, by brute force; the place on the map, by hand."""

import dataclasses

import numpy as np
import pytest

from analysis.evaluation.predictions import read_predictions, verdicts
from analysis.predicting.near import embedding_behind, place_on_map, reasons, teachers
from data.grouping.folds import read_folds
from data.grouping.groups import read_group_ids
from data.grouping.splits import read_split
from data.store.covers import read_covers
from data.store.runs import Run, get_run
from data.store.workspace import Workspace
from embeddings.vectors import read_vectors


def test_reasons_are_the_nearest_of_those_that_taught(study: tuple[Workspace, Run, Run]) -> None:
    workspace, run, _ = study
    embedding, folds = (get_run(workspace, each) for each in run.inputs[:2])
    genres = read_covers(workspace, get_run(workspace, embedding.inputs[0])).genre.to_numpy(dtype=object)
    cover_ids, vectors = read_vectors(workspace, embedding)
    unit = dict(zip(cover_ids.tolist(), vectors / np.linalg.norm(vectors, axis=1, keepdims=True), strict=True))
    dealt, found = read_folds(workspace, folds), verdicts(read_predictions(workspace, run))
    for row in range(0, len(found.cover_ids), 9):
        own, predicted = int(found.cover_ids[row]), found.classes[found.predicted[row]]
        taught = [i for i in unit if any(dealt[r, i] != dealt[r, own] for r in range(2))]
        near = sorted(((float(unit[i] @ unit[own]), i) for i in taught), reverse=True)
        for_it = [s for s, i in near if genres[i] == predicted][:4]
        against = [s for s, i in near if genres[i] != predicted][:4]
        said = reasons(workspace, run, own, predicted, genres, k=4)
        np.testing.assert_allclose([s for _, s in said.speaking_for], for_it, atol=1e-5)
        np.testing.assert_allclose([s for _, s in said.against], against, atol=1e-5)
        assert {genres[i] for i, _ in said.speaking_for} <= {predicted}
        assert predicted not in {genres[i] for i, _ in said.against}
        assert said.counted == 20
        assert said.among == sum(genres[i] == predicted for _, i in near[:20])


def test_nobody_of_the_own_group_taught(study: tuple[Workspace, Run, Run]) -> None:
    workspace, run, _ = study
    groups = read_group_ids(workspace, get_run(workspace, run.inputs[1]))
    several = [i for i in range(len(groups)) if (groups == groups[i]).sum() > 1]
    assert several
    for cover_id in several:
        assert groups[cover_id] not in groups[teachers(workspace, run, cover_id)]


def test_on_a_hold_out_the_training_side_taught_and_was_not_judged(study: tuple[Workspace, Run, Run]) -> None:
    workspace, _, run = study
    training, test = read_split(workspace, get_run(workspace, run.inputs[1]))
    assert teachers(workspace, run, int(test[0])).tolist() == training.tolist()
    assert not len(teachers(workspace, run, int(training[0])))
    genres = np.full(200, "x", dtype=object)
    assert reasons(workspace, run, int(training[0]), "x", genres, k=4).counted == 0
    assert reasons(workspace, run, 10**6, "x", genres, k=4).counted == 0
    assert reasons(workspace, run, int(test[0]), "x", genres, k=4).counted
    untaught = dataclasses.replace(run, results={**run.results, "train": 0})
    assert not reasons(workspace, untaught, int(test[0]), "x", genres, k=4).counted


def test_the_embedding_behind_a_classifier_of_classifiers(study: tuple[Workspace, Run, Run]) -> None:
    workspace, run, other = study
    vote = Run("f" * 12, "classifier", "vote", {}, 1, (other.run_id, run.run_id), "0", run.started, None, {})
    found = embedding_behind(workspace, vote)
    assert found is not None
    assert found.run_id == run.inputs[0]


@pytest.mark.parametrize(
    ("similarities", "expected"),
    [([1, 1, 1], (2, 1)), ([0.5, 0.25, 0], (1, 0)), ([0.5, -1, -1], (0, 0)), ([-1, -1, -1], (2, 1))],
)
def test_the_place_is_the_weighted_mean(similarities: list[float], expected: tuple[float, float]) -> None:
    coordinates = np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 3.0]])
    assert place_on_map(coordinates, np.array(similarities)) == pytest.approx(expected)
