"""Votes, zero-shot and classifiers on joined embeddings, asked about further images as they were kept."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.classifiers.training import train
from analysis.classifiers.voting import vote
from analysis.classifiers.zero_shot import zero_shot
from analysis.evaluation.predictions import read_predictions
from analysis.predicting.fitted import classify, fitted
from data.errors import GenrescopeError
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.intake.importing import import_covers
from data.store.kept import read_kept
from data.store.runs import Run
from data.store.workspace import Workspace
from embeddings.embed import embed
from embeddings.vectors import read_vectors

Shelf = tuple[Workspace, dict[str, Run]]


@pytest.fixture(scope="module")
def shelf(new_workspace, small_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """36 covers of two genres, one redder; every kind of combination trained on them."""
    folder, workspace = tmp_path_factory.mktemp("combined"), new_workspace()
    for number in range(36):
        dice, genre = np.random.default_rng(number), "Red" if number % 2 else "Blue"
        pixels = dice.integers(0, 200, (6, 6, 3)) + np.array([50, 0, 0] if number % 2 else [0, 0, 50])
        picture = Image.fromarray(pixels.astype(np.uint8)).resize((64, 64), Image.Resampling.NEAREST)
        (folder / genre).mkdir(exist_ok=True)
        picture.save(folder / genre / f"{number:02}.png")
    import_covers(workspace, folder)
    color, clip = embed(workspace, "color"), embed(workspace, "clip:small-clip", weights=small_clip)
    joined = embed(workspace, "concat:color+clip:small-clip")
    folds = make_folds(workspace, make_groups(workspace), folds=3, repeats=1)
    runs = {
        "logistic": train(workspace, "logistic", color, folds),
        "rbf-svm": train(workspace, "rbf-svm", color, folds, search="quick"),
        "joined": train(workspace, "rbf-svm", joined, folds),
        "zero-shot": zero_shot(workspace, clip, folds),
    }
    return workspace, runs | {"vote": vote(workspace, list(runs.values()))}


def images(workspace: Workspace, count: int = 4) -> list[Image.Image]:
    with workspace.read() as con:
        paths = con.execute("SELECT path FROM covers ORDER BY cover_id LIMIT ?", [count]).fetchall()
    return [Image.open(path).convert("RGB") for (path,) in paths]


def test_a_vote_is_the_mean_of_its_members_at_its_temperature(shelf: Shelf) -> None:
    workspace, runs = shelf
    pictures = images(workspace)
    members = [classify(workspace, run, pictures) for name, run in runs.items() if name != "vote"]
    temperature = read_kept(workspace, runs["vote"])[0].description["temperature"]
    told = [fit["temperature"] for fit in runs["vote"].results["fitted"]]
    assert temperature == pytest.approx(np.prod(told) ** (1 / 3))
    powers = np.mean(members, axis=0) ** (1 / temperature)
    np.testing.assert_allclose(
        classify(workspace, runs["vote"], pictures), powers / powers.sum(axis=1, keepdims=True), rtol=1e-6
    )
    found = fitted(workspace, runs["vote"].run_id)
    assert found.classes == ["Blue", "Red"]
    assert found.training.tolist() == list(range(36))
    assert found.embedding is not None


def test_zero_shot_says_of_a_cover_what_it_said_when_judging(shelf: Shelf) -> None:
    workspace, runs = shelf
    said = read_predictions(workspace, runs["zero-shot"]).probabilities[:4]
    np.testing.assert_allclose(classify(workspace, runs["zero-shot"], images(workspace)), said, atol=0.02)
    found = fitted(workspace, runs["zero-shot"].run_id)
    assert (found.embedding, len(found.training)) == (None, 0)


def test_a_classifier_on_a_joined_embedding_sees_both_blocks(shelf: Shelf) -> None:
    from analysis.classifiers.keeping import restore
    from data.store.runs import get_run

    workspace, runs = shelf
    _, vectors = read_vectors(workspace, get_run(workspace, runs["joined"].inputs[0]))
    kept = restore(runs["joined"], read_kept(workspace, runs["joined"])[0], vectors)
    assert kept.scaling == "whole"
    np.testing.assert_allclose(
        classify(workspace, runs["joined"], images(workspace)), kept.predict_proba(vectors[:4]), atol=0.02
    )


def test_of_a_search_the_chosen_candidate_is_kept(shelf: Shelf) -> None:
    workspace, runs = shelf
    said = classify(workspace, runs["rbf-svm"], images(workspace))
    np.testing.assert_allclose(said.sum(axis=1), 1)


def test_damaged_text_vectors(shelf: Shelf) -> None:
    from analysis.classifiers.zero_shot import read_text_vectors
    from data.store.kept import Kept

    description = {"kind": "zero-shot", "classes": ["Blue", "Red"], "scale": 1.0}
    with pytest.raises(GenrescopeError, match=r"what is kept of zero-shot \w+ is damaged"):
        read_text_vectors(shelf[1]["zero-shot"], Kept("safetensors", description, b"nonsense"))
