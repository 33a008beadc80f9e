"""Networks trained for real on small covers, through the store."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch

from analysis.evaluation.finding import find_classifier
from analysis.evaluation.predictions import read_predictions
from analysis.evaluation.scores import score, value_of
from analysis.networks import training
from analysis.networks.kept import networks_of
from analysis.networks.learning import finder
from analysis.networks.training import train_network
from data.errors import GenrescopeError
from data.grouping.splits import make_split, read_split
from data.intake.images import load_cover
from data.intake.importing import import_covers
from data.store.covers import collection, read_covers
from data.store.kept import read_kept, replace_kept
from data.store.runs import Run, find_runs, latest_run
from data.store.workspace import Workspace
from embeddings.encoders.networks import load_network
from tests.analysis.networks.conftest import COLORS, SMALLEST, TINY


def epochs_of(workspace: Workspace, run: Run) -> list[tuple]:
    with workspace.read() as con:
        query = "SELECT repeat, fold, epoch, metric, value FROM epochs WHERE run_id = ? ORDER BY ALL"
        return con.execute(query, [run.run_id]).fetchall()


def test_its_predictions_are_predictions_like_any_other(trained):
    workspace, run = trained
    split = latest_run(workspace, "split")
    found = read_predictions(workspace, run)
    assert (run.kind, run.name) == ("classifier", "fastai:resnet10t")
    assert run.inputs == (collection(workspace).run_id, split.run_id)
    assert found.cover_ids.tolist() == read_split(workspace, split)[1].tolist()
    assert found.classes == sorted(COLORS)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-6)
    assert value_of(score(found), "accuracy")[0] == run.results["accuracy"] == 1  # the genre is the colour
    assert found.title == "fastai:resnet10t on covers, split 'grouped'"
    assert find_classifier(workspace, "fastai:resnet10t@covers", split="grouped").inputs == run.inputs
    assert find_classifier(workspace, "fastai:resnet10t@covers", split=None).name == run.name
    with pytest.raises(GenrescopeError, match=r"there is one with --split grouped.*--arch resnet10t --split nowhere"):
        find_classifier(workspace, "fastai:resnet10t@covers", split="nowhere")
    assert train_network(workspace, split, TINY) == run


@pytest.mark.slow
def test_a_network_that_can_no_longer_be_read_is_made_anew_by_its_command(colored, new_workspace):
    workspace = new_workspace()
    import_covers(workspace, colored)
    split = make_split(workspace, test_share=0.25)
    run = train_network(workspace, split, TINY)
    (kept,), epochs = read_kept(workspace, run), epochs_of(workspace, run)
    replace_kept(workspace, run, [replace(kept, content=kept.content[:1000])])
    with pytest.raises(GenrescopeError, match="the command that trained it makes it anew"):
        networks_of(workspace, run)
    assert train_network(workspace, split, TINY) == run
    assert read_kept(workspace, run) == [kept]
    assert epochs_of(workspace, run) == epochs


def test_every_epoch_is_stored_as_it_comes(trained):
    workspace, run = trained
    rows = epochs_of(workspace, run)
    metrics = {"train_loss", "held_out_loss", "accuracy", "balanced_accuracy", "rate", "whole", "seconds"}
    assert {row[2] for row in rows} == {0, 1}
    assert {row[3] for row in rows} == metrics
    loss = {row[2]: row[4] for row in rows if row[3] == "train_loss"}
    assert loss[1] < loss[0]


@pytest.mark.slow
def test_what_is_kept_says_the_same_without_fastai(trained):
    """In a process that cannot import fastai: the stored network on the files themselves."""
    workspace, run = trained
    script = """
