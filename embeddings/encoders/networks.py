"""Networks that tell genres from the covers themselves: built by name, and kept as safetensors with a description.

A network is torchvision's or timm's up to its pooled output, the body, and a small head behind it. Nothing here needs
fastai: it trains them (analysis.networks), and what is trained is loaded without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from data.errors import GenrescopeError, UnreadableClassifier
from embeddings.encoders.encoder import Encode
from embeddings.encoders.families import timm_encoders, torchvision_encoders
from embeddings.encoders.torch_encoder import forward, resize_whole, with_normalising
from embeddings.encoders.weights import fitting, quiet, sha256_of

if TYPE_CHECKING:
    from torch import nn

# Architectures by torchvision; every other name is timm's.
TORCHVISION = ("resnet18", "resnet50")
# Trained from scratch: instead of a file of weights.
NO_WEIGHTS = "none"
DROPOUT = 0.5
# What a description may pass on to timm: it may come with a workspace from somebody else.
OPTIONS = (*timm_encoders.INPUT, "pad_type")
LARGEST = 1024


@dataclass(frozen=True)
class Network:
    """A network on whole covers resized to size x size, and the genres that its outputs stand for, in order.

    architecture: resnet18, resnet50, or timm's name with options (see timm_encoders). module: body and head in a
    Sequential, from normalised images (n, 3, size, size) to margins (n, c); the body gives (n, dimension). mean, std:
    of each channel, 0..1. weights: SHA-256 of the file that training began with; '' for none.
    """

    architecture: str
    classes: tuple[str, ...]
    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    dimension: int
    weights: str
    module: "nn.Sequential"

    def prepare(self, image: Image.Image) -> np.ndarray:
        """An RGB image as the network takes it: uint8 (size, size, 3)."""
        return resize_whole((self.size, self.size))(image)

    def margins(self, images: np.ndarray, *, batch: int = 64) -> np.ndarray:
        """Margins (n, c) of prepared images (n, size, size, 3), in plain float32."""
        parts = [self._forward(images[start : start + batch]) for start in range(0, len(images), batch)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        """Probabilities (n, c) float64 of prepared images (n, size, size, 3)."""
        from scipy.special import softmax

        return softmax(self.margins(images).astype(np.float64), axis=1)

    @cached_property
    def _forward(self) -> Encode:
        return forward(with_normalising(self.module, mean=self.mean, std=self.std))


def build_network(
    architecture: str,
    classes: Sequence[str],
    *,
    weights: Path | str | None = None,
    size: int | None = None,
    dropout: float = DROPOUT,
    seed: int = 0,
) -> Network:
    """A network with a new head, to be trained.

    weights: of the body (.pth, .pt, .safetensors); 'none' for random ones, of the seed; by default the library's own.
    size: of the input, by default 224, or what timm says. Raises GenrescopeError, and MissingWeights.
    """
    import torch

    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(seed)
        network, file = _body(architecture, weights=weights, size=size)
        head = _head(network.dimension, len(classes), dropout)
    module = torch.nn.Sequential(network.module[0], head)
    return replace(network, classes=tuple(classes), module=module, weights=sha256_of(file) if file else "")


def describe(network: Network) -> dict[str, Any]:
    """All of a network but its weights, for JSON."""
    fields = ("architecture", "size", "dimension", "weights")
    facts = {name: getattr(network, name) for name in fields}
    return facts | {name: list(getattr(network, name)) for name in ("classes", "mean", "std")}


def to_bytes(network: Network) -> bytes:
    """The weights as safetensors: contiguous, float32 as they are."""
    from safetensors.torch import save

    return save({name: value.detach().cpu().contiguous() for name, value in network.module.state_dict().items()})


def load_network(description: Mapping[str, Any], content: bytes) -> Network:
    """The network that `describe` and `to_bytes` took apart; no code of theirs runs.

    Raises GenrescopeError where one does not fit the other, or the library no longer has the architecture.
    """
    import torch
    from safetensors.torch import load

    name = str(description.get("architecture"))
    try:
        classes = tuple(str(genre) for genre in description["classes"])
        with torch.random.fork_rng(devices=[]), quiet():
            network, _ = _body(name, weights=NO_WEIGHTS, size=int(description["size"]))
            module = torch.nn.Sequential(network.module[0], _head(network.dimension, len(classes), DROPOUT))
        with fitting(Path(f"what is kept of the {name}")):
            module.load_state_dict(load(content), strict=True)
    except GenrescopeError:
        raise
    except Exception as error:  # damaged bytes raise whatever they happen to stumble over
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise UnreadableClassifier(
            f"the kept {name} cannot be read ({reason}): the command that trained it makes it anew"
        ) from error
    mean, std = (tuple(float(value) for value in description[key]) for key in ("mean", "std"))
    weights = str(description.get("weights", ""))
    return replace(network, classes=classes, module=module.eval(), weights=weights, mean=mean, std=std)


def _head(dimension: int, classes: int, dropout: float) -> "nn.Sequential":
    """Standardised, half of it dropped in training, one layer: as fastai's heads end."""
    from torch import nn

    return nn.Sequential(nn.BatchNorm1d(dimension), nn.Dropout(dropout), nn.Linear(dimension, classes))


def _body(architecture: str, *, weights: Path | str | None, size: int | None) -> tuple[Network, Path | None]:
    """A network of the body alone, and the file of its weights."""
    if size is not None and not 32 <= size <= LARGEST:
        raise GenrescopeError(f"covers of {size} pixels suit no network: choose a size between 32 and {LARGEST}")
    if architecture in TORCHVISION:
        return _torchvision(architecture, weights=weights, size=size)
    return _timm(architecture, weights=weights, size=size)


def _torchvision(architecture: str, *, weights: Path | str | None, size: int | None) -> tuple[Network, Path | None]:
    from torch import nn

    file = None if weights == NO_WEIGHTS else torchvision_encoders.file_of(architecture, weights)
    body = (
        torchvision_encoders.headless(architecture)
        if file is None
        else torchvision_encoders.trained(architecture, file)
    )
    side = size or torchvision_encoders.SIZE
    mean, std = torchvision_encoders.IMAGENET_MEAN, torchvision_encoders.IMAGENET_STD
    dimension = torchvision_encoders.DIMENSIONS[architecture]
    return Network(architecture, (), side, mean, std, dimension, "", nn.Sequential(body)), file


def _timm(architecture: str, *, weights: Path | str | None, size: int | None) -> tuple[Network, Path | None]:
    from timm.data import resolve_data_config
    from torch import nn

    name = f"timm:{architecture.removeprefix('timm:')}"
    model, options = timm_encoders.parse_name(name)
    strange = sorted(options.keys() - set(OPTIONS))
    if strange:
        raise GenrescopeError(
            f"a network to train takes no option {', '.join(strange)}: there are {', '.join(OPTIONS)}"
        )
    given = {key: options[key] for key in options if key not in timm_encoders.INPUT}
    file = None if weights == NO_WEIGHTS else timm_encoders.file_of(model, name, weights)
    body = timm_encoders.load(model, given, file)
    config = resolve_data_config({key: options[key] for key in options if key in timm_encoders.INPUT}, model=body)
    side, dimension = size or config["input_size"][1], body.head_hidden_size
    return Network(
        name, (), side, tuple(config["mean"]), tuple(config["std"]), dimension, "", nn.Sequential(body)
    ), file
