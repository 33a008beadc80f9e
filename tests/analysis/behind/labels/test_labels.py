"""The run of likely wrong labels."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.behind.labels.labels import METRICS, best_classifier, doubt_labels, read_doubts, read_estimates, sentences
from analysis.behind.labels.labels_command import labels_command
from analysis.classifiers.training import train_all
from data.errors import RunNotFound
from data.store.runs import Run
from data.store.workspace import Workspace


@pytest.fixture(scope="module")
def judged(analyzed: tuple[Workspace, Run]) -> Workspace:
    """A workspace with one classifier."""
    workspace, _ = analyzed
    train_all(workspace, classifiers=["logistic"], repeats=1)
    return workspace


def test_without_a_classifier_it_says_what_to_do(workspace: Workspace) -> None:
    with pytest.raises(RunNotFound, match="genrescope train"):
        best_classifier(workspace)


def test_labels_of_a_workspace(judged: Workspace) -> None:
    workspace = judged
    run = doubt_labels(workspace)
    found = read_doubts(workspace, run)
    assert len(found) == run.results["covers"] == 119
    assert found.place.tolist() == list(range(1, 120))
    assert (np.diff(found.quality) >= 0).all()
    assert (found.genre != found.suggested).all()
    assert run.results["trusted"]
    assert run.results["both"] == int((found.flagged & found.agree).sum())
    assert run.results["ceiling_copies"] == 1.0
    estimates = read_estimates(workspace, run)
    assert len(estimates) == 1 + 3 + 6
    assert (estimates.low <= estimates.value).all()
    assert (estimates.value <= estimates.high).all()
    assert len(sentences(workspace, run)) == 3
    assert doubt_labels(workspace).run_id == run.run_id


def test_the_verb_says_how_far_to_trust_it_and_lists_the_first(judged: Workspace) -> None:
    run = doubt_labels(judged)
    words = ["--workspace", str(judged.folder)]
    lines = CliRunner().invoke(labels_command, words, catch_exceptions=False).stdout.splitlines()
    assert lines[:3] == sentences(judged, run)
    assert lines[4] == "By logistic on gaussians and the neighbours in gaussians:"
    first = read_doubts(judged, run).iloc[0]
    assert lines[5].startswith(f"    1  {first.genre} -> {first.suggested}: probability {first.quality:.0%} to ")
    assert lines[5].endswith(first.path)
    assert lines[25:] == ["  ... 'genrescope export doubts FILE' writes all 119"]


def test_the_verb_says_all_as_json_of_the_classifier_it_is_given(judged: Workspace) -> None:
    words = ["--json", "--classifier", "logistic@gaussians", "--workspace", str(judged.folder)]
    found = json.loads(CliRunner().invoke(labels_command, words, catch_exceptions=False).stdout)
    assert found["run_id"] == doubt_labels(judged).run_id
    assert len(found["doubts"]) == 119
    assert [row["place"] for row in found["doubts"]] == list(range(1, 120))
    assert {row["metric"] for row in found["estimates"]} == set(METRICS)
    with pytest.raises(RunNotFound, match="genrescope train"):
        CliRunner().invoke(labels_command, ["--classifier", "knn@color", *words[-2:]], catch_exceptions=False)


def test_a_second_genre_is_no_mistake(judged: Workspace) -> None:
    workspace = judged
    with workspace.write() as con:
        con.execute("UPDATE covers SET genres = ['Folk', 'Jazz', 'Pop']")
    train_all(workspace, classifiers=["logistic"], repeats=2)
    assert doubt_labels(workspace).results["flagged"] == 0
