"""Status: what is finished, stale, unfinished, and what comes next."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.chain.status import status
from analysis.networks.learning.checkpoints import training_folder
from analysis.networks.recipe import Recipe
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


def test_a_network_goes_on_unless_it_is_being_trained_now(workspace: Workspace, tmp_path: Path) -> None:
    import_covers(workspace, draw(tmp_path / "covers", "Jazz", 3))
    split = start_run(workspace, "split", name="grouped", params={}, inputs=[collection(workspace).run_id])
    finish_run(workspace, split)
    params = {**vars(Recipe()), "architecture": "resnet18", "weights": "", "size": 64}
    inputs = [collection(workspace).run_id, split.run_id]
    network = start_run(workspace, "classifier", name="fastai:resnet18", params=params, inputs=inputs, seed=42)
    found = status(workspace)
    assert found.state[network.run_id] == "unfinished"
    assert found.titles[network.run_id] == "fastai:resnet18 on covers"
    assert any(step.endswith("--split grouped  # goes on") for step in found.next)
    with training_folder(workspace, network):
        found = status(workspace)
    assert found.state[network.run_id] == "training"
    assert not any("goes on" in step for step in found.next)


def test_an_unfinished_classifier_is_named_with_its_embedding(workspace: Workspace) -> None:
    embedding = start_run(workspace, "embedding", name="color", params={})
    run = start_run(workspace, "classifier", name="knn", params={}, inputs=[embedding.run_id])
    assert status(workspace).titles[run.run_id] == "knn on color"


def test_on_the_embedding_of_a_network_its_hold_out_comes_next(workspace: Workspace, tmp_path: Path) -> None:
    import_covers(workspace, draw(tmp_path / "covers", "Jazz", 3))
    (covers,) = inputs = [collection(workspace).run_id]
    results = {"embedding": "covers", "split": "grouped"}
    network = finish_run(
        workspace, start_run(workspace, "classifier", name="fastai:a", params={}, inputs=inputs), results=results
    )
    embedding = start_run(
        workspace, "embedding", name=f"finetuned:{network.run_id}", params={}, inputs=[covers, network.run_id]
    )
    finish_run(workspace, embedding)
    assert f"genrescope train --embedding {embedding.name} --split grouped" in status(workspace).next
