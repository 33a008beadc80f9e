"""Weights that are not there: found in the cache, downloaded, or a message that says what to get."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from data.errors import MissingWeights
from embeddings.encoders import downloads
from embeddings.encoders.downloads import from_model_hub, from_torch_hub
from embeddings.encoders.registry import get_encoder


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("resnet18", "resnet18-f37072fd.pth"),
        ("resnet50", "resnet50-0676ba61.pth"),
        ("clip-vit-b-32", "open_clip_model.safetensors of laion/CLIP-ViT-B-32-laion2B-s34B-b79K"),
        ("clip:ViT-L-14:openai", "open_clip_model.safetensors of timm/vit_large_patch14_clip_224.openai"),
        ("timm:mobilenetv2_100", "model.safetensors of timm/mobilenetv2_100.ra_in1k"),
    ],
)
def test_the_message_says_what_to_get_and_what_works_without(no_network: Path, name: str, file: str) -> None:
    import open_clip  # noqa: F401 - loading them takes long enough

    with pytest.raises(MissingWeights) as missing:
        get_encoder(name)
    message = str(missing.value)
    assert file in message
    assert f"--weights {name}=PATH" in message
    assert str(no_network) in message, "the cache folder"
    assert "color, resnet18-untrained, vectors:FILE" in message
    assert "\n" not in message


def test_a_hub_that_never_answers_is_given_up(no_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without patience of our own this would never end."""
    monkeypatch.setattr(downloads, "PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(MissingWeights, match=r"net-abcd\.pth"):
        from_torch_hub(f"http://127.0.0.1:{silent.getsockname()[1]}/net-abcd.pth", name="net")


def test_offline_mode_is_obeyed(no_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(downloads, "_knock", lambda _: pytest.fail("went to the network"))
    with pytest.raises(MissingWeights):
        from_model_hub("someone/something", ["model.safetensors"], name="net")


@pytest.fixture
def server(tmp_path: Path, no_network: Path) -> Iterator[tuple[str, Path]]:
    """A web server: its address, and the folder it serves."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}", folder
        http.shutdown()


def test_downloads_once_and_checks_the_hash(server: tuple[str, Path]) -> None:
    address, folder = server
    name = f"net-{hashlib.sha256(b'weights').hexdigest()[:8]}.pth"
    (folder / name).write_bytes(b"weights")
    file = from_torch_hub(f"{address}/{name}", name="net")
    assert file.read_bytes() == b"weights"
    (folder / name).unlink()
    assert from_torch_hub(f"{address}/{name}", name="net") == file


@pytest.mark.parametrize("name", ["net-00000000.pth", "gone-00000000.pth"])
def test_a_wrong_or_missing_download_is_no_weights(server: tuple[str, Path], name: str) -> None:
    address, folder = server
    (folder / "net-00000000.pth").write_bytes(b"weights")
    with pytest.raises(MissingWeights, match=name):
        from_torch_hub(f"{address}/{name}", name="net")


def test_finds_what_the_hub_cache_holds(no_network: Path) -> None:
    snapshot = no_network / "hub" / "models--someone--something" / "snapshots" / "1234"
    snapshot.mkdir(parents=True)
    (snapshot / "pytorch_model.bin").write_bytes(b"weights")
    refs = snapshot.parents[1] / "refs"
    refs.mkdir()
    (refs / "main").write_text("1234")
    found = from_model_hub("someone/something", ["model.safetensors", "pytorch_model.bin"], name="net")
    assert found == snapshot / "pytorch_model.bin"
