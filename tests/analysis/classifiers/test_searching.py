"""Searches: inside the training covers only, groups whole, and every candidate's figures stored."""

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import ParameterGrid

from analysis.chain.export import export
from analysis.chain.train_command import train_command
from analysis.classifiers.estimators.knn import FaissKNN
from analysis.classifiers.grids import GRIDS, HELD_OUT, INNER_FOLDS, searched
from analysis.classifiers.registry import CLASSIFIERS, get_recipe, make_classifier
from analysis.classifiers.searching import Searched, balanced_scores
from analysis.classifiers.training import train
from analysis.evaluation.finding import find_classifier
from analysis.evaluation.predictions import read_predictions
from data.errors import GenrescopeError, RunNotFound
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.store.runs import Run
from data.store.workspace import Workspace

GENRES = np.array(["Folk", "Jazz", "Pop"])


class Spy:
    """A candidate that remembers which covers it was shown: vectors are cover numbers. `worth` is how sure it is."""

    def __init__(self, worth: float, log: list) -> None:
        self.worth, self.log = worth, log

    def fit(self, X: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> "Spy":
        assert groups is not None
        self.classes_, self.learnt, self.truth = (
            np.unique(y),
            frozenset(X[:, 0].tolist()),
            dict(zip(X[:, 0].tolist(), y.tolist(), strict=True)),
        )
        self.log.append((self.worth, self.learnt))
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        right = X[:, 0].astype(int)[:, None] % 3 == np.arange(3)
        return np.where(right, self.worth, (1 - self.worth) / 2)


def taught(count: int, log: list, worths: list[float]) -> tuple[Searched, np.ndarray]:
    groups = np.arange(60) // 6
    numbers = np.arange(60)[:, None].astype(float)
    found = Searched(lambda worth: Spy(worth, log), [{"worth": w} for w in worths], held_out=(count, 4), seed=1)
    return found.fit(numbers, GENRES[np.arange(60) % 3], groups=groups), groups


@pytest.mark.parametrize("count", [1, 4])
def test_the_best_on_held_out_groups_is_taken_and_learns_from_all(count: int) -> None:
    log: list = []
    found, groups = taught(count, log, [0.5, 0.9, 0.2])
    assert (found.chosen_, found.best_.worth, len(found.best_.learnt)) == (1, 0.9, 60)
    np.testing.assert_allclose(found.scores_[:, 0], -np.log([0.5, 0.9, 0.2]))
    assert found.scores_[:, 1].tolist() == [1, 1, 0]
    searches = log[:-1]
    assert len(searches) == 3 * count
    for _, learnt in searches:
        own = groups[np.array(sorted(learnt), int)]
        assert all((groups == group).sum() == (own == group).sum() for group in np.unique(own)), "a group was torn"
    held_out = [frozenset(range(60)) - {int(x) for x in learnt} for _, learnt in searches[:: len(found.candidates)]]
    assert all(held_out)
    if count == 4:
        assert sorted(x for out in held_out for x in out) == list(range(60))


def test_of_equal_candidates_the_first_and_where_nothing_can_be_held_out() -> None:
    assert taught(1, [], [0.7, 0.7])[0].chosen_ == 0
    alone = Searched(lambda k: FaissKNN(k=k), [{"k": 2}, {"k": 1}], held_out=(1, 4))
    alone.fit(np.eye(3, dtype=np.float32), np.array(["a", "a", "b"]), groups=np.zeros(3))
    assert (alone.chosen_, np.isnan(alone.scores_).all(), alone.best_.k) == (0, True, 2)


def test_scores_are_scikit_learns_with_every_genre_counting_the_same() -> None:
    dice = np.random.default_rng(4)
    truth = dice.choice(3, size=200, p=[0.7, 0.2, 0.1])
    probabilities = dice.dirichlet(np.ones(3), size=200)
    weights = (1 / np.bincount(truth))[truth]
    loss, accuracy = balanced_scores(probabilities, truth)
    assert loss == pytest.approx(log_loss(truth, probabilities, sample_weight=weights))
    assert accuracy == pytest.approx(balanced_accuracy_score(truth, probabilities.argmax(axis=1)))


def test_every_candidate_of_every_grid_can_be_built() -> None:
    for search, grids in GRIDS.items():
        assert HELD_OUT[search] <= INNER_FOLDS
        for name, grid in grids.items():
            fixed = {key: value for key, value in CLASSIFIERS[name].params.items() if key not in grid}
            for candidate in ParameterGrid(dict(grid)):
                estimator = get_recipe(name).build(seed=1, **fixed, **candidate)
                assert hasattr(estimator, "fit")
            first = make_classifier(name, params=searched(name, CLASSIFIERS[name].params, search)).candidates[0]
            assert first == {key: values[0] for key, values in grid.items()}


@pytest.fixture(scope="module")
def trained(shared_embedded: tuple[Workspace, Run]) -> tuple[Workspace, Run, Run]:
    """A searched classifier beside the same without a search."""
    workspace, embedding = shared_embedded
    folds = make_folds(workspace, make_groups(workspace), folds=3, repeats=2)
    plain = train(workspace, "linear-svm", embedding, folds)
    return workspace, plain, train(workspace, "linear-svm", embedding, folds, search="quick")


def test_the_table_of_the_search_is_stored_and_exported(trained: tuple[Workspace, Run, Run], tmp_path: Path) -> None:
    workspace, _, run = trained
    candidates = len(GRIDS["quick"]["linear-svm"]["C"])
    assert export(workspace, "searches", tmp_path / "s.csv") == 2 * 3 * candidates * 2
    rows = duckdb.sql(f"SELECT * FROM read_csv('{tmp_path}/s.csv')").df()
    assert set(rows.run_id) == {run.run_id}
    losses = rows[rows.metric == "balanced_log_loss"]
    for fit in run.results["fitted"]:
        own = losses[(losses.repeat == fit["repeat"]) & (losses.fold == fit["fold"])]
        best = own.loc[own.value.idxmin()]
        assert bool(best.chosen)
        assert own.chosen.sum() == 1
        assert json.loads(best.params) == fit["candidate"] == {"C": fit["C"]}
        assert "search" not in fit


def test_a_search_is_a_run_of_its_own(trained: tuple[Workspace, Run, Run]) -> None:
    workspace, plain, run = trained
    assert (plain.name, run.name) == ("linear-svm", "linear-svm:quick")
    assert "grid" not in plain.params
    assert run.params["grid"] == {"C": list(GRIDS["quick"]["linear-svm"]["C"])}
    assert run.params["held_out"] == [1, 4]
    assert find_classifier(workspace, "linear-svm:quick@gaussians", split="folds") == run
    assert find_classifier(workspace, "linear-svm@gaussians", split="folds") == plain
    with pytest.raises(
        RunNotFound, match="'genrescope train --classifier knn --search thorough --embedding gaussians "
    ):
        find_classifier(workspace, "knn:thorough@gaussians", split="folds")
    assert len(read_predictions(workspace, run).cover_ids) == 2 * 119


def test_the_command_and_its_mistakes(trained: tuple[Workspace, Run, Run]) -> None:
    workspace, *_ = trained
    where = ["--workspace", str(workspace.folder), "--folds", "3", "--repeats", "2"]
    shown = CliRunner().invoke(train_command, ["--classifier", "knn", "--search", "quick", *where])
    assert shown.exit_code == 0, shown.output
    assert "knn:quick" in shown.output
    refused = CliRunner().invoke(train_command, ["--classifier", "1nn", "--search", "quick", *where])
    assert isinstance(refused.exception, GenrescopeError)
    assert "1nn has nothing to search for: --search goes with knn, logistic" in str(refused.exception)
    with pytest.raises(GenrescopeError, match="there is no search 'slow': choose from quick, thorough"):
        searched("knn", {}, "slow")
