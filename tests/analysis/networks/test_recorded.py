"""Networks in the real MLflow: models that take image files."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.networks.kept import networks_of, predict_images
from analysis.records.network_model import Networks, _load_pyfunc
from analysis.records.record import record
from analysis.records.tracking import import_mlflow, tracking_uri
from data.errors import GenrescopeError
from data.intake.images import load_cover
from data.store.covers import collection, read_covers
from data.store.kept import read_kept
from data.store.runs import Run
from data.store.workspace import Workspace


@pytest.fixture
def covers(out_of_fold: tuple[Workspace, Run]) -> tuple[pd.DataFrame, np.ndarray]:
    """Files of three covers as the model takes them, and what the networks say of them together."""
    workspace, run = out_of_fold
    paths = read_covers(workspace, collection(workspace)).path[:3]
    images = [load_cover(path) for path in paths]
    expected = predict_images(networks_of(workspace, run), images, list(run.results["classes"]))
    return pd.DataFrame({"image": [Path(path).read_bytes() for path in paths]}), expected


def test_what_is_written_says_the_same_and_is_numbers_only(out_of_fold, covers, tmp_path: Path) -> None:
    workspace, run = out_of_fold
    Networks(run, read_kept(workspace, run)).write(tmp_path)
    files = ["network-0.safetensors", "network-1.safetensors", "networks.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == files
    said = _load_pyfunc(str(tmp_path)).predict(covers[0])
    assert list(said.columns) == run.results["classes"]
    np.testing.assert_allclose(said.to_numpy(), covers[1], atol=1e-6)
    with pytest.raises(GenrescopeError, match="image 1 cannot be classified"):
        _load_pyfunc(str(tmp_path)).predict(pd.DataFrame({"image": [covers[0].image[0], b"no image"]}))
    (tmp_path / files[1]).write_bytes(b"cut")
    with pytest.raises(GenrescopeError):
        _load_pyfunc(str(tmp_path))


@pytest.mark.slow
def test_it_comes_back_through_mlflow_and_predicts_the_same(out_of_fold, covers, monkeypatch, caplog) -> None:
    workspace, run = out_of_fold
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with caplog.at_level(logging.INFO):
        (made,) = record(workspace, [run])
    assert "without a model" not in caplog.text
    model = _loaded(workspace, made.mlflow_run_id)
    said = model.predict(covers[0])
    assert list(said.columns) == run.results["classes"]
    np.testing.assert_allclose(said.to_numpy(), covers[1], atol=1e-6)
    assert model.metadata.get_input_schema().to_dict() == [{"type": "binary", "name": "image", "required": True}]
    assert model.metadata.get_output_schema().input_names() == run.results["classes"]
    assert len(model.input_example) == 1
    found = {path.suffix for path in workspace.folder.rglob("*") if path.is_file() and "models" in path.parts}
    assert not found & {".pkl", ".pickle", ".py", ".pt", ".pth", ".joblib", ".cloudpickle"}
    assert ".safetensors" in found


def _loaded(workspace: Workspace, mlflow_run_id: str) -> Any:
    mlflow, uri = import_mlflow(), tracking_uri(workspace)
    (output,) = mlflow.MlflowClient(uri).get_run(mlflow_run_id).outputs.model_outputs
    mlflow.set_tracking_uri(uri)
    try:
        return mlflow.pyfunc.load_model(f"models:/{output.model_id}")
    finally:
        mlflow.set_tracking_uri(None)
