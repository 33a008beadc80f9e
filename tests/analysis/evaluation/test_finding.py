"""Which classifier a user means, and what is said where there is none of that name."""

import pytest

from analysis.evaluation.finding import find_classifier
from data.errors import RunNotFound
from data.store.runs import Run, compute_run
from data.store.workspace import Workspace


def trained(workspace: Workspace, name: str, embedding: str) -> Run:
    folds = compute_run(workspace, "folds", lambda: ({}, {}), name="folds", params={})
    results = {"embedding": embedding}
    params, inputs = {"on": embedding}, ["-", folds.run_id]
    return compute_run(workspace, "classifier", lambda: ({}, results), name=name, params=params, inputs=inputs)


def test_a_name_that_is_not_there_is_told_which_are(workspace: Workspace) -> None:
    with pytest.raises(RunNotFound, match=r"no classifier 'knn' in .*: there is none yet, 'genrescope train' makes"):
        find_classifier(workspace, "knn", split=None)
    runs = [trained(workspace, "logistic", name) for name in ("resnet18", "color")]
    told = r"no classifier 'knn' in .*: there are logistic@color, logistic@resnet18; or name one by its run id$"
    with pytest.raises(RunNotFound, match=told):
        find_classifier(workspace, "knn", split=None)
    assert find_classifier(workspace, runs[0].run_id, split=None) == runs[0]
    with pytest.raises(RunNotFound, match="logistic@color"):
        find_classifier(workspace, runs[0].inputs[1], split=None)  # a run, but no classifier
