"""Fixtures that the tests of every package share."""

import contextlib
import json
import os
import shutil
import zlib

# Before numpy and torch are loaded. Tests run a process a core; threads beyond that wait for each other in a loop.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from data.store.covers import collection
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace, open_workspace

# The real covers and weights, where they lie beside the checkout.
SHARED = Path(os.environ.get("GENRESCOPE_SHARED", Path(__file__).resolve().parents[2] / "shared"))

SMALL_CLIP = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}


def _beside(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"{name} is not beside the checkout: no real covers or weights to test with"
        )
    return path


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured: record_property("measured", text), from every worker."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    for report in reports:
        if getattr(report, "when", "") == "call":
            for name, value in report.user_properties:
                if name == "measured":
                    terminalreporter.line(f"{report.nodeid}: {value}")


@pytest.fixture(scope="session")
def real_covers() -> Path:
    """5,000 album covers in five genres."""
    return _beside("covers/kaggle-5-genres")


@pytest.fixture(scope="session")
def real_weights() -> Path:
    """Folder of the real ImageNet weights."""
    return _beside("weights")


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Registers the architecture `small-clip` with open_clip: a checkpoint of it with random weights."""
    import open_clip
    import torch

    folder = tmp_path_factory.mktemp("clip")
    (folder / "small-clip.json").write_text(json.dumps(SMALL_CLIP))
    open_clip.add_model_config(folder / "small-clip.json")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = open_clip.create_model("small-clip")
    torch.save({"state_dict": network.state_dict(), "epoch": 1}, folder / "small.pt")
    return folder / "small.pt"


@pytest.fixture(scope="session")
def new_workspace(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Workspace]:
    """Makes empty workspaces, as copies of one (making it takes ten times as long), also for what a module shares."""
    empty = open_workspace(tmp_path_factory.mktemp("empty") / "workspace", create=True)

    def new() -> Workspace:
        workspace = Workspace(tmp_path_factory.mktemp("new") / "workspace")
        workspace.folder.mkdir()
        shutil.copyfile(empty.database, workspace.database)
        return workspace

    return new


@pytest.fixture
def workspace(new_workspace: Callable[[], Workspace]) -> Workspace:
    """An empty workspace."""
    return new_workspace()


@pytest.fixture(scope="session")
def letter() -> Callable[..., Run]:
    """Enters a run of `read-text` by hand: see `_letter`."""
    return _letter


def _letter(
    workspace: Workspace,
    texts: Mapping[int, str],
    *,
    heights: Mapping[int, float] | None = None,
    confidence: Mapping[int, float] | None = None,
    languages: Mapping[int, str] | None = None,
) -> Run:
    """A finished run of `read-text` with these texts by cover, '' for none, line under line.

    Words lie level, each letter half as wide as it is high. heights: by cover, in shares of its longer side, else 0.1;
    confidence: else 0.9; languages: else none. The contrast of all is 0.5.
    """
    words: list[dict[str, Any]] = []
    for cover_id, text in texts.items():
        height, sure = (heights or {}).get(cover_id, 0.1), (confidence or {}).get(cover_id, 0.9)
        lines = [(line, word) for line, part in enumerate(text.splitlines()) for word in part.split()]
        for place, (line, word) in enumerate(lines):
            left, right, top, bottom = 0.05, 0.05 + len(word) * height / 2, line * height, (line + 1) * height
            box = [left, top, right, top, right, bottom, left, bottom]
            word_of = {"cover_id": cover_id, "place": place, "line": line, "word": word}
            words.append(word_of | {"confidence": sure, "contrast": 0.5, "box": box})
    said = [
        {
            "cover_id": cover_id,
            "text": text,
            "script": "Latin" if text else "",
            "language": (languages or {}).get(cover_id, ""),
        }
        for cover_id, text in texts.items()
    ]
    run = start_run(workspace, "text", name="by hand", params={}, inputs=[collection(workspace).run_id])
    tables = {"texts": pa.Table.from_pylist(said), **({"words": pa.Table.from_pylist(words)} if words else {})}
    return finish_run(workspace, run, tables=tables, results={"covers": len(texts), "words": len(words)})


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to import, with every kind of file that comes along: odd but good ones and bad ones.

    Good are 20 covers: 12 in Jazz, 7 in a genre with quotes and a tag in its name, 1 in Lonely. Silent is empty.
    Bad are 10 or 9 files in Jazz (without the name in Latin-1, where the file system refuses that) and, beside
    the genres, one image.
    """
    folder = tmp_path_factory.mktemp("zoo")
    for genre in ("Jazz/1970s", "Lonely", "Silent", 'R&B "<b>slow"'):
        (folder / genre).mkdir(parents=True)
    _add_good_covers(folder / "Jazz")
    _add_bad_files(folder / "Jazz")
    _picture(90).save(folder / "Lonely" / "only.jpg")
    for seed in range(91, 98):
        _picture(seed).save(folder / 'R&B "<b>slow"' / f"{seed}.jpg")
    _picture(99).save(folder / "homeless.jpg")
    (folder / "manifest.csv").write_text("file,genre\n")
    return folder


