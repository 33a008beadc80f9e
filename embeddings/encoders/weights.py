"""Weights files: loaded without running any code in them, and named in one line when they do not fit."""

import hashlib
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import GenrescopeError

if TYPE_CHECKING:
    from torch import Tensor, nn

# Where training scripts put the weights inside what they save, and what wrappers put before every key.
_NESTS = ("state_dict", "model_state_dict", "model")
_PREFIXES = ("module.", "_orig_mod.", "model.")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_weights(path: Path) -> "dict[str, Tensor]":
    """The state_dict in a .pth, .pt or .safetensors file, in float32.

    Takes half precision, what is nested under 'state_dict' or 'model', and the key prefixes of DataParallel,
    Lightning and torch.compile. A pickle is never allowed to run code. Raises GenrescopeError.
    """
    if not path.is_file():
        raise GenrescopeError(f"there is no weights file {path}: give --weights the path of one")
    content = _read_safely(path)
    for nest in _NESTS:
        if isinstance(content, dict) and isinstance(content.get(nest), dict):
            content = content[nest]
    tensors = {key: value for key, value in content.items() if _is_tensor(value)} if isinstance(content, dict) else {}
    if not tensors:
        raise GenrescopeError(f"{path} holds no weights: a state_dict (names and tensors) is expected")
    for prefix in _PREFIXES:
        if all(key.startswith(prefix) for key in tensors):
            tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
    _check_numbers(tensors, path)
    return {key: value.float() if value.is_floating_point() else value for key, value in tensors.items()}


def _check_numbers(tensors: "dict[str, Tensor]", path: Path) -> None:
    """Refuse weights that are no numbers, before anything is computed with them."""
    broken = [key for key, value in tensors.items() if value.is_floating_point() and value.isnan().any()]
    if broken:
        raise GenrescopeError(
            f"{path} holds NaN in {len(broken)} of its {len(tensors)} tensors, the first in '{broken[0]}': the file is "
            "damaged, or its training went astray; get it again"
        )


def _read_safely(path: Path) -> object:
    import torch
    from safetensors.torch import load_file

    try:
        with quiet():
            if path.suffix == ".safetensors":
                return load_file(path)
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # readers of arbitrary bytes raise whatever they stumble over
        raise GenrescopeError(
            f"{path} is refused: it is no weights file (.pth, .pt, .safetensors), or a pickle of more than tensors, "
            "which could run code; save the state_dict alone, best as .safetensors"
        ) from error


def _is_tensor(value: object) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


def fill(network: "nn.Module", weights: "dict[str, Tensor]", path: Path) -> None:
    """Load weights into a network, every key of it and no other."""
    with fitting(path):
        network.load_state_dict(weights, strict=True)


@contextmanager
def fitting(path: Path) -> Iterator[None]:
    """Turn torch's page about weights that do not fit into one line, a GenrescopeError."""
    try:
        yield
    except KeyError as error:  # timm, translating the keys of a checkpoint of another kind
        raise GenrescopeError(f"{path} holds weights of another network: it has no {error} to load into") from error
    except RuntimeError as error:
        _, loading, mismatches = str(error).partition("Error(s) in loading state_dict")
        if not loading:
            raise
        lines = [re.sub(r"\s+", " ", line).strip().rstrip(".") for line in mismatches.splitlines()[1:]]
        shown = [line if len(line) <= 160 else f"{line[:160]}..." for line in lines[:2]]
        more = f" (and {len(lines) - 2} more)" if len(lines) > 2 else ""
        raise GenrescopeError(f"{path} holds weights of another network: {'; '.join(shown)}{more}") from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what the libraries remark on while they build a network off the terminal."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
