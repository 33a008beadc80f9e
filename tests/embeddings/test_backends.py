"""Backends: whatever is chosen agrees with plain float32."""

import logging
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from embeddings import backends
from embeddings.backends import agreement, fastest
from embeddings.encoders.color import make
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.registry import get_encoder

Cosines = Callable[[np.ndarray, np.ndarray], np.ndarray]


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


def test_openvino_agrees_whatever_the_size_of_the_batch(encoder: Encoder, batch: np.ndarray, cosines: Cosines) -> None:
    pytest.importorskip("openvino")
    encode = backends._openvino(encoder.network, batch)
    whole = encode(batch)
    assert whole.shape == (8, 512)
    assert cosines(whole, encoder.encode(batch)).min() > 0.9999
    np.testing.assert_array_equal(encode(batch[2:5]), whole[2:5])
    np.testing.assert_array_equal(encode(np.concatenate([batch, batch[:3]])), np.concatenate([whole, whole[:3]]))


def test_openvino_reports_to_nobody() -> None:
    pytest.importorskip("openvino")
    assert "openvino_telemetry.main" not in sys.modules


def test_bfloat16_agrees(encoder: Encoder, batch: np.ndarray, cosines: Cosines) -> None:
    """Slow on this machine perhaps, but what it computes must be right."""
    encode = backends._cpu_bfloat16(encoder.network, batch)
    assert cosines(encode(batch[:2]), encoder.encode(batch[:2])).min() > 0.999


@pytest.mark.parametrize("precision", [backends._cuda_float16, backends._cuda_float32])
def test_cuda_agrees(encoder: Encoder, batch: np.ndarray, cosines: Cosines, precision: Callable) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no GPU here")
    assert cosines(precision(encoder.network, batch)(batch), encoder.encode(batch)).min() > 0.999


def test_few_covers_are_not_worth_a_compiler(encoder: Encoder, batch: np.ndarray, monkeypatch) -> None:
    monkeypatch.setattr(backends, "_has_cuda", lambda: False)
    monkeypatch.setattr(backends, "_is_fast_at_bfloat16", lambda: False)
    assert fastest(encoder, batch[:1], covers=10).name == "cpu float32"


def offer(monkeypatch: pytest.MonkeyPatch, **encodes: Callable) -> None:
    """Let these be the backends of this machine."""
    found = [(name, lambda *_, encode=encode: encode) for name, encode in encodes.items()]
    monkeypatch.setattr(backends, "_candidates", lambda _: iter(found))


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


def test_agreement_is_the_mean_cosine() -> None:
    a, b = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[3.0, 0.0], [4.0, 0.0]])
    assert agreement(a, b) == pytest.approx(0.5)


def test_the_encoder_itself_stays_as_it_was(encoder: Encoder, batch: np.ndarray) -> None:
    before = encoder.encode(batch[:1])
    fastest(replace(encoder), batch, covers=100_000)
    np.testing.assert_array_equal(encoder.encode(batch[:1]), before)
