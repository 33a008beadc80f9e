"""`predict` on files: as the classifier says of their vectors, whatever else lies beside them."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.linear_model import LogisticRegression

from analysis.classifiers.estimators.calibration import Calibrated
from analysis.classifiers.estimators.knn import FaissKNN
from analysis.classifiers.estimators.rbf_svm import RBFSVM
from analysis.classifiers.keeping import restore
from analysis.classifiers.training import learnt_from
from analysis.predicting.fitted import KINDS, bytes_of, classify, fitted
from analysis.predicting.predict import find_kept, predict
from analysis.predicting.predict_command import predict_command
from data.errors import GenrescopeError, RunNotFound
from data.grouping.splits import read_split
from data.intake.images import load_cover
from data.store.covers import read_covers
from data.store.kept import Kept, read_kept, replace_kept
from data.store.runs import Run, get_run
from data.store.workspace import Workspace, open_workspace
from embeddings.vectors import read_vectors


def paths_of(workspace: Workspace, run: Run) -> list[str]:
    embedding = get_run(workspace, run.inputs[0])
    return read_covers(workspace, get_run(workspace, embedding.inputs[0])).path.tolist()


def expected(workspace: Workspace, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Ids of all covers with a vector, and what the restored estimator says of their vectors."""
    embedding, division = (get_run(workspace, each) for each in run.inputs[:2])
    estimator = restore(run, read_kept(workspace, run)[0], learnt_from(workspace, embedding, division).vectors)
    cover_ids, vectors = read_vectors(workspace, embedding)
    return cover_ids, estimator.predict_proba(vectors)


def test_files_are_classified_as_their_vectors_are(study: tuple[Workspace, Run, Run]) -> None:
    workspace, run, _ = study
    cover_ids, probabilities = expected(workspace, run)
    paths = paths_of(workspace, run)
    answers = list(predict(workspace, run, [paths[i] for i in cover_ids], nearest=1))
    assert len(answers) > 40, "more than one batch"
    classes = run.results["classes"]
    found = np.array([[dict(answer.probabilities)[genre] for genre in classes] for answer in answers])
    np.testing.assert_allclose(found, probabilities, atol=1e-5)
    for cover_id, answer in zip(cover_ids, answers, strict=True):
        ((near, similarity),) = answer.nearest
        assert similarity == pytest.approx(1, abs=1e-5)
        assert near == cover_id or similarity > 1 - 1e-5
        assert answer.predicted == max(answer.probabilities, key=lambda pair: pair[1])[0]
    one = classify(workspace, run, [load_cover(paths[cover_ids[3]])])
    np.testing.assert_allclose(one, probabilities[[3]], atol=1e-5)


