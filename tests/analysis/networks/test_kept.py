"""What is made of a network that is kept: vectors, overlays, a file for fastai."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from analysis.chain.analyze import analyze
from analysis.classifiers.training import train_all
from analysis.evaluation.predictions import read_predictions
from analysis.geometry.neighbors import among
from analysis.networks.exporting import export_learner
from analysis.networks.gradcam import heat, overlay_file
from analysis.networks.kept import networks_of, predict_images
from analysis.predicting.predict import find_kept, predict
from data.errors import GenrescopeError, RunNotFound
from data.grouping.splits import read_split
from data.intake.images import load_cover
from data.store.covers import collection, read_covers
from data.store.runs import latest_run
from embeddings.embed import embed
from embeddings.encoders.encoder import embed_image
from embeddings.encoders.registry import get_encoder
from embeddings.further import encoder_of
from embeddings.unseen import unseen_rows
from embeddings.vectors import read_vectors


def test_images_get_the_mean_of_what_each_network_says(trained):
    workspace, run = trained
    covers, found = read_covers(workspace, collection(workspace)), read_predictions(workspace, run)
    images = [load_cover(covers.path[i]) for i in found.cover_ids[:4]]
    networks = networks_of(workspace, run)
    said = predict_images(networks * 2, images, [*found.classes, "Unheard"])
    np.testing.assert_allclose(said[:, :3], found.probabilities[:4], atol=1e-5)
    assert (said[:, 3] == 0).all()


def test_predict_takes_it_like_any_other(trained, tmp_path):
    workspace, run = trained
    covers, found = read_covers(workspace, collection(workspace)), read_predictions(workspace, run)
    (tmp_path / "text.jpg").write_text("no image")
    files = [covers.path[found.cover_ids[0]], tmp_path / "text.jpg"]
    good, bad = predict(workspace, find_kept(workspace, "fastai:resnet10t"), files)
    expected = dict(zip(found.classes, found.probabilities[0], strict=True))
    assert dict(good.probabilities) == pytest.approx(expected, abs=1e-5)
    assert "not an image" in bad.trouble


def test_its_body_is_an_encoder_that_says_what_it_was_trained_on(trained):
    workspace, run = trained
    embedding = embed(workspace, f"finetuned:{run.run_id}")
    split = latest_run(workspace, "split")
    assert embedding.params["trained_on"] == {"division": split.run_id, "repeat": 0, "fold": 0}
    ids, vectors = read_vectors(workspace, embedding)
    (network,) = networks_of(workspace, run)
    image = load_cover(read_covers(workspace, collection(workspace)).path[9])
    head = network.module[1].eval()
    with torch.inference_mode():
        margins = head(torch.from_numpy(vectors[ids == 9])).numpy()
    np.testing.assert_allclose(margins, network.margins(network.prepare(image)[None]), atol=1e-3)
    np.testing.assert_allclose(embed_image(encoder_of(workspace, embedding), image), vectors[9], atol=1e-4)


@pytest.mark.slow
def test_it_is_measured_on_what_it_was_not_trained_on_only(trained):
    workspace, run = trained
    embedding = embed(workspace, f"finetuned:{run.run_id}")
    test_ids = read_split(workspace, latest_run(workspace, "split"))[1]
    assert unseen_rows(workspace, embedding, np.arange(72)).tolist() == test_ids.tolist()
    color = embed(workspace, "color")
    assert unseen_rows(workspace, color, np.arange(72)).tolist() == list(range(72))
    (measured,) = analyze(workspace, embeddings=[embedding])
    assert measured.results["covers"] == 18
    assert "on the 18 covers that the network was not trained on" in measured.results["sentence"]


@pytest.mark.slow
def test_no_classifier_on_it_is_judged_on_what_it_was_trained_on(trained, caplog):
    workspace, run = trained
    embedding, color = embed(workspace, f"finetuned:{run.run_id}"), embed(workspace, "color")
    with pytest.raises(GenrescopeError, match=r"trained on covers that 'folds' judges, .* circular"):
        train_all(workspace, classifiers=["logistic"], embeddings=[embedding], repeats=1)
    (left,) = train_all(workspace, classifiers=["logistic"], embeddings=[embedding, color], repeats=1)
    assert left.results["embedding"] == "color"
    assert f"left out finetuned:{run.run_id}" in caplog.text
    held_out = latest_run(workspace, "split").name
    (judged,) = train_all(workspace, classifiers=["logistic"], embeddings=[embedding], split=held_out)
    assert judged.results["test"] == 18


def test_lists_of_some_rows_name_these_rows_only():
    listed = np.array([[1, 2], [0, 3], [3, -1], [1, 0]])
    assert among(np.array([1, 3]), listed).tolist() == [[1, -1], [0, -1]]
    assert among(np.arange(4), listed).tolist() == listed.tolist()


def test_an_encoder_that_was_not_trained_here_is_refused_in_one_line(trained, workspace):
    own, run = trained
    with pytest.raises(RunNotFound):
        embed(own, "finetuned:nowhere")
    with pytest.raises(GenrescopeError, match="nothing is kept"):
        get_encoder(f"finetuned:{latest_run(own, 'split').run_id}", workspace=own)
    with pytest.raises(GenrescopeError, match="--workspace"):
        get_encoder(f"finetuned:{run.run_id}")


def test_grad_cam_is_the_weighted_sum_of_the_last_maps(trained):
    """Against a computation by hand: the head after the pooled maps, differentiated by each place of each map."""
    workspace, run = trained
    (network,) = networks_of(workspace, run)
    image = load_cover(read_covers(workspace, collection(workspace)).path[3])
    found = heat(network, image, "Red")
    pixels = torch.from_numpy(np.array(network.prepare(image))).permute(2, 0, 1)[None] / 255
    normalised = (pixels - torch.tensor(network.mean).view(1, 3, 1, 1)) / torch.tensor(network.std).view(1, 3, 1, 1)
    body, head = network.module[0].eval(), network.module[1].eval()
    maps = body.forward_features(normalised).detach().requires_grad_()
    head(maps.mean(dim=(2, 3)))[0, network.classes.index("Red")].backward()
    expected = torch.relu((maps.grad.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1))[0].detach().numpy()
    assert found.shape == (2, 2)
    np.testing.assert_allclose(found, expected / expected.max() if expected.max() > 0 else expected, atol=1e-4)


def test_what_speaks_for_a_genre_lies_where_its_color_is(trained):
    workspace, run = trained
    (network,) = networks_of(workspace, run)
    halves = Image.new("RGB", (96, 96), (40, 180, 60))
    halves.paste((200, 50, 40), (0, 0, 48, 96))
    red, green = (heat(network, halves, genre) for genre in ("Red", "Green"))
    assert red[:, 0].sum() - red[:, 1].sum() > green[:, 0].sum() - green[:, 1].sum()
    assert overlay_file(network, halves, "Red")[:3] == b"\xff\xd8\xff"
    with pytest.raises(GenrescopeError, match="not trained on"):
        heat(network, halves, "Polka")


@pytest.mark.slow
def test_an_exported_learner_says_the_same_in_plain_fastai(trained, tmp_path):
    """In a process without genrescope, from the files of covers."""
    workspace, run = trained
    file = tmp_path / "learner.pkl"
    assert run.run_id in export_learner(workspace, None, file)
    covers, found = read_covers(workspace, collection(workspace)), read_predictions(workspace, run)
    script = """
