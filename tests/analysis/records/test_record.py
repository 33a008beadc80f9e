"""Records in the real MLflow: a store in the workspace, and a server in a process of its own."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click.testing
import numpy as np
import pytest

from analysis.classifiers.training import train_all
from analysis.evaluation.predictions import read_predictions
from analysis.evaluation.scores import score, value_of
from analysis.predicting.fitted import fitted
from analysis.records.record import Recorded, record
from analysis.records.record_command import record_command
from analysis.records.tracking import how_to_look, import_mlflow, tracking_uri
from data.errors import GenrescopeError
from data.store.runs import Run
from data.store.workspace import Workspace
from embeddings.vectors import read_vectors

CLASSIFIERS = ("knn", "logistic", "rbf-svm", "mlp")


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="module")
def study(analyzed: tuple[Workspace, Run]) -> tuple[Workspace, Run, list[Run]]:
    """A workspace with an embedding, analyzed, and its classifiers."""
    workspace, embedding = analyzed
    return workspace, embedding, train_all(workspace, classifiers=CLASSIFIERS, embeddings=[embedding], repeats=1)


@pytest.fixture(scope="module")
def records(study: tuple[Workspace, Run, list[Run]]) -> dict[str, Recorded]:
    """By the name of the classifier, or 'separability', what `record` made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        found = record(study[0])
    return {each.run.name if each.run.kind == "classifier" else each.run.kind: each for each in found}


@pytest.fixture
def client(study: tuple[Workspace, Run, list[Run]]) -> Any:
    return import_mlflow().MlflowClient(tracking_uri(study[0]))


@pytest.mark.slow
def test_a_record_holds_the_metrics_with_their_intervals(study, records, client) -> None:
    assert set(records) == {*CLASSIFIERS, "separability"}
    run = records["logistic"].run
    scores = score(read_predictions(study[0], run))
    stored = client.get_run(records["logistic"].mlflow_run_id)
    for metric, genre in (("balanced_accuracy", None), ("recall", "Jazz"), ("log_loss", None)):
        behind = f"/{genre}" if genre else ""
        found = [stored.data.metrics[f"{metric}{part}{behind}"] for part in ("", "_low", "_high")]
        assert found == pytest.approx(value_of(scores, metric, genre))
    assert stored.data.params["embedding"] == "gaussians"
    assert stored.data.tags["genrescope.input.embedding"] == study[1].run_id
    assert stored.info.status == "FINISHED"
    assert stored.info.end_time - stored.info.start_time == pytest.approx(
        1000 * (run.finished - run.started).total_seconds(), abs=1
    )


@pytest.mark.slow
def test_a_record_of_separability_holds_the_answer(records, client) -> None:
    stored = client.get_run(records["separability"].mlflow_run_id)
    value, low, high = (stored.data.metrics[f"separability{part}/Folk"] for part in ("", "_low", "_high"))
    assert -1 <= low < value <= high <= 1
    assert stored.data.tags["mlflow.note.content"] == records["separability"].run.results["sentence"]


@pytest.mark.slow
def test_figures_and_tables_lie_beside_it(study, records, client) -> None:
    for name, files in (
        ("logistic", {"confusion.svg", "reliability.svg", "scores.csv"}),
        ("separability", {"separability.svg", "scores.csv"}),
    ):
        mlflow_run_id = records[name].mlflow_run_id
        assert {file.path for file in client.list_artifacts(mlflow_run_id)} == files
        assert client.get_run(mlflow_run_id).info.artifact_uri.startswith(study[0].folder.as_uri())
        for file in files:
            stored = Path(client.download_artifacts(mlflow_run_id, file))
            assert file.endswith(".csv") or stored.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_model_comes_back_and_predicts_the_same(study, records, client, name: str) -> None:
    workspace, embedding, _ = study
    model = _load(tracking_uri(workspace), client, records[name].mlflow_run_id)
    vectors = read_vectors(workspace, embedding)[1][::7]
    said = model.predict(vectors)
    known = fitted(workspace, records[name].run.run_id)
    expected = known.classify(_Vectors(vectors))  # type: ignore[arg-type]
    assert list(said.columns) == known.classes
    np.testing.assert_allclose(said.to_numpy(), expected, atol=1e-6)
    assert model.metadata.get_input_schema().inputs[0].shape == (-1, 16)
    assert model.metadata.get_output_schema().input_names() == known.classes
    assert model.input_example.shape == (3, 16)