def _picture(seed: int, *, width: int = 120, height: int = 100) -> Image.Image:
    """A pattern of colours, coarse and fine; no two seeds look alike."""
    dice = np.random.default_rng(seed)
    coarse, fine = (Image.fromarray(dice.integers(0, 256, (n, n, 3), dtype=np.uint8)) for n in (5, 24))
    size = (width, height)
    return Image.blend(coarse.resize(size, Image.Resampling.BICUBIC), fine.resize(size, Image.Resampling.BICUBIC), 0.5)


def _add_good_covers(folder: Path) -> None:
    _picture(1).save(folder / "plain.jpg")
    _picture(2).save(folder / "really a png.jpg", "PNG")
    _picture(3).convert("CMYK").save(folder / "cmyk.jpg")
    grey = np.asarray(_picture(4).convert("L"), dtype=np.uint16) * 257
    Image.fromarray(grey).save(folder / "16-bit.png")
    palette = _picture(5).quantize(32)
    palette.save(folder / "palette.png", transparency=0)
    _picture(6).save(folder / "animated.gif", save_all=True, append_images=[_picture(7), _picture(8)])
    _picture(9).save(folder / "cover.webp")
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn by 90 degrees clockwise
    _picture(10).save(folder / "rotated.jpg", exif=exif)
    _picture(11).save(folder / 'it\'s a "quoted" name.JPEG', "JPEG")
    _picture(12).save(folder / "Ünïcode 🎷 名前.jpg")
    _picture(13).save(folder / "<script>alert(1)&.jpg")
    _picture(14).save(folder / "1970s" / "deeper.jpg")


def _add_bad_files(folder: Path) -> None:
    (folder / "empty.jpg").touch()
    whole = (folder / "plain.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "text.jpg").write_text("This is not a cover.")
    (folder / "bomb.png").write_bytes(_bomb(30_000))
    (folder / "folder.jpg").mkdir()
    (folder / "folder.jpg" / "inside.jpg").touch()
    (folder / "broken link.jpg").symlink_to("nowhere.jpg")
    os.mkfifo(folder / "pipe.jpg")
    _add_unreadable(folder / "unreadable.jpg")
    (folder / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic")
    with contextlib.suppress(OSError):
        Path(os.fsdecode(bytes(folder / "caf") + b"\xe9.jpg")).write_bytes(whole)
    for name in ("notes.txt", ".DS_Store", "._plain.jpg", "Thumbs.db"):
        (folder / name).write_text("not for us")


def _add_unreadable(path: Path) -> None:
    """A file that cannot be read: without permission; for root, who may read all, one whose reading fails."""
    if os.geteuid() == 0:
        path.symlink_to("/proc/self/mem")
    else:
        path.touch(mode=0o000)


def _bomb(side: int) -> bytes:
    """A black PNG of side x side pixels, small as a file."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(name + content)
        return len(content).to_bytes(4, "big") + name + content + checksum.to_bytes(4, "big")

    packer = zlib.compressobj(1)
    row = bytes(1 + side // 8)
    pixels = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])  # 1 bit, grey
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
