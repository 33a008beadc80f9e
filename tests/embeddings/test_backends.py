"""Backends: whatever is chosen agrees with plain float32."""

import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.errors import GenrescopeError
from embeddings import backends
from embeddings.backends import agreement, fastest, like, needed
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.families.color import make
from embeddings.encoders.registry import get_encoder

Cosines = Callable[[np.ndarray, np.ndarray], np.ndarray]


@pytest.fixture(autouse=True)
def switch(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Names a backend in the environment; until then there is none in it."""
    monkeypatch.delenv(backends.SWITCH, raising=False)
    return lambda name: monkeypatch.setenv(backends.SWITCH, name)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return get_encoder("resnet18-untrained")


@pytest.fixture(scope="module")
def batch() -> np.ndarray:
    """Eight covers, blocks of random colours."""
    blocks = np.random.default_rng(0).integers(0, 256, (8, 7, 7, 3), dtype=np.uint8)
    return blocks.repeat(32, axis=1).repeat(32, axis=2)


def test_what_is_chosen_here_agrees_with_float32(encoder: Encoder, batch: np.ndarray, cosines: Cosines) -> None:
    chosen = fastest(encoder, batch, covers=100_000)
    assert cosines(chosen.encode(batch), encoder.encode(batch)).min() > 0.999


@pytest.mark.slow
def test_openvino_agrees_whatever_the_size_of_the_batch(encoder: Encoder, batch: np.ndarray, cosines: Cosines) -> None:
    pytest.importorskip("openvino")
    encode = backends._openvino(encoder.network, batch)
    whole = encode(batch)
    assert whole.shape == (8, 512)
    assert cosines(whole, encoder.encode(batch)).min() > 0.9999
    np.testing.assert_allclose(encode(batch[2:5]), whole[2:5], rtol=1e-4, atol=1e-5)
    longer = encode(np.concatenate([batch, batch[:3]]))
    np.testing.assert_allclose(longer, np.concatenate([whole, whole[:3]]), rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_openvino_reports_to_nobody() -> None:
    """In a process of its own: here another test may have imported openvino, which loads what reports."""
    if backends.KINDS["cpu openvino"].lacks():
        pytest.skip("openvino is not installed")
    script = """
import sys
import numpy as np
from torch import nn
from embeddings.backends import _openvino
batch = np.ones((2, 4), np.float32)
assert _openvino(nn.Linear(4, 3).eval(), batch)(batch).shape == (2, 3)
assert "openvino" in sys.modules
print([name for name, module in sys.modules.items() if name.startswith("openvino_telemetry") and module])
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("name", backends.KINDS)
def test_every_backend_forced_in_turn_agrees(
    encoder: Encoder, batch: np.ndarray, cosines: Cosines, switch: Callable, name: str
) -> None:
    """Slow on this machine perhaps, but what it computes must be right: for every cover, alone and in a batch."""
    if backends.KINDS[name].lacks():
        pytest.skip(backends.KINDS[name].lacks())
    switch(name.replace(" ", "-"))
    chosen = fastest(encoder, batch, covers=1)
    assert chosen.name == name
    expected = encoder.encode(batch)
    assert cosines(chosen.encode(batch), expected).min() > needed(expected)
    assert cosines(like(encoder, name).encode(batch[:1]), chosen.encode(batch[:1])).min() > 0.999999


def test_the_switch_says_what_is_wrong_with_it(
    encoder: Encoder, batch: np.ndarray, switch: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch("bfloat32")
    with pytest.raises(GenrescopeError, match=r"unknown backend 'bfloat32': there are cuda-float16, .*cpu-float32"):
        fastest(encoder, batch, covers=1)
    monkeypatch.setattr(backends, "_has_cuda", lambda: False)
    switch("cuda-float16")
    with pytest.raises(GenrescopeError, match="asks for cuda-float16, but this machine has no GPU"):
        fastest(encoder, batch, covers=1)
    monkeypatch.setattr(backends, "_has_openvino", lambda: False)
    switch("cpu-openvino")
    with pytest.raises(GenrescopeError, match="openvino is not installed: unset it"):
        backends.batch_size(encoder)


def test_a_forced_backend_that_disagrees_is_an_error(
    encoder: Encoder, batch: np.ndarray, switch: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, wrong=lambda part: -encoder.encode(part))
    switch("wrong")
    with pytest.raises(GenrescopeError, match=r"on wrong agrees .* cosine of -1.0000: unset GENRESCOPE_BACKEND"):
        fastest(encoder, batch, covers=1)


def test_half_precision_that_is_not_here_gives_way_to_float32(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "_has_cuda", lambda: False)
    assert like(encoder, "cuda float16") is encoder
    assert like(encoder, "cpu openvino") is encoder
    assert like(encoder, "a backend of a later version") is encoder
    color = make("color")
    assert like(color, "cpu bfloat16") is color


def test_batches_are_large_on_a_gpu_only(encoder: Encoder, switch: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "_has_cuda", lambda: True)
    assert backends.batch_size(encoder) == 256
    switch("cpu-float32")
    assert backends.batch_size(encoder) == 32


def test_few_covers_are_not_worth_a_compiler(encoder: Encoder, batch: np.ndarray, monkeypatch) -> None:
    monkeypatch.setattr(backends, "_has_cuda", lambda: False)
    monkeypatch.setattr(backends, "is_fast_at_bfloat16", lambda: False)
    asked: list[np.ndarray] = []
    counting = replace(encoder, encode=asked.append)
    assert fastest(counting, batch[:1], covers=10).name == "cpu float32"
    assert asked == []  # nothing to compare, nothing to encode


def offer(monkeypatch: pytest.MonkeyPatch, **encodes: Callable) -> None:
    """Let these be the backends of this machine."""
    kinds = {name: backends.Kind(lambda *_, encode=encode: encode, str) for name, encode in encodes.items()}
    monkeypatch.setattr(backends, "KINDS", kinds | {backends.FLOAT32: backends.KINDS[backends.FLOAT32]})
    monkeypatch.setattr(backends, "_candidates", lambda _: iter(encodes))


def test_one_that_disagrees_is_passed_over(
    encoder: Encoder, batch: np.ndarray, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    noise = np.random.default_rng(0).normal(size=(8, 512))
    offer(
        monkeypatch,
        noisy=lambda part: encoder.encode(part) + noise[: len(part)],
        not_a_number=lambda part: np.full((len(part), 512), np.nan),
        good=encoder.encode,
    )
    with caplog.at_level(logging.INFO):
        assert fastest(encoder, batch, covers=1).name == "good"
    assert "noisy agrees with float32 only to a cosine of 0." in caplog.text


def test_one_that_fails_is_passed_over(
    encoder: Encoder, batch: np.ndarray, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: np.ndarray) -> np.ndarray:
        raise RuntimeError("no such instruction\nand a page more")

    offer(monkeypatch, broken=broken)
    with caplog.at_level(logging.INFO):
        chosen = fastest(encoder, batch, covers=1)
    assert chosen.name == "cpu float32"
    assert caplog.messages == ["resnet18-untrained does not run on broken (no such instruction): trying the next"]


def test_color_runs_on_numpy() -> None:
    color = make("color")
    assert fastest(color, np.zeros((1, 64, 64, 3), np.uint8), covers=1000) == ("numpy", color.encode)
    assert backends.batch_size(color) == 32


def test_agreement_is_that_of_the_worst_cover() -> None:
    a, b = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 4.0]]), np.array([[3.0, 0.0], [4.0, 3.0], [3.0, 4.0]])
    assert agreement(a, b) == pytest.approx(0.6)
    assert np.isnan(agreement(a, np.array([[3.0, 0.0], [np.nan, 0.0], [3.0, 4.0]])))


def test_vectors_close_to_each_other_need_a_closer_agreement() -> None:
    assert needed(np.eye(3)) == backends.AGREEMENT
    assert needed(np.ones((1, 3))) == backends.AGREEMENT
    assert needed(np.ones((3, 3))) == pytest.approx(1 - 1e-6, abs=1e-12)
    angle = 0.05  # the middle one of three distances
    near = np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)], [np.cos(angle * 1.01), np.sin(angle * 1.01)]])
    assert needed(near) == pytest.approx(1 - (1 - np.cos(angle)) / 10, abs=1e-12)


def test_the_encoder_itself_stays_as_it_was(encoder: Encoder, batch: np.ndarray) -> None:
    before = encoder.encode(batch[:1])
    fastest(replace(encoder), batch, covers=100_000)
    np.testing.assert_array_equal(encoder.encode(batch[:1]), before)