import sys
sys.modules["fastai"] = None
import json
import numpy as np
from data.intake.images import load_cover
from data.store.covers import collection, read_covers
from data.store.kept import read_kept
from data.store.runs import get_run
from data.store.workspace import Workspace
from embeddings.encoders.networks import load_network
workspace = Workspace(sys.argv[1])
(kept,) = read_kept(workspace, get_run(workspace, sys.argv[2]))
network = load_network(kept.description, kept.content)
covers = read_covers(workspace, collection(workspace))
images = np.stack([network.prepare(load_cover(covers.path[i])) for i in map(int, sys.argv[3].split(","))])
print(json.dumps(network.predict_proba(images).tolist()))
"""
    found = read_predictions(workspace, run)
    ids = ",".join(map(str, found.cover_ids))
    said = subprocess.run(
        [sys.executable, "-c", script, str(workspace.folder), run.run_id, ids], capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    np.testing.assert_allclose(json.loads(said.stdout.splitlines()[-1]), found.probabilities, atol=1e-5)


def test_a_kept_network_is_numbers_only_and_another_ones_are_refused(trained):
    workspace, run = trained
    (kept,) = read_kept(workspace, run)
    assert kept.format == "safetensors"
    with pytest.raises(GenrescopeError, match="makes it anew"):
        load_network(kept.description, kept.content[:-100])
    with pytest.raises(GenrescopeError, match="weights of another network"):
        load_network({**kept.description, "architecture": "resnet18"}, kept.content)
    with pytest.raises(GenrescopeError, match="timm has no"):
        load_network({**kept.description, "architecture": "hf-hub:somebody/network"}, kept.content)
    with pytest.raises(GenrescopeError, match="takes no option checkpoint_path"):
        load_network({**kept.description, "architecture": "resnet10t?checkpoint_path=/etc/passwd"}, kept.content)


@pytest.mark.slow
@pytest.mark.parametrize("killed_after", [0, 1, 2])
def test_a_killed_training_ends_the_same(gallery, new_workspace, tiny_weights, monkeypatch, killed_after):
    """Killed after the head's epoch, after the first and after the last one of the whole network, and gone on with."""
    recipe = replace(SMALLEST, weights=tiny_weights, mixup=0.4, smoothing=0.1)
    split = latest_run(gallery, "split")
    whole = train_network(gallery, split, recipe)
    other = new_workspace()
    shutil.copytree(gallery.folder, other.folder, dirs_exist_ok=True)
    with other.write() as con:
        for table in ("runs", "epochs", "kept", "predictions"):
            con.execute(f"DELETE FROM {table} WHERE run_id = ?", [whole.run_id])
    tell = training._tell

    def die(workspace, run, part, epoch, metrics):
        if epoch == killed_after:
            raise KeyboardInterrupt
        tell(workspace, run, part, epoch, metrics)

    monkeypatch.setattr(training, "_tell", die)
    with pytest.raises(KeyboardInterrupt):
        train_network(other, split, recipe)
    assert len(list((other.folder / "training" / whole.run_id).glob("*.safetensors"))) == 1
    told = []
    monkeypatch.setattr(training, "_tell", lambda *told_of: (told.append(told_of[3]), tell(*told_of)))
    again = train_network(other, split, recipe)
    assert again.run_id == whole.run_id
    assert told == [0, 1, 2]
    assert read_kept(other, again)[0].content == read_kept(gallery, whole)[0].content
    mine, theirs = (
        [row for row in epochs_of(*each) if row[3] != "seconds"] for each in ((other, again), (gallery, whole))
    )
    assert mine == theirs
    assert not (other.folder / "training" / whole.run_id).exists()


def test_out_of_fold_every_cover_is_predicted_and_a_network_a_fold_is_kept(out_of_fold):
    gallery, run = out_of_fold
    found = read_predictions(gallery, run)
    assert found.cover_ids.tolist() == list(range(72))
    assert [(part.description["repeat"], part.description["fold"]) for part in read_kept(gallery, run)] == [
        (0, 0),
        (0, 1),
    ]
    assert run.results["train"] == 36
    covers = read_covers(gallery, collection(gallery))
    part = read_kept(gallery, run)[1]
    network = load_network(part.description, part.content)
    with gallery.read() as con:
        query = "SELECT cover_id FROM folds WHERE run_id = ? AND fold = 1 ORDER BY cover_id LIMIT 3"
        judged = con.execute(query, [run.inputs[1]]).fetchall()
    for (cover_id,) in judged:
        image = network.prepare(load_cover(covers.path[cover_id]))
        np.testing.assert_allclose(network.predict_proba(image[None])[0], found.probabilities[cover_id], atol=1e-5)


@pytest.mark.slow
def test_a_genre_with_one_cover_breaks_nothing(new_workspace, colored, tmp_path):
    folder = tmp_path / "covers"
    shutil.copytree(colored, folder)
    (folder / "Lonely").mkdir()
    shutil.move(folder / "Red" / "0.png", folder / "Lonely" / "0.png")
    (folder / "Red" / "broken.png").write_bytes((folder / "Red" / "1.png").read_bytes()[:200])
    workspace = new_workspace()
    import_covers(workspace, folder)
    Path(read_covers(workspace, collection(workspace)).path[5]).unlink()
    run = train_network(workspace, make_split(workspace), replace(SMALLEST, epochs=1))
    found = read_predictions(workspace, run)
    assert found.classes == ["Blue", "Green", "Lonely", "Red"]
    assert run.results["left_out"] == 1
    assert (found.probabilities[:, 2] > 0).all()
    assert np.isfinite(found.probabilities).all()


@pytest.mark.slow
def test_training_that_no_longer_improves_ends_with_the_best(gallery):
    """At this rate the loss on held-out covers soon rises: the kept network is that of the best epoch."""
    recipe = replace(SMALLEST, epochs=12, rate=0.5, patience=2)
    run = train_network(gallery, latest_run(gallery, "split"), recipe)
    losses = [row[4] for row in epochs_of(gallery, run) if row[3] == "held_out_loss"]
    assert len(losses) == run.results["fitted"][0]["epochs"] < 12
    assert int(np.argmin(losses)) == len(losses) - 1 - recipe.patience