def test_a_classifier_stays_in_memory_and_counts_with_its_arrays(
    study: tuple[Workspace, Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, run, other = study
    both = [fitted(workspace, each.run_id) for each in (run, other)]
    monkeypatch.setattr("analysis.predicting.fitted.read_kept", lambda *_: pytest.fail("read again"))
    assert [fitted(workspace, each.run_id) for each in (run, other)] == both
    training = learnt_from(workspace, *(get_run(workspace, each) for each in run.inputs[:2]))
    assert bytes_of(FaissKNN().fit(training.vectors, training.genres)) > training.vectors.nbytes
    machine = bytes_of(Calibrated(RBFSVM()).fit(training.vectors, training.genres))
    assert machine > bytes_of(Calibrated(LogisticRegression(max_iter=1000)).fit(training.vectors, training.genres))


def test_of_a_hold_out_only_covers_it_learnt_from_are_named(study: tuple[Workspace, Run, Run]) -> None:
    workspace, _, run = study
    training, test = read_split(workspace, get_run(workspace, run.inputs[1]))
    paths = paths_of(workspace, run)
    for answer in predict(workspace, run, [paths[i] for i in test[:5]], nearest=4):
        assert len(answer.nearest) == 4
        assert {cover_id for cover_id, _ in answer.nearest} <= set(training.tolist())
        assert [near for _, near in answer.nearest] == sorted((near for _, near in answer.nearest), reverse=True)


def run_command(*words: Any) -> Any:
    return CliRunner().invoke(predict_command, [str(word) for word in words])


@pytest.fixture
def mixed(study: tuple[Workspace, Run, Run], tmp_path: Path) -> Path:
    """A folder with a cover, text that calls itself a cover, another cover below, and something else."""
    workspace, run, _ = study
    paths = paths_of(workspace, run)
    folder = tmp_path / "mixed"
    (folder / "below").mkdir(parents=True)
    shutil.copy(paths[0], folder / "a cover.jpg")
    (folder / "b <b>bad.jpg").write_text("no image")
    shutil.copy(paths[1], folder / "below" / "c.jpg")
    (folder / "notes.txt").write_text("not for us")
    return folder


def test_what_is_no_image_gets_its_line_and_the_others_are_done(
    study: tuple[Workspace, Run, Run], mixed: Path, tmp_path: Path
) -> None:
    workspace, run, _ = study
    (tmp_path / "empty").mkdir()
    words = ["--workspace", workspace.folder, run.run_id, mixed, tmp_path / "empty", tmp_path / "nowhere.jpg"]
    done = run_command(*words, "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert (found["run_id"], found["classifier"], found["embedding"]) == (run.run_id, "logistic", "color")
    images = {Path(image["path"]).name: image for image in found["images"]}
    assert list(images) == ["a cover.jpg", "b <b>bad.jpg", "c.jpg", "empty", "nowhere.jpg"]
    assert images["b <b>bad.jpg"]["error"] == "not an image"
    assert "no file with the name of an image" in images["empty"]["error"]
    assert images["nowhere.jpg"]["error"].startswith("missing")
    for name, cover_id in (("a cover.jpg", 0), ("c.jpg", 1)):
        assert sum(images[name]["probabilities"].values()) == pytest.approx(1)
        assert len(images[name]["nearest"]) == 3
        assert images[name]["nearest"][0]["path"] == paths_of(workspace, run)[cover_id]
    table = run_command(*words).stdout
    assert f"{mixed / 'b <b>bad.jpg'}: left out, not an image" in table
    assert table.count("  near ") == 6


def test_all_good_files_end_with_status_0(study: tuple[Workspace, Run, Run], mixed: Path) -> None:
    workspace, _, _ = study
    done = run_command("--workspace", workspace.folder, "knn", mixed / "a cover.jpg", "--nearest", 0)
    assert done.exit_code == 0
    assert "near" not in done.stdout


def test_a_run_is_found_by_id_name_or_embedding(study: tuple[Workspace, Run, Run]) -> None:
    workspace, logistic, knn = study
    assert find_kept(workspace, logistic.run_id) == logistic
    assert find_kept(workspace, "knn") == knn
    assert find_kept(workspace, "logistic@color") == logistic
    for wrong in ("mlp", "logistic@resnet18", logistic.inputs[0]):
        with pytest.raises(RunNotFound):
            find_kept(workspace, wrong)


def test_a_moved_workspace_says_the_same(study: tuple[Workspace, Run, Run], tmp_path: Path) -> None:
    workspace, run, _ = study
    file = paths_of(workspace, run)[5]
    shutil.copytree(workspace.folder, tmp_path / "moved")
    there = list(predict(open_workspace(tmp_path / "moved"), run, [file]))
    assert there == list(predict(workspace, run, [file]))


def test_unreadable_ones_are_said_before_the_first_answer(study: tuple[Workspace, Run, Run], tmp_path: Path) -> None:
    workspace, run, _ = study
    shutil.copytree(workspace.folder, tmp_path / "other")
    other = open_workspace(tmp_path / "other")
    (kept,) = read_kept(other, run)
    replace_kept(other, run, [Kept(kept.format, kept.description, kept.content[:-9])])
    with pytest.raises(GenrescopeError, match=r"cannot be read .* 'genrescope train --classifier logistic --embedding"):
        next(predict(other, run, [paths_of(other, run)[0]]))
    replace_kept(other, run, [Kept("safetensors", {"kind": "oracle"}, b"")])
    with pytest.raises(GenrescopeError, match=r"kept as 'oracle'.*upgrade genrescope"):
        next(predict(other, run, [paths_of(other, run)[0]]))


@pytest.mark.parametrize(
    "description", [{"kind": "vote"}, {"kind": "zero-shot", "scale": "loud"}, {"kind": "vote", "members": "itself"}]
)
def test_a_damaged_description_is_said_in_one_line(
    study: tuple[Workspace, Run, Run], tmp_path: Path, description: dict[str, Any]
) -> None:
    workspace, run, _ = study
    shutil.copytree(workspace.folder, tmp_path / "other")
    other = open_workspace(tmp_path / "other")
    if "members" in description:
        description = {**description, "members": [run.run_id], "classes": run.results["classes"]}
    replace_kept(other, run, [Kept("json", description, b"")])
    with pytest.raises(GenrescopeError, match="cannot be read") as refused:
        classify(other, run, [])
    assert "\n" not in str(refused.value)


def test_another_kind_is_one_function(
    study: tuple[Workspace, Run, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, run, _ = study
    shutil.copytree(workspace.folder, tmp_path / "other")
    other = open_workspace(tmp_path / "other")
    estimator = KINDS["estimator"]
    (kept,) = read_kept(other, run)
    replace_kept(other, run, [Kept("safetensors", {"kind": "oracle"}, b""), kept])
    monkeypatch.setitem(KINDS, "oracle", lambda workspace, run, kept: estimator(workspace, run, kept[1:]))
    file = paths_of(other, run)[5]
    assert list(predict(other, run, [file])) == list(predict(workspace, run, [file]))