class _Vectors:
    """Stands for pictures that were encoded already."""

    def __init__(self, vectors: np.ndarray) -> None:
        self.found = vectors

    def vectors(self, *_: Any) -> np.ndarray:
        return self.found


@pytest.mark.slow
def test_nothing_in_a_model_is_code(study, records) -> None:
    files = {path.suffix for path in study[0].folder.rglob("*") if path.is_file() and "models" in path.parts}
    assert files
    assert not files & {".pkl", ".pickle", ".py", ".pt", ".joblib", ".cloudpickle"}


@pytest.mark.slow
def test_a_model_with_foreign_parts_is_refused(study, records, client, tmp_path: Path) -> None:
    uri, mlflow = tracking_uri(study[0]), import_mlflow()
    folder = Path(_model_folder(uri, client, records["logistic"].mlflow_run_id, tmp_path))
    (content,) = folder.rglob("fitted.skops")
    content.write_bytes(content.read_bytes()[:-40])
    with pytest.raises(GenrescopeError, match="cannot be read"):
        mlflow.pyfunc.load_model(str(folder))


@pytest.mark.slow
def test_what_is_recorded_is_found_again(study, records, client) -> None:
    again = record(study[0])
    assert [each.new for each in again] == [False] * len(records)
    assert {each.mlflow_run_id for each in again} == {each.mlflow_run_id for each in records.values()}


@pytest.mark.slow
def test_a_record_that_was_broken_off_is_made_anew_and_a_model_kept_later_is_added(study, records, client) -> None:
    workspace = study[0]
    client.set_terminated(records["knn"].mlflow_run_id, "KILLED")
    client.delete_tag(records["mlp"].mlflow_run_id, "genrescope.model")
    with workspace.write() as con:
        kept = con.execute("SELECT * FROM kept WHERE run_id = ?", [records["mlp"].run.run_id]).fetchall()
        con.execute("DELETE FROM kept WHERE run_id = ?", [records["mlp"].run.run_id])
    found = record(workspace, [records["knn"].run, records["mlp"].run])
    assert [each.new for each in found] == [True, False]
    assert "genrescope.model" not in client.get_run(found[1].mlflow_run_id).data.tags
    with workspace.write() as con:
        con.executemany("INSERT INTO kept VALUES (?, ?, ?, ?, ?)", kept)
    (added,) = record(workspace, [records["mlp"].run])
    assert client.get_run(added.mlflow_run_id).data.tags["genrescope.model"] == "classifier"
    records["knn"] = found[0]


@pytest.mark.slow
def test_after_a_move_it_is_recorded_where_the_workspace_is_now(study, records, tmp_path: Path) -> None:
    moved = Workspace(tmp_path / study[0].folder.name)
    shutil.copytree(study[0].folder, moved.folder)
    (found,) = record(moved, [records["logistic"].run])
    assert found.new
    client = import_mlflow().MlflowClient(tracking_uri(moved))
    assert client.get_run(found.mlflow_run_id).info.artifact_uri.startswith(moved.folder.as_uri())
    assert "balanced_accuracy" in Path(client.download_artifacts(found.mlflow_run_id, "scores.csv")).read_text()
    assert sum("before it was moved" in each.name for each in client.search_experiments()) == 1


@pytest.mark.slow
def test_mlflow_is_left_as_it_was(study, records, tmp_path: Path) -> None:
    mlflow = import_mlflow()
    record(study[0], [records["logistic"].run])
    assert not mlflow.is_tracking_uri_set()
    assert "MLFLOW_TRACKING_URI" not in os.environ
    mine = f"sqlite:///{tmp_path / 'mine.db'}"
    mlflow.set_tracking_uri(mine)
    try:
        assert record(study[0], [records["logistic"].run])[0].new, "it went to where the user's own records go"
        assert mlflow.get_tracking_uri() == mine
        assert mlflow.active_run() is None
    finally:
        mlflow.set_tracking_uri(None)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server, a process of its own on this machine."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    words += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files")]
    with (folder / "log").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", *words],
            cwd=folder,
            stdout=said,
            stderr=said,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            start_new_session=True,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], said: Path) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(said.read_text())


