"""What of a run goes into MLflow, before MLflow is there."""

import re

import numpy as np
import pandas as pd
import pytest

from analysis.classifiers.training import train_all
from analysis.records.contents import epochs_of, metrics_of, params_of, tags_of, title_of
from data.store.runs import Run, find_runs, get_run
from data.store.workspace import Workspace

# What MLflow says it takes: alphanumerics, underscores, dashes, periods, spaces, colon and slashes.
TAKEN = re.compile(r"^[/\w.\- :]+$", re.ASCII)


@pytest.fixture
def trained(embedded: tuple[Workspace, Run]) -> tuple[Workspace, Run]:
    workspace, embedding = embedded
    (run,) = train_all(workspace, classifiers=["1nn"], embeddings=[embedding], folds=3, repeats=1)
    return workspace, run


def table(**genres: float) -> pd.DataFrame:
    rows = [("recall", genre, value, value - 0.1, value + 0.1) for genre, value in genres.items()]
    rows.append(("accuracy", None, 0.5, np.nan, np.nan))
    return pd.DataFrame(rows, columns=["metric", "genre", "value", "low", "high"])


def test_a_metric_comes_with_its_interval() -> None:
    found = {name: value for name, value, _ in metrics_of(table(Jazz=0.4))}
    assert found == pytest.approx(
        {"recall/Jazz": 0.4, "recall_low/Jazz": 0.3, "recall_high/Jazz": 0.5, "accuracy": 0.5}
    )


def test_names_of_genres_are_made_into_what_mlflow_takes_and_stay_apart() -> None:
    genres = {"R&B": 0.1, "R?B": 0.2, "R_B": 0.3, "名前 🎷": 0.4, "../../etc": 0.5, 'a "<b>" x': 0.6, "...": 0.7}
    found = [(name, value) for name, value, _ in metrics_of(table(**genres)) if name.startswith("recall/")]
    assert sorted(value for _, value in found) == sorted(genres.values())
    assert len({name for name, _ in found}) == len(genres)
    assert all(TAKEN.match(name) for name, _ in found)
    assert all(".." not in name.split("/") and name.count("/") == 1 for name, _ in found)


def test_pairs_of_genres_stay_in_the_table() -> None:
    pairs = pd.DataFrame(
        [("separability", "A", "B", 0.3, 0.2, 0.4), ("separability", "A", None, 0.6, 0.5, 0.7)],
        columns=["metric", "genre", "other_genre", "value", "low", "high"],
    )
    assert {name for name, *_ in metrics_of(pairs)} == {"separability/A", "separability_low/A", "separability_high/A"}


def test_a_run_is_described_by_its_parameters_and_all_it_rests_on(trained: tuple[Workspace, Run]) -> None:
    workspace, run = trained
    params = params_of(run)
    assert params["k"] == "1"
    assert params["embedding"] == "gaussians"
    assert params["seed"] == "42"
    tags = tags_of(workspace, run)
    assert tags["genrescope.run_id"] == run.run_id
    for kind in ("embedding", "folds", "neighbors", "groups", "duplicates", "collection"):
        assert get_run(workspace, tags[f"genrescope.input.{kind}"]).kind == kind
    assert title_of(run) == "1nn on gaussians, folds"


def test_epochs_are_steps_and_folds_stay_apart(trained: tuple[Workspace, Run]) -> None:
    workspace, run = trained
    assert list(epochs_of(workspace, run)) == []
    _store_epochs(workspace, run, folds=1)
    assert list(epochs_of(workspace, run)) == [("epochs/loss", 1.0, 0), ("epochs/loss", 0.5, 1)]
    _store_epochs(workspace, run, folds=2)
    found = list(epochs_of(workspace, run))
    assert {name for name, *_ in found} == {"epochs/loss/repeat 0 fold 0", "epochs/loss/repeat 0 fold 1"}
    assert len(found) == 4


def _store_epochs(workspace: Workspace, run: Run, *, folds: int) -> None:
    rows = [[run.run_id, 0, fold, epoch, "loss", 1 / (epoch + 1)] for fold in range(folds) for epoch in range(2)]
    with workspace.write() as con:
        con.executemany("INSERT OR IGNORE INTO epochs VALUES (?, ?, ?, ?, ?, ?)", rows)


def test_nothing_else_is_computed_for_a_record(trained: tuple[Workspace, Run]) -> None:
    workspace, run = trained
    before = len(find_runs(workspace))
    tags_of(workspace, run)
    assert len(find_runs(workspace)) == before
