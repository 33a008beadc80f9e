"""Fixtures of the embeddings package's tests."""

import os

# Before torch is loaded: its threads wait for each other in a loop, and where the cores are busy with something else
# two of them take twice the time of one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.intake.importing import import_covers
from data.store.workspace import Workspace, open_workspace

Draw = Callable[[Path, int], None]


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cosine of each pair of rows."""
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.fixture(name="cosines")
def cosines_fixture() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    return cosines


@pytest.fixture
def draw() -> Draw:
    """Draws `n` different covers of 40 x 40 pixels into a folder a genre, blocks of random colours."""

    def draw(folder: Path, n: int) -> None:
        for number in range(n):
            blocks = np.random.default_rng(number).integers(0, 256, (4, 4, 3), dtype=np.uint8)
            path = folder / ("jazz" if number % 2 else "punk") / f"{number:03}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(blocks.repeat(10, axis=0).repeat(10, axis=1)).save(path)

    return draw


@pytest.fixture
def filled(tmp_path: Path, draw: Draw) -> Workspace:
    """A workspace of 30 covers, numbers 28 and 29 copies of 0 and 1."""
    source = tmp_path / "covers"
    draw(source, 28)
    (source / "jazz" / "028.png").write_bytes((source / "punk" / "000.png").read_bytes())
    (source / "punk" / "029.png").write_bytes((source / "jazz" / "001.png").read_bytes())
    workspace = open_workspace(tmp_path / "workspace", create=True)
    import_covers(workspace, source)
    return workspace


@pytest.fixture(scope="session")
def some_real_images(real_covers: Path) -> list[Image.Image]:
    """32 real covers, of all genres."""
    return [Image.open(path).convert("RGB") for path in sorted(real_covers.glob("*/*.jpg"))[::157][:32]]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No hub answers, and the libraries' cache folders are empty ones below the returned folder."""
    from huggingface_hub import constants

    for scheme in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(scheme, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path
