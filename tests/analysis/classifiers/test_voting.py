"""Votes: means of members' probabilities, on the covers that all judged."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.optimize import minimize_scalar

from analysis.chain.vote_command import vote_command
from analysis.classifiers.sharpening import sharpened
from analysis.classifiers.training import train
from analysis.classifiers.voting import mean_of, vote
from analysis.evaluation.comparing.compare_command import compare_command
from analysis.evaluation.finding import find_classifier
from analysis.evaluation.predictions import Predictions, read_predictions
from analysis.evaluation.scores import score, value_of
from analysis.report.results_table import results_table
from data.errors import GenrescopeError, RunNotFound
from data.grouping.folds import make_folds, read_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split
from data.store.kept import read_kept
from data.store.runs import Run, finish_run, get_run, start_run
from data.store.workspace import Workspace
from embeddings.vectors import append_vectors

Trained = tuple[Workspace, Run, Run]


@pytest.fixture(scope="module")
def trained(shared_embedded: tuple[Workspace, Run]) -> Trained:
    """Two classifiers on two embeddings (of which each lacks another cover), judged on the same folds."""
    workspace, first = shared_embedded
    second = start_run(workspace, "embedding", name="noise", params={}, inputs=first.inputs)
    append_vectors(workspace, second, np.arange(119), np.random.default_rng(2).normal(size=(119, 4)))
    second = finish_run(workspace, second, results={"dimension": 4, "covers": 119, "left_out": 1})
    folds = make_folds(workspace, make_groups(workspace), folds=3, repeats=2)
    return workspace, train(workspace, "logistic", first, folds), train(workspace, "linear-svm", second, folds)


def said(cover_ids: list[int], repeat: list[int], probabilities: list[list[float]], classes: list[str]) -> Predictions:
    """Predictions of these, every cover of the first genre."""
    found = np.array(probabilities)
    none = np.zeros(len(cover_ids), int)
    ids = np.array(cover_ids)
    return Predictions(ids, np.array(repeat), none, found.argmax(axis=1), found, classes, ids)


def test_by_hand() -> None:
    """Cover 3 in repeat 1 is judged by both, in another order; Jazz is unknown to the second."""
    a = said([3, 3, 4], [0, 1, 0], [[0.5, 0.2, 0.3], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1]], ["Folk", "Jazz", "Pop"])
    b = said([5, 3, 4], [0, 1, 0], [[0.5, 0.5], [0.9, 0.1], [0.3, 0.7]], ["Folk", "Pop"])
    found = mean_of([a, b])
    assert (found.cover_ids.tolist(), found.repeat.tolist()) == ([3, 4], [1, 0])
    np.testing.assert_allclose(found.probabilities, [[0.55, 0.35, 0.1], [0.2, 0.4, 0.4]], rtol=1e-6)
    assert found.predicted.tolist() == [0, 1]
    assert found.classes == ["Folk", "Jazz", "Pop"]


def test_the_stored_vote_is_the_mean_of_the_stored_members_as_sure_as_other_folds_say(
    trained: Trained,
) -> None:
    workspace, *members = trained
    found = read_predictions(workspace, vote(workspace, members))
    expected: dict[tuple[int, int], list[np.ndarray]] = {}
    for side in (read_predictions(workspace, run) for run in members):
        for cover_id, repeat, row in zip(
            side.cover_ids.tolist(), side.repeat.tolist(), side.probabilities, strict=True
        ):
            expected.setdefault((cover_id, repeat), []).append(row)
    both = {key: np.mean(rows, axis=0) for key, rows in expected.items() if len(rows) == 2}
    keys = list(zip(found.cover_ids.tolist(), found.repeat.tolist(), strict=True))
    assert sorted(both) == keys
    assert len(keys) == 2 * 118
    fold = read_folds(workspace, get_run(workspace, members[0].inputs[1]))[found.repeat, found.cover_ids]
    mean, row = np.array([both[key] for key in keys]), found.cover_ids[7]
    here = (found.repeat == 1) & (fold == fold[np.flatnonzero((found.repeat == 1) & (found.cover_ids == row))[0]])
    others = (found.repeat == 1) & ~here
    weight = 1 / np.bincount(found.truth[others])[found.truth[others]]

    def loss(power: float) -> float:
        powers = mean[others] ** power
        own = powers[np.arange(len(powers)), found.truth[others]] / powers.sum(axis=1)
        return float(np.average(-np.log(own), weights=weight))

    powers = mean[here] ** minimize_scalar(loss, bounds=(0.01, 2), method="bounded").x
    np.testing.assert_allclose(found.probabilities[here], powers / powers.sum(axis=1, keepdims=True), atol=0.01)
    assert (found.predicted == found.probabilities.argmax(axis=1)).all()


def test_a_mean_of_calibrated_ones_is_less_sure_than_right_until_it_is_sharpened() -> None:
    """Three that see half of it alike, half something else: of what each says alone every probability is right."""
    dice = np.random.default_rng(0)
    truth = dice.integers(2, size=3000)
    seen = (dice.normal(size=3000) + dice.normal(size=(3, 3000))) / np.sqrt(2) + np.where(truth == 1, 0.8, -0.8)
    mean = (1 / (1 + np.exp(-1.6 * seen))).mean(axis=0)
    given = said(list(range(3000)), [0] * 3000, np.stack([1 - mean, mean], axis=1).tolist(), ["Folk", "Pop"])
    given = replace(given, truth=truth)
    found, fits = sharpened(given, np.arange(3000) % 5, members=3)
    right = (found.predicted == truth).mean()
    assert right - given.probabilities.max(axis=1).mean() > 0.05
    assert abs(right - found.probabilities.max(axis=1).mean()) < 0.02
    assert (found.predicted == given.predicted).all()
    assert [fit["temperature"] < 0.8 for fit in fits] == [True] * 5


def test_on_a_hold_out_a_vote_is_a_plain_mean(trained: Trained) -> None:
    workspace, a, b = trained
    split = make_split(workspace)
    members = [train(workspace, run.name, get_run(workspace, run.inputs[0]), split) for run in (a, b)]
    run = vote(workspace, members)
    sides = [read_predictions(workspace, each) for each in (run, *members)]
    shared = [np.isin(side.cover_ids, sides[0].cover_ids) for side in sides[1:]]
    mean = (sides[1].probabilities[shared[0]] + sides[2].probabilities[shared[1]]) / 2
    np.testing.assert_allclose(sides[0].probabilities, mean, atol=1e-6)
    assert (run.results["fitted"], read_kept(workspace, run)[0].description["temperature"]) == ([], 1.0)


def test_it_is_a_classifier_run_like_any_other(trained: Trained) -> None:
    workspace, a, b = trained
    run = vote(workspace, [a, b])
    assert vote(workspace, [b, a]) == run
    assert (run.kind, run.name, run.results["embedding"]) == (
        "classifier",
        "vote",
        "linear-svm@noise,logistic@gaussians",
    )
    assert run.inputs == (b.inputs[0], a.inputs[1], b.run_id, a.run_id, a.inputs[0])
    assert run.results["balanced_accuracy"] == value_of(score(read_predictions(workspace, run)), "balanced_accuracy")[0]
    assert run.results["test"] == 118
    assert set(a.results) <= {*run.results}
    assert find_classifier(workspace, "vote@linear-svm@noise,logistic@gaussians", split="folds") == run
    assert "vote" not in results_table(workspace), "it is on no one embedding"
    with pytest.raises(RunNotFound, match="'genrescope vote knn@noise 1nn@noise --split folds'"):
        find_classifier(workspace, "vote@knn@noise,1nn@noise", split="folds")
    (kept,) = read_kept(workspace, run)
    assert kept.description["members"] == [b.run_id, a.run_id]


def test_what_cannot_vote(trained: Trained) -> None:
    workspace, a, b = trained
    hold_out = train(workspace, "logistic", get_run(workspace, a.inputs[0]), make_split(workspace))
    with pytest.raises(GenrescopeError, match=r"different divisions of the covers, 'folds' \(\w+\) and 'grouped'"):
        vote(workspace, [a, hold_out])
    with pytest.raises(GenrescopeError, match="two classifiers or more, each named once"):
        vote(workspace, [a, a])
    with pytest.raises(GenrescopeError, match=r"is a vote: name its members \(linear-svm@noise,logistic@gaussians\)"):
        vote(workspace, [vote(workspace, [a, b]), a])


def test_the_command(trained: Trained) -> None:
    workspace, *_ = trained
    where = ["--workspace", str(workspace.folder)]
    shown = CliRunner().invoke(vote_command, ["logistic@gaussians", "linear-svm@noise", *where])
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert [line.split()[1] for line in lines[1:3] + lines[4:]] == ["logistic", "linear-svm", "these"]
    (facts,) = json.loads(
        CliRunner().invoke(vote_command, ["logistic@gaussians", "linear-svm@noise", "--json", *where]).output
    )
    assert facts["classifier"] == "vote"
    compared = CliRunner().invoke(compare_command, [facts["run_id"], "logistic@gaussians", *where])
    assert compared.exit_code == 0, compared.output