import json, sys
from fastai.vision.all import load_learner
learner = load_learner(sys.argv[1])
with learner.no_bar():
    said = [learner.predict(path) for path in sys.argv[2:]]
print(json.dumps([[str(genre), probabilities.tolist()] for genre, _, probabilities in said]))
"""
    import json

    paths = [covers.path[i] for i in found.cover_ids[::3]]
    command = [sys.executable, "-I", "-W", "ignore", "-c", script, str(file), *paths]
    said = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    rows = json.loads(said.stdout.splitlines()[-1])
    assert [genre for genre, _ in rows] == [found.classes[code] for code in found.predicted[::3]]
    np.testing.assert_allclose([row for _, row in rows], found.probabilities[::3], atol=1e-4)


def test_beside_other_vectors_it_is_measured_on_what_it_was_not_trained_on_only_too(trained):
    workspace, run = trained
    split = latest_run(workspace, "split")
    name = f"finetuned:{run.run_id}"
    embed(workspace, "color")
    embed(workspace, name)
    joined = embed(workspace, f"concat:color+{name}")
    assert unseen_rows(workspace, joined, np.arange(72)).tolist() == read_split(workspace, split)[1].tolist()
    assert unseen_rows(workspace, embed(workspace, "color"), np.arange(72)).tolist() == list(range(72))
