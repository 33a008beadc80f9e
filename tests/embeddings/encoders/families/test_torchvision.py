"""ResNets against a plain float32 forward pass of torchvision."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torchvision.models import ResNet18_Weights, get_model
from torchvision.transforms import functional

from data.errors import GenrescopeError
from embeddings.encoders.encoder import Encoder, embed_image
from embeddings.encoders.registry import get_encoder

Cosines = Callable[[np.ndarray, np.ndarray], np.ndarray]


def plain(architecture: str, file: Path, images: list[Image.Image], prepare: Callable) -> np.ndarray:
    """What anyone would write: the pooled output of torchvision's network for the prepared covers."""
    network = get_model(architecture)
    network.load_state_dict(torch.load(file, weights_only=True))
    network.fc = nn.Identity()
    with torch.no_grad():
        return torch.cat([network.eval()(prepare(image)[None]) for image in images]).numpy()


def whole(image: Image.Image) -> torch.Tensor:
    resized = functional.to_tensor(functional.resize(image, [224, 224], antialias=True))
    return functional.normalize(resized, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def encoded(encoder: Encoder, images: list[Image.Image]) -> np.ndarray:
    """The vectors, eight covers a batch."""
    prepared = np.stack([encoder.prepare(image) for image in images])
    return np.concatenate([encoder.encode(prepared[start : start + 8]) for start in range(0, len(images), 8)])


@pytest.mark.slow
def test_resnet18_is_torchvisions(some_real_images: list, real_weights: Path, cosines: Cosines) -> None:
    file = real_weights / "resnet18-imagenet.pth"
    encoder = get_encoder("resnet18", weights=file)
    vectors = encoded(encoder, some_real_images)
    assert vectors.shape == (32, 512)
    assert cosines(vectors, plain("resnet18", file, some_real_images, whole)).min() > 0.99999


def test_own_transform_is_torchvisions(some_real_images: list, real_weights: Path, cosines: Cosines) -> None:
    file, images = real_weights / "resnet18-imagenet.pth", some_real_images[:8]
    encoder = get_encoder("resnet18", weights=file, preprocessing="encoder")
    own = ResNet18_Weights.IMAGENET1K_V1.transforms()
    assert cosines(encoded(encoder, images), plain("resnet18", file, images, own)).min() > 0.99999
    assert encoder.params != get_encoder("resnet18", weights=file).params


def test_resnet50_in_half_precision(some_real_images: list, real_weights: Path, cosines: Cosines) -> None:
    file, images = real_weights / "resnet50-imagenet-fp16.pth", some_real_images[:4]
    vectors = encoded(get_encoder("resnet50", weights=file), images)
    assert vectors.shape == (4, 2048)
    assert cosines(vectors, plain("resnet50", file, images, whole)).min() > 0.99999


def test_untrained_is_the_same_every_time_and_leaves_the_random_state_alone() -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8))
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = embed_image(get_encoder("resnet18-untrained"), image)
    assert torch.equal(torch.rand(3), expected)
    second = get_encoder("resnet18-untrained")
    np.testing.assert_array_equal(embed_image(second, image), first)
    assert second.params["seed"] == 0
    assert second.weights_file is None


def test_a_head_for_other_classes_does_not_matter(tmp_path: Path) -> None:
    torch.save(get_model("resnet18", num_classes=20).state_dict(), tmp_path / "genres.pth")
    assert get_encoder("resnet18", weights=tmp_path / "genres.pth").dimension == 512


def test_weights_of_another_network(tmp_path: Path) -> None:
    torch.save(get_model("resnet18").state_dict(), tmp_path / "net.pth")
    with pytest.raises(GenrescopeError, match=r"net\.pth holds weights of another network: Missing"):
        get_encoder("resnet50", weights=tmp_path / "net.pth")