def test_the_rate_finder_stores_its_curve(gallery, monkeypatch):
    monkeypatch.setattr(finder, "STEPS", 24)
    recipe = replace(SMALLEST, epochs=1, rate="find", batch=16)
    run = train_network(gallery, latest_run(gallery, "split"), recipe)
    with gallery.read() as con:
        query = "SELECT curve, x, value FROM curves WHERE run_id = ? ORDER BY x"
        names, rates, losses = zip(*con.execute(query, [run.run_id]).fetchall(), strict=True)
    assert set(names) == {"rate_finder"}
    assert 12 < len(rates) <= 24
    assert rates[0] == pytest.approx(1e-7)
    assert np.ptp(np.diff(np.log(rates))) < 1e-6
    assert rates[0] < run.results["fitted"][0]["rate"] < rates[-1]
    assert losses[0] == pytest.approx(np.log(3), abs=0.7)


@pytest.mark.slow
def test_a_normal_training_warns_of_nothing(gallery):
    """In a process of its own, as a user starts it, with the rate finder."""
    words = ["train", "--classifier", "fastai", "--arch", SMALLEST.architecture, "--weights", "none", "--size", "32"]
    words += ["--epochs", "1", "--rate", "find", "--mixup", "0.4", "--workspace", str(gallery.folder)]
    said = subprocess.run(
        [sys.executable, "-c", "from genrescope import cli; cli()", *words], capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    assert "epoch 1 of 1" in said.stderr
    assert "warn" not in said.stderr.lower()


def test_weights_of_another_architecture_are_refused_in_one_line(gallery, tiny_weights):
    with pytest.raises(GenrescopeError, match="holds weights of another network") as caught:
        train_network(
            gallery, latest_run(gallery, "split"), replace(TINY, architecture="resnet18", weights=tiny_weights)
        )
    assert "\n" not in str(caught.value)
    assert not find_runs(gallery, "classifier", name="fastai:resnet18", finished=False)


def test_without_fastai_the_message_says_how_to_get_it(gallery, monkeypatch):
    monkeypatch.setitem(sys.modules, "fastai", None)
    with pytest.raises(GenrescopeError, match=r"genrescope\[fastai\]"):
        train_network(gallery, latest_run(gallery, "split"), TINY)


@pytest.mark.parametrize(
    "odd", [{"augment": "rotate"}, {"epochs": 0, "frozen_epochs": 0}, {"rate": "fast"}, {"held_out": 1.0}, {"size": 8}]
)
def test_what_cannot_be_trained_is_refused_before_it_begins(gallery, odd):
    with pytest.raises(GenrescopeError):
        train_network(gallery, latest_run(gallery, "split"), replace(TINY, **odd))


def test_a_disk_that_is_full_is_told_in_one_line_and_the_same_command_goes_on(gallery, monkeypatch):
    recipe, write, written = replace(SMALLEST, epochs=2, rate=4e-3), safetensors.torch.save_file, []

    def full(*content, **header):
        written.append(1)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        write(*content, **header)

    monkeypatch.setattr(safetensors.torch, "save_file", full)
    with pytest.raises(GenrescopeError, match=r"^cannot write [^\n]*No space left[^\n]*make room") as raised:
        train_network(gallery, latest_run(gallery, "split"), recipe)
    assert "\n" not in str(raised.value)
    assert train_network(gallery, latest_run(gallery, "split"), recipe).finished


def test_the_same_training_twice_at_a_time_is_refused(gallery):
    from filelock import FileLock

    recipe = replace(SMALLEST, epochs=9)
    split = latest_run(gallery, "split")

    def interfere(*_, **__):
        raise AssertionError("it was trained")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "_train", interfere)
        with pytest.raises(AssertionError):
            train_network(gallery, split, recipe)
        (run,) = find_runs(gallery, "classifier", finished=False)
        with (
            FileLock(gallery.folder / "training" / run.run_id / "lock"),
            pytest.raises(GenrescopeError, match="another"),
        ):
            train_network(gallery, split, recipe)


def test_weights_are_looked_at_by_content(tiny_weights, tmp_path):
    """A moved file is the same run; the parameters name no path."""
    from embeddings.encoders.networks import build_network

    moved = shutil.copy(tiny_weights, tmp_path / "moved.safetensors")
    recipes = [replace(SMALLEST, weights=Path(file)) for file in (tiny_weights, moved)]
    params = [r.params(build_network(r.architecture, ["a", "b"], weights=r.weights, size=r.size)) for r in recipes]
    assert params[0] == params[1]
    assert str(tmp_path) not in json.dumps(params[0])
