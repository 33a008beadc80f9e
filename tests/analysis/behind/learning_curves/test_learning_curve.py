"""The run of learning curves, and its verb."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.behind.learning_curves.curve import measure_curves
from analysis.behind.learning_curves.learning_curve import (
    learning_tables,
    measure_learning_curve,
    read_curves,
    read_gains,
)
from analysis.behind.learning_curves.words import HELPS, NOTHING, OPEN, sentences
from analysis.chain.export import read_table
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.store.runs import find_runs
from genrescope import cli
from tests.analysis.conftest import GENRES


@pytest.fixture(scope="module")
def measured(shared_embedded):
    workspace, embedding = shared_embedded
    return workspace, measure_learning_curve(workspace, embedding, make_folds(workspace, make_groups(workspace)))


def test_each_genre_has_a_curve_and_a_verdict(measured):
    workspace, run = measured
    curves, gains = read_curves(workspace, run), read_gains(workspace, run)
    learning = curves[curves.curve == "learning"]
    assert set(learning.genre.dropna()) == set(GENRES)
    assert set(run.results["verdicts"]) == {*GENRES, ""}
    assert set(run.results["verdicts"].values()) <= {HELPS, NOTHING, OPEN}
    assert (learning.low <= learning.value).all()
    assert (learning.value <= learning.high).all()
    assert set(gains.metric) == {"gain_doubled", "gain_quadrupled", "separability_doubled", "separability_quadrupled"}
    ahead = curves[(curves.curve == "learning_ahead") & (curves.genre == "Jazz")]
    assert ahead.x.max() == pytest.approx(4 * learning[learning.genre == "Jazz"].x.max())
    said = sentences(run.results["verdicts"], curves, gains)
    assert len(said) == 4
    assert said[-1].startswith("Mean over the genres")


def test_it_is_found_again(measured):
    workspace, run = measured
    again = measure_learning_curve(workspace, find_runs(workspace, "embedding")[0], find_runs(workspace, "folds")[0])
    assert again.run_id == run.run_id
    assert len(find_runs(workspace, "curve")) == 1


def test_tables_and_verb(measured):
    workspace, run = measured
    assert len(read_table(workspace, "learning_curves")) == len(read_curves(workspace, run))
    assert len(read_table(workspace, "learning_gains", run="gaussians")) == 16
    folder = str(workspace.folder)
    answer = CliRunner().invoke(cli, ["learning-curve", "--workspace", folder], catch_exceptions=False)
    assert answer.output.startswith("gaussians:\n  ")
    as_json = CliRunner().invoke(cli, ["learning-curve", "--json", "--workspace", folder], catch_exceptions=False)
    (found,) = json.loads(as_json.output)
    assert found["run"] == run.run_id
    assert all(line.strip() in answer.output for line in found["sentences"])


def test_where_no_genre_has_groups_enough_nothing_is_told():
    curves = measure_curves(
        np.eye(6, dtype=np.float32), np.arange(6) % 2, np.arange(6), np.arange(6)[None] % 3, classes=2, seed=1
    )
    table, gains, results = learning_tables(curves, ["Folk", "Jazz"], np.array([3.0, 3.0]))
    assert table.empty
    assert results["verdicts"] == {"Folk": OPEN, "Jazz": OPEN, "": OPEN}
    assert sentences(results["verdicts"], table, gains) == [
        "Whether more covers would help cannot be told: no genre has groups enough for a curve."
    ]
