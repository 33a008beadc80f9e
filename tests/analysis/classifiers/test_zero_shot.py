"""Zero-shot with a real CLIP of random weights, against open_clip alone."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from scipy.special import softmax

from analysis.chain.train_command import train_command
from analysis.classifiers.prompts import TEMPLATES, names_of, prompts_of, read_names, spoken
from analysis.classifiers.training import train, train_all
from analysis.classifiers.zero_shot import zero_shot
from analysis.evaluation.comparing.comparison import compare
from analysis.evaluation.predictions import read_predictions
from analysis.predicting.fitted import fitted
from data.errors import GenrescopeError
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.intake.importing import import_covers
from data.store.kept import read_kept, replace_kept
from data.store.runs import Run, latest_run
from data.store.workspace import Workspace
from embeddings.embed import embed
from embeddings.vectors import read_vectors

GENRES = ["HipHop", "Jazz", "R&B"]
NAMES = {"HipHop": ["hip hop", "rap"]}
CLIP = "clip:small-clip"


@pytest.fixture(scope="module")
def asked(new_workspace, small_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Run]:
    """45 covers of three genres in a CLIP embedding and in `color`; tests may add runs."""
    folder, workspace = tmp_path_factory.mktemp("asked"), new_workspace()
    for number in range(45):
        (folder / GENRES[number % 3]).mkdir(exist_ok=True)
        noise = np.random.default_rng(number).integers(0, 256, (6, 6, 3), dtype=np.uint8)
        picture = Image.fromarray(noise).resize((64, 64), Image.Resampling.BICUBIC)
        picture.save(folder / GENRES[number % 3] / f"{number}.png")
    import_covers(workspace, folder)
    embed(workspace, "color")
    return workspace, embed(workspace, CLIP, weights=small_clip)


def folds(workspace: Workspace) -> Run:
    return make_folds(workspace, make_groups(workspace), folds=3, repeats=2)


def by_open_clip(vectors: np.ndarray, checkpoint: Path, names: dict[str, list[str]]) -> np.ndarray:
    """Probabilities as the paper has them: mean of the prompts' unit vectors, softmax of the scaled cosines."""
    import open_clip
    import torch

    network = open_clip.create_model("small-clip", pretrained=str(checkpoint)).eval()
    tokenizer = open_clip.get_tokenizer("small-clip")
    text = []
    with torch.no_grad():
        for genre in GENRES:
            prompts = [template.format(name) for template in TEMPLATES for name in names[genre]]
            found = network.encode_text(tokenizer(prompts), normalize=True).mean(dim=0)
            text.append((found / found.norm()).numpy())
        scale = network.logit_scale.exp().item()
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)  # half precision left them a little off
    return softmax(scale * unit @ np.array(text).T, axis=1)


@pytest.mark.parametrize("names", [None, NAMES])
def test_probabilities_are_those_of_open_clip(asked: tuple[Workspace, Run], small_clip: Path, names) -> None:
    workspace, embedding = asked
    run = zero_shot(workspace, embedding, folds(workspace), names=names)
    found = read_predictions(workspace, run)
    assert found.classes == GENRES
    assert found.cover_ids.tolist() == np.repeat(np.arange(45), 2).tolist()
    called = {"HipHop": ["Hip Hop"], "Jazz": ["Jazz"], "R&B": ["R&B"]} | (names or {})
    expected = by_open_clip(read_vectors(workspace, embedding)[1], small_clip, called)
    np.testing.assert_allclose(found.probabilities, np.repeat(expected, 2, axis=0), atol=1e-4)
    assert run.params["names"] == called
    assert (run.results["train"], run.results["test"], run.results["repeats"]) == (0, 45, 2)


def test_it_is_kept_as_text_vectors(asked: tuple[Workspace, Run]) -> None:
    from safetensors.numpy import load

    from analysis.classifiers.zero_shot import probabilities_of

    workspace, embedding = asked
    run = zero_shot(workspace, embedding, folds(workspace))
    (kept,) = read_kept(workspace, run)
    text = load(kept.content)["text"]
    assert text.shape == (3, 32)
    again = probabilities_of(read_vectors(workspace, embedding)[1], text, scale=kept.description["scale"])
    np.testing.assert_allclose(again, read_predictions(workspace, run).probabilities[::2], atol=1e-6)


def test_it_is_compared_like_any_other(asked: tuple[Workspace, Run]) -> None:
    workspace, embedding = asked
    division = folds(workspace)
    runs = [zero_shot(workspace, embedding, division), train(workspace, "knn", embedding, division)]
    assert zero_shot(workspace, embedding, division) == runs[0]
    found = compare(*(read_predictions(workspace, run) for run in runs), flips=99)
    assert (found.covers, found.repeats) == (45, 2)


