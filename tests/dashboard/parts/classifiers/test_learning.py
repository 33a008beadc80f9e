"""Networks in the app: how they learn, finished or not, and where they look; with one that was never trained."""

import shutil
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dashboard.app import create_app
from dashboard.parts.classifiers.learning import curves, rate_curve
from dashboard.reading.queries import CurvePoint, Epoch
from data.store.kept import KEPT, Kept, kept_rows
from data.store.runs import Run, append_rows, find_runs, finish_run, start_run
from data.store.workspace import Workspace
from embeddings.encoders.networks import build_network, describe, to_bytes
from tests.dashboard.conftest import GENRES
from tests.dashboard.driving import call, open_page

PARAMS = {"epochs": 3, "frozen_epochs": 1}


@pytest.fixture(scope="module")
def learning(filled: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Run, Run]:
    """A copy of the filled workspace with a finished network, never trained, and one after its second epoch."""
    workspace = Workspace(tmp_path_factory.mktemp("learning") / "workspace")
    shutil.copytree(filled.folder, workspace.folder)
    (split,) = find_runs(workspace, "split")
    inputs = [split.inputs[0], split.run_id]
    done = start_run(workspace, "classifier", name="fastai:resnet10t", params=PARAMS, inputs=inputs, seed=1)
    going_on = start_run(workspace, "classifier", name="fastai:resnet10t", params=PARAMS, inputs=inputs, seed=2)
    for run, epochs in ((done, 4), (going_on, 2)):
        with workspace.write() as con:
            append_rows(con, run, "epochs", _epochs(epochs))
    network = build_network("resnet10t", sorted(GENRES), weights="none", size=64)
    kept = Kept("safetensors", {"kind": "network", **describe(network), "repeat": 0, "fold": 0}, to_bytes(network))
    with workspace.read() as con:
        ids = con.execute("SELECT cover_id FROM splits WHERE run_id = ? AND side = 'test'", [split.run_id]).fetchnumpy()
    results = {
        "classes": sorted(GENRES),
        "embedding": "covers",
        "split": "grouped",
        "repeats": 1,
        "train": 100,
        "test": len(ids["cover_id"]),
    }
    results["fitted"] = [{"rate": 1e-3}]
    tables = {"predictions": _predictions(ids["cover_id"]), KEPT: kept_rows([kept]), "curves": _finder()}
    return workspace, finish_run(workspace, done, tables=tables, results=results), going_on


def _epochs(count: int) -> pa.Table:
    metrics = {"train_loss": 1.0, "held_out_loss": 1.1, "balanced_accuracy": 0.4, "seconds": 120.0}
    rows = [(0, 0, epoch, name, value - epoch / 10) for epoch in range(count) for name, value in metrics.items()]
    columns = ("repeat", "fold", "epoch", "metric", "value")
    return pa.table(dict(zip(columns, (list(column) for column in zip(*rows, strict=True)), strict=True)))


def _finder() -> pa.Table:
    nothing = pa.nulls(3, pa.float64())
    columns = {"curve": ["rate_finder"] * 3, "x": [1e-7, 1e-5, 1e-1], "genre": pa.nulls(3, pa.string())}
    return pa.table(columns | {"value": [2.0, 1.8, 1.0], "low": nothing, "high": nothing})


def _predictions(ids: np.ndarray) -> pa.Table:
    probabilities = np.full((len(ids), len(GENRES)), 1 / len(GENRES), np.float32)
    columns = {"cover_id": ids, "repeat": np.zeros(len(ids), np.int16), "predicted": [sorted(GENRES)[1]] * len(ids)}
    return pa.table(columns | {"probabilities": list(probabilities)})


@pytest.fixture(scope="module")
def client(learning: tuple[Workspace, Run, Run]) -> Any:
    return create_app(learning[0]).server.test_client()


def test_a_training_is_shown_while_it_goes_on(client: Any) -> None:
    answer = call(client, "classifiers-learning.children")
    said = str(answer["classifiers-learning"]["children"])
    assert "fastai:resnet10t: epoch 2 of 4, some 4 min of it left" in said
    assert answer["classifiers-clock"]["disabled"] is False


def test_a_finished_network_shows_its_curves_where_it_is_looked_at(client: Any, learning: Any) -> None:
    _, done, _ = learning
    shown = open_page(client, "/classifiers", f"?classifier={done.run_id}")
    assert "fastai:resnet10t on covers, grouped split" in shown
    assert '"x": [1, 2, 3, 4]' in shown
    assert "Loss while the learning rate rises: 0.001 was chosen" in shown


def test_the_chosen_rate_lies_on_the_finders_curve() -> None:
    points = [
        CurvePoint("rate_finder", x, None, loss, None, None) for x, loss in ((1e-7, 2.0), (1e-5, 1.8), (0.1, 1.0))
    ]
    line, mark = rate_curve(points, 1e-3)["data"]
    assert (line["x"], line["y"]) == ([1e-7, 1e-5, 0.1], [2.0, 1.8, 1.0])
    assert (mark["x"], mark["y"]) == ([1e-3], [pytest.approx(1.4)])  # half-way between 10^-5 and 10^-1


def test_nothing_is_asked_again_where_nothing_learns(filled: Workspace) -> None:
    answer = call(create_app(filled).server.test_client(), "classifiers-learning.children")
    assert answer["classifiers-learning"]["children"] is None
    assert answer["classifiers-clock"]["disabled"] is True


def test_the_panel_shows_where_a_network_looks(client: Any, learning: Any) -> None:
    workspace, done, _ = learning
    with workspace.read() as con:
        query = "SELECT min(cover_id) FROM predictions WHERE run_id = ?"
        cover = con.execute(query, [done.run_id]).fetchall()[0][0]
    for path in ("/classifiers", "/map"):
        shown = open_page(client, path, f"?cover={cover}&why={done.run_id}")
        assert "data:image/jpeg;base64,/9j/" in shown


def test_a_metric_that_is_missing_leaves_a_gap() -> None:
    found = curves([Epoch(0, 0, 0, {"a": 1.0, "b": 2.0}), Epoch(0, 0, 1, {"a": 0.5})], {"a": "red", "b": "blue"})
    assert [line["y"] for line in found["data"]] == [[1.0, 0.5], [2.0, None]]
    assert found["data"][0]["x"] == [1, 2]
