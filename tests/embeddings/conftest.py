"""Fixtures of the embeddings package's tests."""

import shutil
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


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Draws `n` different covers of 40 x 40 pixels into a folder a genre, blocks of random colours."""

    def draw(folder: Path, n: int) -> None:
        for number in range(n):
            blocks = np.random.default_rng(number).integers(0, 256, (4, 4, 3), dtype=np.uint8)
            path = folder / ("jazz" if number % 2 else "punk") / f"{number:03}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(blocks.repeat(10, axis=0).repeat(10, axis=1)).save(path)

    return draw


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory, draw: Draw) -> Workspace:
    """A workspace of 30 covers, numbers 28 and 29 copies of 0 and 1: for `new_filled`, and to be read only."""
    folder = tmp_path_factory.mktemp("shelf")
    draw(folder / "covers", 28)
    (folder / "covers" / "jazz" / "028.png").write_bytes((folder / "covers" / "punk" / "000.png").read_bytes())
    (folder / "covers" / "punk" / "029.png").write_bytes((folder / "covers" / "jazz" / "001.png").read_bytes())
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, folder / "covers")
    return workspace


@pytest.fixture(scope="session")
def new_filled(shelf: Workspace) -> Callable[[Path], Workspace]:
    """Copies it into a folder, covers and all."""

    def new(folder: Path) -> Workspace:
        for name in ("covers", "workspace"):
            shutil.copytree(shelf.folder.parent / name, folder / name)
        workspace = Workspace(folder / "workspace")
        with workspace.write() as con:
            con.execute("UPDATE covers SET path = replace(path, ?, ?)", [str(shelf.folder.parent), str(folder)])
        return workspace

    return new


@pytest.fixture
def filled(new_filled: Callable[[Path], Workspace], tmp_path: Path) -> Workspace:
    """A workspace of 30 covers, numbers 28 and 29 copies of 0 and 1, all below `tmp_path`."""
    return new_filled(tmp_path)


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
