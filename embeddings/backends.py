"""Where the forward pass of an embedding runs: on whatever is fastest here and agrees with plain float32.

Covers a second, ResNet18, two cores with AVX2, 32 covers a batch: see tests/benchmarks/embedding.py.
"""

import copy
import logging
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from embeddings.encoders.encoder import Encode, Encoder
from embeddings.encoders.weights import quiet

if TYPE_CHECKING:
    from torch import nn

log = logging.getLogger(__name__)

# The mean cosine similarity to plain float32 over the first batch that a backend needs to be used.
AGREEMENT = 0.999
# OpenVINO takes some seconds to build; for fewer covers than this, float32 is done by then.
OPENVINO_COVERS = 300


class Backend(NamedTuple):
    """A way to encode a batch, and its name."""

    name: str
    encode: Encode


def batch_size(encoder: Encoder) -> int:
    """Covers a batch: 256 on a GPU; 32 on a CPU, where more are slower, for they do not fit the cache."""
    return 256 if encoder.network is not None and _has_cuda() else 32


def fastest(encoder: Encoder, example: np.ndarray, *, covers: int) -> Backend:
    """The fastest backend here that agrees with the encoder's own `encode` on `example`, a batch of its first covers.

    covers: how many there are to encode; few are not worth a backend that takes long to build.
    """
    if encoder.network is None:
        return Backend("numpy", encoder.encode)
    checked = example[:8]
    expected = encoder.encode(checked)
    for name, build in _candidates(covers):
        try:
            with quiet():
                encode = build(encoder.network, example)
                found = agreement(expected, encode(checked))
        except Exception as error:  # noqa: BLE001 - compilers and drivers fail in any way they like
            log.info("%s does not run on %s (%s): trying the next", encoder.name, name, str(error).partition("\n")[0])
            continue
        if found > AGREEMENT:
            return Backend(name, encode)
        log.info("%s on %s agrees with float32 only to a cosine of %.4f: trying the next", encoder.name, name, found)
    return Backend("cpu float32", encoder.encode)


def agreement(expected: np.ndarray, found: np.ndarray) -> float:
    """Mean cosine similarity of the rows of two arrays (n, d)."""
    lengths = np.linalg.norm(expected, axis=1) * np.linalg.norm(found, axis=1)
    return float(np.mean((expected * found).sum(axis=1) / np.maximum(lengths, 1e-12)))


def _candidates(covers: int) -> Iterator[tuple[str, Any]]:
    """Names and builders of what this machine has, the fastest first."""
    if _has_cuda():
        yield "cuda float16", _cuda_float16
        yield "cuda float32", _cuda_float32
    if _is_fast_at_bfloat16():
        yield "cpu bfloat16", _cpu_bfloat16
    if covers >= OPENVINO_COVERS and _has_openvino():
        yield "cpu openvino", _openvino


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


def _is_fast_at_bfloat16() -> bool:
    import torch

    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))


def _has_openvino() -> bool:
    from importlib.util import find_spec

    return find_spec("openvino") is not None


def _cuda_float16(network: "nn.Module", example: np.ndarray) -> Encode:  # noqa: ARG001
    return _torch(network, device="cuda", autocast="float16")


def _cuda_float32(network: "nn.Module", example: np.ndarray) -> Encode:  # noqa: ARG001
    return _torch(network, device="cuda", autocast=None)


def _cpu_bfloat16(network: "nn.Module", example: np.ndarray) -> Encode:  # noqa: ARG001
    return _torch(network, device="cpu", autocast="bfloat16")


def _torch(network: "nn.Module", *, device: str, autocast: str | None) -> Encode:
    import torch

    moved = copy.deepcopy(network).to(device)
    dtype = getattr(torch, autocast) if autocast else None

    def encode(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode(), torch.autocast(device, dtype=dtype, enabled=autocast is not None):
            return moved(torch.from_numpy(np.ascontiguousarray(batch)).to(device)).float().cpu().numpy()

    return encode


def _openvino(network: "nn.Module", example: np.ndarray) -> Encode:
    """The network compiled by OpenVINO for batches of the shape of `example`; smaller ones are padded."""
    import torch

    # OpenVINO reports every import to its makers where this package is installed; as if it were not.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    exported = torch.export.export(network, (torch.from_numpy(np.ascontiguousarray(example)),))
    compiled = openvino.compile_model(
        openvino.convert_model(exported), "CPU", {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    )
    size = len(example)

    def encode(batch: np.ndarray) -> np.ndarray:
        parts = [batch[start : start + size] for start in range(0, len(batch), size)]
        padded = [np.concatenate([part, np.zeros_like(example[len(part) :])]) for part in parts]
        return np.concatenate([compiled(part)[0].copy() for part in padded])[: len(batch)]

    return encode
