"""The run of likely wrong labels."""

import numpy as np
import pytest

from analysis.behind.labels.labels import best_classifier, doubt_labels, read_doubts, read_estimates, sentences
from analysis.classifiers.training import train_all
from data.errors import RunNotFound
from data.store.runs import Run
from data.store.workspace import Workspace


def test_labels_of_a_workspace(analyzed: tuple[Workspace, Run]) -> None:
    workspace, _ = analyzed
    with pytest.raises(RunNotFound, match="genrescope train"):
        best_classifier(workspace)
    train_all(workspace, classifiers=["logistic"], repeats=1)
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


def test_a_second_genre_is_no_mistake(analyzed: tuple[Workspace, Run]) -> None:
    workspace, _ = analyzed
    with workspace.write() as con:
        con.execute("UPDATE covers SET genres = ['Folk', 'Jazz', 'Pop']")
    train_all(workspace, classifiers=["logistic"], repeats=2)
    assert doubt_labels(workspace).results["flagged"] == 0
