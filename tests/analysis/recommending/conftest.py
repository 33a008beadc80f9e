"""Drawn covers, whose artists and labels are known, in colour."""

from pathlib import Path

import pytest

from analysis.geometry.neighbors import build_neighbors
from data.drawing.sample import write_sample
from data.grouping.groups import make_groups
from data.intake.importing import import_covers
from data.store.runs import Run
from data.store.workspace import Workspace, open_workspace
from embeddings.embed import embed


@pytest.fixture(scope="package")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Run, Run]:
    """160 drawn covers in colour with their neighbour graph: the workspace, the embedding, the groups."""
    folder: Path = tmp_path_factory.mktemp("drawn")
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, write_sample(folder / "covers", covers=160))
    embedding = embed(workspace, "color")
    build_neighbors(workspace, embedding)
    return workspace, embedding, make_groups(workspace)
