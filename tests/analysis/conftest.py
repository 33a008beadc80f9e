"""Fixtures of the analysis package's tests."""

from collections.abc import Callable

import numpy as np
import pytest

from analysis.chain.analyze import analyze
from data.drawing.sample import write_sample
from data.intake.importing import import_covers
from data.store.covers import collection
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace, open_workspace
from embeddings.embed import embed
from embeddings.vectors import append_vectors

GENRES = ("Folk", "Jazz", "Pop")


@pytest.fixture(scope="session")
def draw_covers(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], tuple[Workspace, Run]]:
    """Makes workspaces of so many drawn covers, whose artists and labels are known, in colour."""

    def draw(covers: int) -> tuple[Workspace, Run]:
        folder = tmp_path_factory.mktemp("drawn")
        workspace = open_workspace(folder / "workspace", create=True)
        import_covers(workspace, write_sample(folder / "covers", covers=covers))
        return workspace, embed(workspace, "color")

    return draw


@pytest.fixture
def embedded(workspace: Workspace) -> tuple[Workspace, Run]:
    """A workspace as `fill` leaves it, and its embedding."""
    return workspace, fill(workspace)


@pytest.fixture(scope="module")
def shared_embedded(new_workspace: Callable[[], Workspace]) -> tuple[Workspace, Run]:
    """As `embedded`; shared by the tests of a module, which may add runs."""
    workspace = new_workspace()
    return workspace, fill(workspace)


@pytest.fixture(scope="module")
def analyzed(new_workspace: Callable[[], Workspace]) -> tuple[Workspace, Run]:
    """As `embedded`, and analyzed; shared by the tests of a module, which may add runs."""
    workspace = new_workspace()
    embedding = fill(workspace)
    analyze(workspace, embeddings=[embedding])
    return workspace, embedding


def fill(workspace: Workspace) -> Run:
    """120 covers of three genres as well separated gaussians; cover 7 was left out, 117 to 119 are copies of 0 to 2."""
    cover_ids = np.arange(120)
    pictures = cover_ids % 117
    rows = [[i, f"/covers/{i}.jpg", f"{picture:064}", GENRES[i % 3]] for i, picture in enumerate(pictures.tolist())]
    with workspace.write() as con:
        con.executemany(
            "INSERT INTO covers BY NAME SELECT $1 AS cover_id, $2 AS path, $3 AS sha256, NULL AS phash, 9 AS bytes, "
            "300 AS width, 300 AS height, 'RGB' AS mode, 'JPEG' AS format, $4 AS genre, [$4] AS genres, "
            "'{}' AS metadata, current_timestamp::TIMESTAMP AS imported",
            rows,
        )
    run = start_run(workspace, "embedding", name="gaussians", params={}, inputs=[collection(workspace).run_id])
    noise = np.random.default_rng(1).normal(size=(117, 16))
    vectors = (3 * np.eye(16)[pictures % 3] + noise[pictures]).astype(np.float32)
    kept = cover_ids != 7
    append_vectors(workspace, run, cover_ids[kept], vectors[kept])
    return finish_run(workspace, run, results={"dimension": 16, "covers": 119, "left_out": 1})
