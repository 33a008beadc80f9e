"""Embeddings side by side: blocks that weigh the same, covers that a part lacks, further images."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.errors import GenrescopeError
from data.intake.importing import import_covers
from data.store.covers import collection
from data.store.runs import Run, finish_run, get_run, start_run
from data.store.workspace import Workspace
from embeddings.embed import embed
from embeddings.encoders.encoder import embed_image
from embeddings.encoders.registry import get_encoder
from embeddings.further import encoder_of
from embeddings.vectors import append_vectors, read_vectors

NAME = "concat:color+resnet18-untrained"


@pytest.fixture(scope="module")
def joined(new_filled: Callable[[Path], Workspace], tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Run]:
    """A workspace with two embeddings, and both side by side; to be read only."""
    workspace = new_filled(tmp_path_factory.mktemp("joined"))
    for name in ("color", "resnet18-untrained"):
        embed(workspace, name)
    return workspace, embed(workspace, NAME)


def own(workspace: Workspace, name: str, cover_ids: np.ndarray, vectors: np.ndarray) -> Run:
    """A finished embedding of these vectors."""
    run = start_run(workspace, "embedding", name=name, params={}, inputs=[collection(workspace).run_id])
    append_vectors(workspace, run, cover_ids, vectors)
    return finish_run(workspace, run, results={"dimension": vectors.shape[1], "covers": len(cover_ids)})


def test_each_block_is_its_embedding_and_weighs_the_same(joined: tuple[Workspace, Run]) -> None:
    workspace, run = joined
    cover_ids, vectors = read_vectors(*joined)
    assert cover_ids.tolist() == list(range(30))
    assert vectors.shape == (30, run.results["dimension"]) == (30, 293 + 512)
    assert [block["name"] for block in run.results["blocks"]] == ["color", "resnet18-untrained"]
    for block, part in zip(np.split(vectors, [293], axis=1), run.results["blocks"], strict=True):
        np.testing.assert_allclose(block.mean(axis=0), 0, atol=1e-6)
        assert (block**2).sum(axis=1).mean() == pytest.approx(1)
        _, source = read_vectors(workspace, get_run(workspace, part["run_id"]))
        unit = source / np.linalg.norm(source, axis=1, keepdims=True)
        differences = unit[:, None] - unit[None]
        np.testing.assert_allclose(block[:, None] - block[None], differences / part["scale"], atol=1e-5)


def test_it_descends_from_its_parts_and_is_found_again(joined: tuple[Workspace, Run]) -> None:
    workspace, run = joined
    assert run.inputs == (collection(workspace).run_id, *(block["run_id"] for block in run.results["blocks"]))
    assert embed(workspace, NAME) == run


def test_further_images_are_encoded_as_the_covers_were(joined: tuple[Workspace, Run]) -> None:
    workspace, run = joined
    with workspace.read() as con:
        paths = [path for (path,) in con.sql("SELECT path FROM covers ORDER BY cover_id LIMIT 4").fetchall()]
    encoder = encoder_of(workspace, run)
    assert encoder.dimension == run.results["dimension"]
    again = np.stack([embed_image(encoder, Image.open(path)) for path in paths])
    np.testing.assert_allclose(again, read_vectors(workspace, run)[1][:4], atol=5e-3)
    batch = np.stack([encoder.prepare(Image.open(path).convert("RGB")) for path in paths])
    np.testing.assert_allclose(encoder.encode(batch), again, atol=1e-4)


def test_covers_that_a_part_lacks_are_left_out_with_the_reason(filled: Workspace) -> None:
    dice = np.random.default_rng(0)
    own(filled, "few", np.arange(2, 30), dice.normal(size=(28, 3)))
    own(filled, "fewer", np.arange(29), np.zeros((29, 4)))
    run = embed(filled, "concat:few+fewer")
    cover_ids, vectors = read_vectors(filled, run)
    assert cover_ids.tolist() == list(range(2, 29))
    assert (vectors[:, 3:] == 0).all(), "a block without any difference stays at the origin"
    assert (run.results["covers"], run.results["left_out"]) == (27, 3)
    with filled.read() as con:
        rows = con.execute("SELECT cover_id, reason FROM left_out WHERE run_id = ? ORDER BY 1", [run.run_id]).fetchall()
    assert rows == [(0, "no vector by few"), (1, "no vector by few"), (29, "no vector by fewer")]


def test_no_shared_cover(filled: Workspace) -> None:
    own(filled, "one", np.arange(2), np.ones((2, 3)))
    own(filled, "other", np.arange(2, 5), np.ones((3, 3)))
    with pytest.raises(GenrescopeError, match="no cover has a vector by one and other"):
        embed(filled, "concat:one+other")


def test_parts_are_embedded_first_and_over_all_covers(filled: Workspace, draw: Callable, tmp_path: Path) -> None:
    embed(filled, "color")
    missing = r"concat:color\+resnet50 needs all covers embedded with resnet50: run 'genrescope embed --encoder res"
    with pytest.raises(GenrescopeError, match=missing):
        embed(filled, "concat:color+resnet50")
    draw(tmp_path / "more", 31)
    import_covers(filled, tmp_path / "more")
    with pytest.raises(GenrescopeError, match="embedded with color: run 'genrescope embed --encoder color' first"):
        embed(filled, "concat:color+resnet50")


def test_preprocessing_chooses_among_the_parts(filled: Workspace) -> None:
    embed(filled, "color")
    whole = embed(filled, "resnet18-untrained")
    embed(filled, "resnet18-untrained", preprocessing="encoder")
    assert embed(filled, NAME).inputs[2] == whole.run_id
    with pytest.raises(GenrescopeError, match="embed --encoder color --preprocessing encoder"):
        embed(filled, NAME, preprocessing="encoder")


@pytest.mark.parametrize("name", ["concat:color", "concat:color+", "concat:color+concat:a+b"])
def test_names_that_join_nothing(name: str) -> None:
    with pytest.raises(GenrescopeError, match="joins no two encoders"):
        get_encoder(name)


def test_other_mistakes(tmp_path: Path) -> None:
    with pytest.raises(GenrescopeError, match="names an encoder twice"):
        get_encoder("concat:color+color")
    with pytest.raises(GenrescopeError, match="no weights of its own"):
        get_encoder(NAME, weights=tmp_path / "w.pth")
