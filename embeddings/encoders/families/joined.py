"""`concat:A+B`: several embeddings side by side, their blocks standardised so that each weighs the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from PIL import Image

from data.errors import GenrescopeError
from embeddings.encoders.encoder import Encoder

PREFIX = "concat:"
# How blocks are made alike, as it stands in a run's parameters.
SCALING = "unit rows, centred, unit variance"


@dataclass(frozen=True)
class Block:
    """How the vectors of one embedding (n, d) become a block: to length 1, less `centre` (d,), divided by `scale`.

    The mean squared length over the covers it was learnt from is then 1, whatever d is: blocks weigh the same in every
    distance and cosine. Balanced accuracy of an RBF SVM (C = 2) on 5,000 real covers, five folds three times, against
    columns z-scored and divided by the root of d, and blocks centred and scaled with rows as long as they come:

                            z-scored  rows as they are  rows of length 1
      resnet18 + resnet50       .415              .419              .422
      resnet18 + color          .378              .388              .391
    """

    centre: np.ndarray
    scale: float

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """The block (n, d) float32 of vectors (n, d)."""
        return ((_unit(vectors) - self.centre) / self.scale).astype(np.float32)


def learn_block(vectors: np.ndarray) -> Block:
    """The block of one embedding's vectors (n, d), learnt from all of them without a look at genres."""
    unit = _unit(vectors)
    centre = unit.mean(axis=0)
    spread = float(np.sqrt(((unit - centre) ** 2).sum(axis=1).mean()))
    return Block(centre, spread if spread > 1e-9 else 1.0)


def is_joined(name: str) -> bool:
    """Whether this is the name of several embeddings side by side."""
    return name.startswith(PREFIX)


def parts_of(name: str) -> list[str]:
    """The encoders in `concat:A+B`, in order; raises GenrescopeError for fewer than two, or one twice."""
    parts = name.removeprefix(PREFIX).split("+")
    if len(parts) < 2 or not all(parts) or any(is_joined(part) for part in parts):
        raise GenrescopeError(f"'{name}' joins no two encoders: write them as in concat:resnet18+color")
    if len(set(parts)) < len(parts):
        raise GenrescopeError(f"'{name}' names an encoder twice: each one once")
    return parts


def make(name: str, *, weights: Path | None = None, preprocessing: str = "whole") -> Encoder:
    """The encoder as far as its name tells: its vectors come from finished embeddings, see `embeddings.joining`.

    Raises GenrescopeError for a name that joins nothing, and for weights.
    """
    if weights is not None:
        raise GenrescopeError(f"{name} has no weights of its own: give them to its parts, when these are embedded")

    def refuse(_: object) -> NoReturn:
        raise GenrescopeError(f"{name} is made of embeddings: 'genrescope embed' joins them")

    params = joined_params(parts_of(name), preprocessing=preprocessing)
    return Encoder(name=name, dimension=0, params=params, prepare=refuse, encode=refuse)


def joined_params(parts: Sequence[str], *, preprocessing: str) -> dict[str, Any]:
    """The parameters of a joined embedding; which runs its blocks are stands in its inputs."""
    return {"blocks": list(parts), "scaling": SCALING, "preprocessing": preprocessing}


def joined_encoder(
    name: str, encoders: Sequence[Encoder], blocks: Sequence[Block], *, params: Mapping[str, Any]
) -> Encoder:
    """An encoder for further images out of those of the parts; what each prepares travels flat, one behind another."""
    shapes = [encoder.prepare(Image.new("RGB", (64, 64))).shape for encoder in encoders]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])

    def prepare(image: Image.Image) -> np.ndarray:
        return np.concatenate([encoder.prepare(image).ravel() for encoder in encoders])

    def encode(batch: np.ndarray) -> np.ndarray:
        prepared = np.split(batch, ends[:-1], axis=1)
        return np.hstack(
            [
                block(encoder.encode(flat.reshape(-1, *shape)))
                for encoder, block, flat, shape in zip(encoders, blocks, prepared, shapes, strict=True)
            ]
        )

    dimension = sum(len(block.centre) for block in blocks)
    return Encoder(name=name, dimension=dimension, params=params, prepare=prepare, encode=encode)


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Rows of length 1, float64; one of zeros stays."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
