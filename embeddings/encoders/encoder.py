"""The shape every encoder has: an image goes in, a vector comes out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    import torch

Prepare = Callable[[Image.Image], np.ndarray]
Encode = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Encoder:
    """An encoder as its family's file makes it.

    name: as on the command line. dimension: length of a vector.
    params: everything that decides the vectors (architecture, SHA-256 of the weights, preprocessing); they identify
        an embedding, so nothing that merely decides how fast it comes belongs here.
    prepare: one RGB image to an array of fixed shape, uint8 (height, width, 3); runs in the decoding threads.
    encode: a batch of prepared images (n, height, width, 3) to vectors (n, dimension) float32. This is the
        reference, plain float32; what is faster is made of `network` by embeddings.backends and held against it.
    network: the torch module behind `encode`, from the uint8 batch to the vectors; None where there is none.
    encode_text: texts to vectors (n, dimension) in the same space; None for all but CLIP.
    text_scale: what cosines of images and texts are multiplied by before a softmax; None for all but CLIP.
    weights_file: where the weights were read from; None where there are none.
    """

    name: str
    dimension: int
    params: Mapping[str, Any]
    prepare: Prepare
    encode: Encode
    network: "torch.nn.Module | None" = None
    encode_text: Callable[[list[str]], np.ndarray] | None = None
    text_scale: float | None = None
    weights_file: Path | None = None


def embed_image(encoder: Encoder, image: Image.Image) -> np.ndarray:
    """The vector (dimension,) float32 of one image, prepared like the covers of an embedding."""
    return embed_images(encoder, [image])[0]


def embed_images(encoder: Encoder, images: Sequence[Image.Image]) -> np.ndarray:
    """The vectors (m, dimension) float32 of m images, at least one, prepared like the covers of an embedding."""
    return encoder.encode(np.stack([encoder.prepare(image.convert("RGB")) for image in images]))
