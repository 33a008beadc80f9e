"""Status: what is finished, stale, unfinished, and what comes next."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.chain.status import status
from data.intake.importing import import_covers
from data.store.covers import collection
from data.store.runs import current_runs, finish_run, start_run
from data.store.workspace import Workspace


def draw(folder: Path, genre: str, count: int, *, first: int = 0) -> Path:
    rng = np.random.default_rng([ord(genre[0]), first])
    (folder / genre).mkdir(parents=True, exist_ok=True)
    for i in range(first, first + count):
        Image.fromarray(rng.integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(folder / genre / f"{i}.png")
    return folder


def test_an_empty_workspace_asks_for_covers(workspace: Workspace) -> None:
    found = status(workspace)
    assert found.covers == 0
    assert found.next == ["genrescope import SOURCE"]


def test_the_next_step_follows_from_what_is_there(workspace: Workspace, tmp_path: Path) -> None:
    import_covers(workspace, draw(draw(tmp_path / "covers", "Jazz", 3), "Punk", 2))
    assert status(workspace).genres == {"Jazz": 3, "Punk": 2}
    assert [step.split()[1] for step in status(workspace).next] == ["embed"]

    embedding = start_run(workspace, "embedding", name="color", params={}, inputs=[collection(workspace).run_id])
    assert "genrescope embed --encoder color" in status(workspace).next, "an unfinished embedding is to be resumed"
    assert status(workspace).state[embedding.run_id] == "unfinished"

    finish_run(workspace, embedding, results={"dimension": 2})
    assert [step.split()[1] for step in status(workspace).next] == ["analyze", "train"]


@pytest.mark.parametrize("added", [0, 1])
def test_runs_are_stale_once_covers_were_added(workspace: Workspace, tmp_path: Path, added: int) -> None:
    source = draw(tmp_path / "covers", "Jazz", 3)
    import_covers(workspace, source)
    embedding = start_run(workspace, "embedding", name="color", params={}, inputs=[collection(workspace).run_id])
    finish_run(workspace, embedding)
    graph = start_run(workspace, "neighbors", name="color", params={}, inputs=[embedding.run_id])
    finish_run(workspace, graph)
    import_covers(workspace, draw(source, "Jazz", added, first=3))
    assert status(workspace).state[graph.run_id] == ("stale" if added else "finished")
    assert [run.run_id for run in current_runs(workspace, "neighbors")] == ([] if added else [graph.run_id])
