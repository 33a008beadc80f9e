"""CLIP through open_clip: a randomly initialised network, saved to and loaded from a local checkpoint."""

from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from data.errors import GenrescopeError
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.registry import get_encoder


@pytest.fixture(scope="module")
def checkpoint(small_clip: Path) -> Path:
    return small_clip


@pytest.fixture(scope="module")
def encoder(checkpoint: Path) -> Encoder:
    return get_encoder("clip:small-clip", weights=checkpoint)


def reference(checkpoint: Path) -> tuple:
    """Network and own transform by open_clip alone."""
    network, _, transform = open_clip.create_model_and_transforms("small-clip", pretrained=str(checkpoint))
    return network.eval(), transform


def images() -> list[Image.Image]:
    rng = np.random.default_rng(0)
    return [Image.fromarray(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)) for _ in range(4)]


def test_image_tower(encoder: Encoder, checkpoint: Path, cosines) -> None:
    vectors = encoder.encode(np.stack([encoder.prepare(image) for image in images()]))
    assert vectors.shape == (4, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    network, transform = reference(checkpoint)
    normalise = transform.transforms[-1]
    inputs = [normalise(torch.from_numpy(encoder.prepare(image) / 255).permute(2, 0, 1).float()) for image in images()]
    with torch.no_grad():
        expected = network.encode_image(torch.stack(inputs)).numpy()
    assert cosines(vectors, expected).min() > 0.99999


def test_own_transform(checkpoint: Path, cosines) -> None:
    encoder = get_encoder("clip:small-clip", weights=checkpoint, preprocessing="encoder")
    network, transform = reference(checkpoint)
    with torch.no_grad():
        expected = network.encode_image(torch.stack([transform(image) for image in images()])).numpy()
    vectors = encoder.encode(np.stack([encoder.prepare(image) for image in images()]))
    assert cosines(vectors, expected).min() > 0.99999


def test_text_tower(encoder: Encoder, checkpoint: Path) -> None:
    texts = ["a skull on fire", "a saxophone at night", ""]
    assert encoder.encode_text is not None
    vectors = encoder.encode_text(texts)
    assert vectors.shape == (3, 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    with torch.no_grad():
        tokens = open_clip.get_tokenizer("small-clip")(texts)
        expected = reference(checkpoint)[0].encode_text(tokens, normalize=True).numpy()
    np.testing.assert_allclose(vectors, expected, atol=1e-6)


def test_safetensors(encoder: Encoder, checkpoint: Path, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file(torch.load(checkpoint, weights_only=True)["state_dict"], tmp_path / "small.safetensors")
    again = get_encoder("clip:small-clip", weights=tmp_path / "small.safetensors")
    batch = np.stack([encoder.prepare(image) for image in images()])
    np.testing.assert_array_equal(again.encode(batch), encoder.encode(batch))


@pytest.mark.slow
def test_vit_b_32_with_a_local_file(tmp_path: Path) -> None:
    """The real architecture, random weights in half precision: towers of 512 numbers."""
    with torch.device("meta"):
        shapes = open_clip.create_model("ViT-B-32", device="meta").state_dict()
    state = {key: torch.full(value.shape, 0.01, dtype=torch.float16) for key, value in shapes.items()}
    torch.save(state, tmp_path / "vit.pt")
    encoder = get_encoder("clip-vit-b-32", weights=tmp_path / "vit.pt")
    assert encoder.dimension == 512
    assert encoder.params["size"] == [224, 224]
    assert encoder.params["architecture"] == "open_clip ViT-B-32"
    assert encoder.encode(np.zeros((1, 224, 224, 3), np.uint8)).shape == (1, 512)


def test_openai_weights_get_their_activation(checkpoint: Path, tmp_path: Path) -> None:
    """OpenAI's networks were trained with another GELU than open_clip's own: the tag decides."""
    assert get_encoder("clip:small-clip", weights=checkpoint).params["quick_gelu"] is False
    assert open_clip.get_pretrained_cfg("ViT-B-32", "openai")["quick_gelu"]


def test_weights_of_another_network(tmp_path: Path, checkpoint: Path) -> None:
    torch.save({"weight": torch.zeros(3)}, tmp_path / "net.pt")
    with pytest.raises(GenrescopeError, match=r"net\.pt holds weights of another network: Missing"):
        get_encoder("clip:small-clip", weights=tmp_path / "net.pt")
