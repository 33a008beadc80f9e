"""`resnet18`, `resnet50` and `resnet18-untrained`: the penultimate layer of torchvision's ResNets."""

from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import GenrescopeError
from embeddings.encoders.downloads import from_torch_hub
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.torch_encoder import torch_encoder
from embeddings.encoders.weights import fill, read_weights

if TYPE_CHECKING:
    from torch import nn

SIZE = 224
DIMENSIONS = {"resnet18": 512, "resnet50": 2048}
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
UNTRAINED_SEED = 0


def make(name: str, *, weights: Path | None = None, preprocessing: str = "whole") -> Encoder:
    """A ResNet (He et al., 2016) without its last layer: 512 numbers for ResNet18, 2,048 for ResNet50.

    The numbers are averages over the image after a ReLU, so none is negative. The weights are `weights`, or
    torchvision's own IMAGENET1K_V1; `resnet18-untrained` has torchvision's random initial ones, of seed 0.
    """
    from torchvision.transforms import CenterCrop, Resize

    architecture, _, untrained = name.partition("-")
    if untrained and weights is not None:
        raise GenrescopeError(f"{name} has no weights by design: leave out --weights {name}=...")
    file = None if untrained else file_of(architecture, weights)
    network = _untrained(architecture) if file is None else trained(architecture, file)
    params = {"architecture": f"torchvision {architecture}", "layer": "avgpool"}
    return torch_encoder(
        name,
        network,
        dimension=DIMENSIONS[architecture],
        size=(SIZE, SIZE),
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        own_steps=[Resize(256), CenterCrop(SIZE)],
        preprocessing=preprocessing,
        params=params | ({"seed": UNTRAINED_SEED} if untrained else {}),
        weights_file=file,
    )


def file_of(architecture: str, weights: Path | str | None) -> Path:
    """The file of a ResNet's weights: the given one, or torchvision's own IMAGENET1K_V1."""
    from torchvision.models import get_model_weights

    if weights is not None:
        return Path(weights)
    url: str = get_model_weights(architecture)["IMAGENET1K_V1"].url
    return from_torch_hub(url, name=architecture)


def trained(architecture: str, file: Path) -> "nn.Module":
    """A ResNet without its last layer, with the weights of a file; raises GenrescopeError where they do not fit."""
    weights = read_weights(file)
    network = headless(architecture)
    # The head is not used, so weights trained for other classes fit as well.
    fill(network, {key: value for key, value in weights.items() if not key.startswith("fc.")}, file)
    return network


def _untrained(architecture: str) -> "nn.Module":
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(UNTRAINED_SEED)
        return headless(architecture)


def headless(architecture: str) -> "nn.Module":
    """A ResNet without its last layer, with random weights."""
    from torch import nn
    from torchvision.models import get_model

    network = get_model(architecture, weights=None)
    network.fc = nn.Identity()
    return network