@pytest.mark.slow
def test_a_server_takes_records_and_gives_models_back(study, server: str, monkeypatch, tmp_path: Path) -> None:
    workspace, embedding, runs = study
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    before = set(workspace.folder.iterdir())
    (made,) = record(workspace, [runs[1]], experiment="covers")
    (again,) = record(workspace, [runs[1]], experiment="covers")
    assert (made.new, again.new, made.mlflow_run_id) == (True, False, again.mlflow_run_id)
    assert set(workspace.folder.iterdir()) == before
    assert how_to_look(workspace) == server
    client = import_mlflow().MlflowClient(server)
    assert client.get_experiment(client.get_run(made.mlflow_run_id).info.experiment_id).name == "covers"
    assert Path(client.download_artifacts(made.mlflow_run_id, "confusion.svg", str(tmp_path))).stat().st_size > 1000
    vectors = read_vectors(workspace, embedding)[1][:5]
    expected = fitted(workspace, runs[1].run_id).classify(_Vectors(vectors))  # type: ignore[arg-type]
    said = _load(server, client, made.mlflow_run_id).predict(vectors)
    np.testing.assert_allclose(said.to_numpy(), expected, atol=1e-6)


@pytest.mark.slow
def test_a_server_that_is_not_there_is_one_line_without_the_password(study, monkeypatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:secret@127.0.0.1:{free.getsockname()[1]}")
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        with pytest.raises(GenrescopeError) as caught:
            record(study[0], [study[2][0]])
    assert "127.0.0.1" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_the_command_says_what_it_did_and_how_to_look(study, records) -> None:
    words = ["logistic@gaussians", "gaussians", "--workspace", str(study[0].folder)]
    done = click.testing.CliRunner().invoke(record_command, words, catch_exceptions=False)
    *lines, last = done.stdout.splitlines()
    assert [re.sub(" +", " ", line).partition(" ")[2] for line in lines] == [
        "classifier logistic on gaussians there already",
        "separability gaussians there already",
    ]
    assert f"ui --backend-store-uri 'sqlite:///{study[0].folder}/mlflow.db'" in last


def test_without_the_extra_a_line_says_how_to_get_it(embedded: tuple[Workspace, Run], monkeypatch) -> None:
    workspace, embedding = embedded
    runs = train_all(workspace, classifiers=["1nn"], embeddings=[embedding], folds=3, repeats=1)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(GenrescopeError, match=r"pip install 'genrescope\[mlflow\]'") as caught:
        record(workspace, runs)
    assert "\n" not in str(caught.value)


def test_other_runs_are_refused(embedded: tuple[Workspace, Run]) -> None:
    with pytest.raises(GenrescopeError, match="no finished classifier or separability"):
        record(embedded[0], [embedded[1]])
    with pytest.raises(GenrescopeError, match="nothing to record yet"):
        record(embedded[0])


@pytest.mark.slow
def test_nothing_is_told_to_others() -> None:
    code = (
        "from analysis.records.tracking import import_mlflow; import_mlflow(); import json, os;"
        "from mlflow.telemetry.utils import is_telemetry_disabled;"
        "print(json.dumps([is_telemetry_disabled(), os.environ['MLFLOW_DISABLE_TELEMETRY']]))"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_CURRENT_TEST")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, cwd=_root()
    )
    assert json.loads(done.stdout) == [True, "true"]
    assert done.stderr == ""


def _root() -> Path:
    return Path(__file__).resolve().parents[3]


def _model_folder(uri: str, client: Any, mlflow_run_id: str, folder: Path) -> str:
    """Where the model of an MLflow run lies, copied into `folder`."""
    with _at(uri) as mlflow:
        (output,) = client.get_run(mlflow_run_id).outputs.model_outputs
        return mlflow.artifacts.download_artifacts(f"models:/{output.model_id}", dst_path=str(folder))


def _load(uri: str, client: Any, mlflow_run_id: str) -> Any:
    """The model of an MLflow run, as MLflow gives it to anybody."""
    with _at(uri) as mlflow:
        (output,) = client.get_run(mlflow_run_id).outputs.model_outputs
        return mlflow.pyfunc.load_model(f"models:/{output.model_id}")


@contextmanager
def _at(uri: str) -> Iterator[Any]:
    mlflow = import_mlflow()
    before = os.environ.get("MLFLOW_TRACKING_URI")
    mlflow.set_tracking_uri(uri)
    try:
        yield mlflow
    finally:
        mlflow.set_tracking_uri(None)
        if before is not None:
            os.environ["MLFLOW_TRACKING_URI"] = before
