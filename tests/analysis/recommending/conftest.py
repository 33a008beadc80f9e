"""Drawn covers, whose artists and labels are known, in colour."""

from collections.abc import Callable

import pytest

from analysis.geometry.neighbors import build_neighbors
from data.grouping.groups import make_groups
from data.store.runs import Run
from data.store.workspace import Workspace


@pytest.fixture(scope="package")
def drawn(draw_covers: Callable[[int], tuple[Workspace, Run]]) -> tuple[Workspace, Run, Run]:
    """160 drawn covers in colour with their neighbour graph: the workspace, the embedding, the groups."""
    workspace, embedding = draw_covers(160)
    build_neighbors(workspace, embedding)
    return workspace, embedding, make_groups(workspace)