def test_of_all_embeddings_those_that_read_words(asked: tuple[Workspace, Run]) -> None:
    workspace, _ = asked
    runs = train_all(workspace, classifiers=["1nn", "zero-shot"], folds=3, repeats=1)
    trained = sorted((run.name, run.results["embedding"]) for run in runs)
    assert trained == [("1nn", CLIP), ("1nn", "color"), ("zero-shot", CLIP)]
    color = latest_run(workspace, "embedding", name="color")
    with pytest.raises(GenrescopeError, match="color reads no words: zero-shot needs a CLIP embedding"):
        train_all(workspace, classifiers=["zero-shot"], embeddings=[color], folds=3, repeats=1)


def test_without_a_clip_embedding(shared_embedded: tuple[Workspace, Run]) -> None:
    with pytest.raises(GenrescopeError, match="zero-shot needs a CLIP embedding: make one with 'genrescope embed"):
        train_all(shared_embedded[0], classifiers=["zero-shot"])


def test_the_command(asked: tuple[Workspace, Run], tmp_path: Path) -> None:
    workspace, _ = asked
    (tmp_path / "names.json").write_text(json.dumps(NAMES))
    where = ["--workspace", str(workspace.folder), "--folds", "3", "--repeats", "1", "--json"]
    names = ["--genre-names", str(tmp_path / "names.json")]
    done = CliRunner().invoke(train_command, ["--classifier", "zero-shot", *names, *where])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)[0]["params"]["names"]["HipHop"] == ["hip hop", "rap"]
    for words, message in (
        (["--classifier", "knn", *names], "names of genres are for zero-shot alone"),
        (["--classifier", "zero-shot", "--search", "quick"], "zero-shot has nothing to search for"),
    ):
        assert message in str(CliRunner().invoke(train_command, [*words, *where]).exception)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("names.json", '{"Jazz": "jazz", "HipHop": ["hip hop", "rap"]}'),
        ("names.csv", "genre,name\nHipHop,hip hop\nJazz,jazz\nHipHop,rap\n"),
        ("names.csv", "\ufeffgenre,name\r\nHipHop,hip hop\r\nHipHop,rap\r\nJazz,jazz\r\n"),
    ],
)
def test_names_from_a_file(file: str, content: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(content, encoding="utf-8")
    assert read_names(tmp_path / file) == {"HipHop": ["hip hop", "rap"], "Jazz": ["jazz"]}


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("n.json", "[1, 2]", "names no genres: write JSON"),
        ("n.json", "{", "names no genres"),
        ("n.csv", "a,b\n1,2\n", "names no genres"),
        ("n.csv", "", "names no genres"),
        ("n.csv", "genre,name\nJazz,\n", "gives Jazz an empty name"),
        ("n.json", '{"Jazz": []}', "gives Jazz an empty name"),
        ("n.json", None, "cannot read"),
    ],
)
def test_files_that_name_nothing(file: str, content: str | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / file).write_text(content)
    with pytest.raises(GenrescopeError, match=message):
        read_names(tmp_path / file)


def test_labels_as_words() -> None:
    assert [spoken(genre) for genre in ("HipHop", "hip_hop", "R&B", "K-Pop", "DnB")] == [
        "Hip Hop",
        "hip hop",
        "R&B",
        "K-Pop",
        "Dn B",
    ]
    assert len(prompts_of(["a", "b"])) == 2 * len(TEMPLATES)
    assert all("odd {0} name" in prompt for prompt in prompts_of(["odd {0} name"]))
    with pytest.raises(GenrescopeError, match="there is no genre Ska here to name: there are Folk, Jazz"):
        names_of(["Folk", "Jazz"], {"Ska": ["ska"]})


def test_damaged_text_vectors_are_made_anew_by_the_same_command(asked: tuple[Workspace, Run]) -> None:
    workspace, embedding = asked
    division = folds(workspace)
    run = zero_shot(workspace, embedding, division)
    (kept,) = read_kept(workspace, run)
    replace_kept(workspace, run, [replace(kept, content=kept.content[:20])])
    with pytest.raises(GenrescopeError, match=r"is damaged: .*'genrescope train --classifier zero-shot --embedding"):
        fitted(workspace, run.run_id)
    assert zero_shot(workspace, embedding, division) == run
    assert read_kept(workspace, run) == [kept]
