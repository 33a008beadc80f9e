"""Where the forward pass runs: whatever is fastest here and agrees with plain float32."""

import logging
from typing import NamedTuple

import numpy as np

from embeddings.encoder import Encode, Encoder

log = logging.getLogger(__name__)


class Backend(NamedTuple):
    """A way to encode a batch, and its name."""

    name: str
    encode: Encode


def batch_size(encoder: Encoder) -> int:
    return 32


def fastest(encoder: Encoder, example: np.ndarray, *, covers: int) -> Backend:
    return Backend("numpy" if encoder.network is None else "cpu float32", encoder.encode)
