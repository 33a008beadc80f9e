"""The registry: names, mistakes in them, and encoders rebuilt from a run."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import resnet18

from data.errors import GenrescopeError, MissingWeights
from data.store.workspace import Workspace
from embeddings.embed import embed
from embeddings.encoders.encoder import embed_image
from embeddings.encoders.registry import FAMILIES, encoder_names, encoder_of, get_encoder
from embeddings.vectors import read_vectors


def test_lists_every_encoder_of_the_design() -> None:
    names = encoder_names()
    assert {"color", "resnet18", "resnet50", "resnet18-untrained", "clip-vit-b-32"} <= names.keys()
    assert {name.partition(":")[0] for name in names if ":" in name} == {"clip", "timm", "vectors"}
    assert all(names.values())


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("colour", "did you mean color"),
        ("resnet-18", "did you mean resnet18"),
        ("resnet34", "did you mean resnet"),
        ("clip-vit-b32", "did you mean clip-vit-b-32"),
        ("xyz", f"there are {', '.join(FAMILIES)}"),
        ("timm:", "timm:NAME"),
        ("clip", "there are"),
        ("timm:mobilnetv2_100", "timm:mobilenetv2_100"),
        ("timm:mobilenetv2_100.imagenet", "mobilenetv2_100.ra_in1k"),
        ("timm:mobilenetv2_100?pad_type", "timm:NAME?option=value"),
        ("clip:ViT-B-33:openai", "ViT-B-32"),
        ("clip:ViT-B-32:laion", "laion2b_s34b_b79k"),
    ],
)
def test_unknown_names_are_one_line_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(GenrescopeError) as unknown:
        get_encoder(name)
    assert hint in str(unknown.value)
    assert "\n" not in str(unknown.value)


@pytest.mark.parametrize("name", ["color", "resnet18-untrained", "vectors:some.npy"])
def test_encoders_without_weights_take_none(name: str) -> None:
    with pytest.raises(GenrescopeError, match=f"leave out --weights {name}="):
        get_encoder(name, weights=Path("some.pth"))


def test_unknown_preprocessing() -> None:
    with pytest.raises(GenrescopeError, match="'crop': there are whole and encoder"):
        get_encoder("color", preprocessing="crop")


@pytest.fixture
def some_weights(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    torch.save(resnet18().state_dict(), tmp_path / "some.pth")
    return tmp_path / "some.pth"


def test_encoder_of_a_run_encodes_as_the_run_did(filled: Workspace, some_weights: Path) -> None:
    run = embed(filled, "resnet18", weights=some_weights)
    encoder = encoder_of(filled, run)
    with filled.read() as con:
        path = con.sql("SELECT path FROM covers WHERE cover_id = 3").fetchall()[0][0]
    expected = read_vectors(filled, run)[1][3]
    np.testing.assert_allclose(embed_image(encoder, Image.open(path)), expected, rtol=1e-4, atol=1e-5)


def test_encoder_of_a_run_refuses_other_weights(filled: Workspace, some_weights: Path) -> None:
    run = embed(filled, "resnet18", weights=some_weights)
    torch.save(resnet18().state_dict(), some_weights)
    with pytest.raises(MissingWeights, match=r"weights changed.*put the original weights back to .*some\.pth"):
        encoder_of(filled, run)
    some_weights.unlink()
    with pytest.raises(MissingWeights, match=r"gone: put them back to .*some\.pth"):
        encoder_of(filled, run)


def test_encoder_of_a_run_without_weights(filled: Workspace) -> None:
    run = embed(filled, "color")
    assert encoder_of(filled, run).params == run.params
