"""Real files with real vectors: generated covers, coloured, and classifiers on them."""

from pathlib import Path

import pytest

from analysis.classifiers.training import train
from data.drawing.sample import write_sample
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split
from data.intake.importing import import_covers
from data.store.runs import Run
from data.store.workspace import Workspace, open_workspace
from embeddings.embed import embed


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Run, Run]:
    """60 generated covers in colour, with a logistic regression on folds and a kNN on a hold-out."""
    folder: Path = tmp_path_factory.mktemp("study")
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, write_sample(folder / "covers", covers=60))
    embedding = embed(workspace, "color")
    folds = make_folds(workspace, make_groups(workspace), repeats=2)
    logistic = train(workspace, "logistic", embedding, folds)
    return workspace, logistic, train(workspace, "knn", embedding, make_split(workspace))
