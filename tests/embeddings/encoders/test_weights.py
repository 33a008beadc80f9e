"""Weights files: what is taken, and what is refused in one line."""

import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from data.errors import GenrescopeError
from embeddings.encoders.weights import fill, quiet, read_weights, sha256_of


@pytest.fixture
def weights() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {"weight": torch.randn(3, 4), "bias": torch.randn(3), "steps": torch.tensor(7)}


def same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor], *, atol: float = 0) -> bool:
    return found.keys() == expected.keys() and all(torch.allclose(found[k], expected[k], atol=atol) for k in expected)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        OrderedDict,
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {"model": state},
        lambda state: {"state_dict": {f"module.{key}": value for key, value in state.items()}},
        lambda state: {f"_orig_mod.{key}": value for key, value in state.items()},
    ],
)
@pytest.mark.parametrize("name", ["net.pth", "net.pt"])
def test_reads_what_training_scripts_save(tmp_path: Path, weights: dict, wrap: Any, name: str) -> None:
    torch.save(wrap(weights), tmp_path / name)
    assert same(read_weights(tmp_path / name), weights)


@pytest.mark.parametrize("half", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_half_precision_becomes_float32(tmp_path: Path, weights: dict, half: torch.dtype, suffix: str) -> None:
    file = tmp_path / f"net{suffix}"
    halved = {key: value.to(half) if value.is_floating_point() else value for key, value in weights.items()}
    save_file(halved, file) if suffix == ".safetensors" else torch.save(halved, file)
    found = read_weights(file)
    assert found["weight"].dtype == torch.float32
    assert same(found, weights, atol=0.02)


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch sprung",)


@pytest.mark.parametrize("save", [torch.save, lambda value, file: Path(file).write_bytes(pickle.dumps(value))])
def test_a_pickle_with_code_is_refused_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: dict, save: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    save({"state_dict": weights if save is torch.save else {}, "extra": Trap()}, tmp_path / "net.pth")
    with pytest.raises(GenrescopeError, match=r"net\.pth is refused.*could run code"):
        read_weights(tmp_path / "net.pth")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("content", [b"", b"rubbish", os.urandom(5000), b"PK\x03\x04" + os.urandom(500), b"\x80\x02."])
@pytest.mark.parametrize("name", ["net.pth", "net.safetensors"])
def test_rubbish_is_one_line(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GenrescopeError, match=rf"{name} is refused") as refused:
        read_weights(tmp_path / name)
    assert "\n" not in str(refused.value)


def test_no_tensors_and_no_file_are_one_line(tmp_path: Path) -> None:
    torch.save({"epoch": 3}, tmp_path / "net.pth")
    with pytest.raises(GenrescopeError, match="holds no weights"):
        read_weights(tmp_path / "net.pth")
    with pytest.raises(GenrescopeError, match="there is no weights file"):
        read_weights(tmp_path / "other.pth")


def test_mismatches_are_named_in_one_line(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    wrong = {"0.weight": torch.zeros(3, 4), "0.bias": torch.zeros(5), "other": torch.zeros(1)}
    with pytest.raises(GenrescopeError, match=r"net\.pth holds weights of another network") as refused:
        fill(network, wrong, tmp_path / "net.pth")
    message = str(refused.value)
    assert '"1.weight"' in message
    assert '"other"' in message
    assert "\n" not in message
    assert len(message) < 600


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_quiet_ends_with_its_block(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    with quiet():
        logging.getLogger("library").warning("hidden")
    logging.getLogger("library").warning("shown")
    assert [record.message for record in caplog.records] == ["shown"]


def test_weights_that_are_no_numbers_are_refused_before_anything_is_computed(tmp_path: Path, weights: dict) -> None:
    weights["bias"][1] = float("nan")
    torch.save(weights, tmp_path / "net.pth")
    with pytest.raises(GenrescopeError, match=r"net.pth holds NaN in 1 of its 3 tensors, the first in 'bias'"):
        read_weights(tmp_path / "net.pth")
