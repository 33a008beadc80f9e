"""Real files with real vectors: generated covers, coloured, and classifiers on them."""

from collections.abc import Callable

import pytest

from analysis.classifiers.training import train
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split
from data.store.runs import Run
from data.store.workspace import Workspace


@pytest.fixture(scope="session")
def study(draw_covers: Callable[[int], tuple[Workspace, Run]]) -> tuple[Workspace, Run, Run]:
    """60 generated covers in colour, with a logistic regression on folds and a kNN on a hold-out."""
    workspace, embedding = draw_covers(60)
    folds = make_folds(workspace, make_groups(workspace), repeats=2)
    logistic = train(workspace, "logistic", embedding, folds)
    return workspace, logistic, train(workspace, "knn", embedding, make_split(workspace))
