"""Where the forward pass of an embedding runs: on whatever is fastest here and agrees with plain float32.

A run's identity does not hold its backend, so vectors of two of them may stand in one embedding: one that was resumed
on another machine, or copied in part from an earlier one. What is promised is that this does not matter: a cover's
vector has a cosine above 0.999 to the one that float32 gives, and lies ten times nearer to it than covers lie to each
other in that embedding. `fastest` checks it on the first eight covers, of which the worst counts.

Measured on 200 real covers with AVX512 and bfloat16, the worst cover: bfloat16 0.9996 for ResNet18, 0.9992 for
ResNet50, 0.99999 for the untrained ResNet18; OpenVINO 1.0000. From float32 to bfloat16 it is at most 0.2 % of the way
to the nearest other cover, 1.7 % in the untrained network, where all covers lie close; of the ten nearest neighbours 98
to 99 % stay the same.

Covers a second, ResNet18, two cores with AVX2, 32 covers a batch: see tests/benchmarks/embedding.py.
"""

import copy
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from data.errors import GenrescopeError
from embeddings.encoders.encoder import Encode, Encoder
from embeddings.encoders.weights import quiet

if TYPE_CHECKING:
    from torch import nn

log = logging.getLogger(__name__)

# Names the one backend to use, spaces as hyphens: to compare them, and to test each on any machine.
SWITCH = "GENRESCOPE_BACKEND"
# The cosine similarity to plain float32 that a backend needs to be used, for the worst of the covers it is checked on.
AGREEMENT = 0.999
# And how near it must come, as a share of the distance between two covers: in some embeddings all are nearer than that.
NEARNESS = 0.1
# OpenVINO takes some seconds to build; for fewer covers than this, float32 is done by then.
OPENVINO_COVERS = 300
FLOAT32 = "cpu float32"


class Backend(NamedTuple):
    """A way to encode a batch, and its name."""

    name: str
    encode: Encode


class Kind(NamedTuple):
    """How a backend is built from a network and an example batch, and what this machine lacks for it ('': nothing)."""

    build: "Callable[[nn.Module, np.ndarray], Encode]"
    lacks: Callable[[], str]


def batch_size(encoder: Encoder) -> int:
    """Covers a batch: 256 on a GPU; 32 on a CPU, where more are slower, for they do not fit the cache."""
    asked = asked_for()
    on_gpu = asked.startswith("cuda") if asked else _has_cuda()
    return 256 if encoder.network is not None and on_gpu else 32


def fastest(encoder: Encoder, example: np.ndarray, *, covers: int) -> Backend:
    """The fastest backend here that agrees with the encoder's own `encode` on `example`, a batch of its first covers.

    covers: how many there are to encode; few are not worth a backend that takes long to build. GENRESCOPE_BACKEND
    leaves no choice: raises GenrescopeError where that one fails or disagrees, or there is no such thing.
    """
    if encoder.network is None:
        return Backend("numpy", encoder.encode)
    asked = asked_for()
    names = [asked] if asked else list(_candidates(covers))
    expected = encoder.encode(example[:8]) if names else example
    for name in names:
        encode, trouble = _tried(encoder, name, example, expected)
        if not trouble:
            return Backend(name, encode)
        if asked:
            raise GenrescopeError(f"{trouble}: unset {SWITCH}, or name another backend")
        log.info("%s: trying the next", trouble)
    return Backend(FLOAT32, encoder.encode)


def asked_for() -> str:
    """The backend that GENRESCOPE_BACKEND names, '' where it is not set; raises GenrescopeError if it is not here."""
    asked = os.environ.get(SWITCH, "")
    name = asked.replace("-", " ")
    if asked and name not in KINDS:
        there = ", ".join(kind.replace(" ", "-") for kind in KINDS)
        raise GenrescopeError(f"{SWITCH} names an unknown backend '{asked}': there are {there}")
    if asked and KINDS[name].lacks():
        raise GenrescopeError(
            f"{SWITCH} asks for {asked}, but {KINDS[name].lacks()}: unset it, or name another backend"
        )
    return name


def like(encoder: Encoder, name: str) -> Encoder:
    """The encoder, to encode single images as the backend `name` did; in plain float32 where that is not here.

    Only half precision is worth it: the others agree with float32 to a cosine of 0.999999.
    """
    if encoder.network is None or name not in HALVES or KINDS[name].lacks():
        return encoder
    return replace(encoder, encode=KINDS[name].build(encoder.network, np.empty(0)))


def agreement(expected: np.ndarray, found: np.ndarray) -> float:
    """Cosine similarity of the rows of two arrays (n, d), of the worst pair; NaN if there is one."""
    return float(np.min((_directions(expected) * _directions(found)).sum(axis=1)))


def needed(expected: np.ndarray) -> float:
    """The agreement that vectors (n, d) need: AGREEMENT, and more where they lie close to each other."""
    directions = _directions(expected)
    distances = 1 - (directions @ directions.T)[np.triu_indices(len(directions), 1)]
    apart = float(np.median(distances)) if len(distances) else 1.0
    return max(AGREEMENT, min(1 - NEARNESS * apart, 1 - 1e-6))


def _directions(vectors: np.ndarray) -> np.ndarray:
    vectors = np.asarray(vectors, np.float64)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _tried(encoder: Encoder, name: str, example: np.ndarray, expected: np.ndarray) -> tuple[Encode, str]:
    """A backend's Encode, and what speaks against it: it fails, or disagrees with the `expected` first vectors."""
    assert encoder.network is not None
    try:
        with quiet():
            encode = KINDS[name].build(encoder.network, example)
            found = agreement(expected, encode(example[: len(expected)]))
    except Exception as error:  # noqa: BLE001 - compilers and drivers fail in any way they like
        return encoder.encode, f"{encoder.name} does not run on {name} ({str(error).partition(chr(10))[0]})"
    if found > needed(expected):
        return encode, ""
    return encode, f"{encoder.name} on {name} agrees with float32 only to a cosine of {found:.4f}"


def _candidates(covers: int) -> Iterator[str]:
    """What is worth trying on this machine, the fastest first."""
    if _has_cuda():
        yield from ("cuda float16", "cuda float32")
    if is_fast_at_bfloat16():
        yield "cpu bfloat16"
    if covers >= OPENVINO_COVERS and _has_openvino():
        yield "cpu openvino"


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


def is_fast_at_bfloat16() -> bool:
    """Whether this CPU has instructions for half precision."""
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


def _cpu_float32(network: "nn.Module", example: np.ndarray) -> Encode:  # noqa: ARG001
    return _torch(network, device="cpu", autocast=None)


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


def _no_gpu() -> str:
    return "" if _has_cuda() else "this machine has no GPU that torch can use"


def _no_openvino() -> str:
    return "" if _has_openvino() else "openvino is not installed"


# By name, as it stands in the results of a run.
KINDS = {
    "cuda float16": Kind(_cuda_float16, _no_gpu),
    "cuda float32": Kind(_cuda_float32, _no_gpu),
    "cpu bfloat16": Kind(_cpu_bfloat16, str),
    "cpu openvino": Kind(_openvino, _no_openvino),
    FLOAT32: Kind(_cpu_float32, str),
}
HALVES = ("cuda float16", "cpu bfloat16")
