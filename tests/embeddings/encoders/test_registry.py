"""The registry: names, and mistakes in them."""

from pathlib import Path

import pytest

from data.errors import GenrescopeError
from embeddings.encoders.registry import FAMILIES, encoder_names, get_encoder


def test_lists_every_encoder_of_the_design() -> None:
    names = encoder_names()
    assert {"color", "resnet18", "resnet50", "resnet18-untrained", "clip-vit-b-32"} <= names.keys()
    assert {name.partition(":")[0] for name in names if ":" in name} == {
        "clip",
        "timm",
        "vectors",
        "finetuned",
        "text",
        "concat",
    }
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
