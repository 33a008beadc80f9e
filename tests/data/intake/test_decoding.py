"""What decoding takes is known beforehand, bounded for one image and for all threads, and nothing large comes out."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.errors import UnreadableImage
from data.intake import decoding
from data.intake.decoding import decode


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def ramps(width: int, height: int) -> Image.Image:
    """Red grows to the right, green downwards."""
    right, down = (np.linspace(0, 255, n).astype(np.uint8) for n in (width, height))
    bands = np.broadcast_arrays(right[None, :], down[:, None], np.uint8(90))
    return Image.fromarray(np.dstack(bands))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_large_covers_come_smaller_and_say_their_own_size(
    monkeypatch: pytest.MonkeyPatch, kind: str, orientation: int
) -> None:
    monkeypatch.setattr(decoding, "ENOUGH", 12_000)
    monkeypatch.setattr(decoding, "BAND", 2_000)
    tag = {"tiffinfo": {0x0112: orientation}} if kind == "TIFF" else {"exif": Image.Exif()}
    if kind != "TIFF":
        tag["exif"][0x0112] = orientation
    found = decode(encoded(ramps(501, 335), kind, **tag))
    assert found.size == ((501, 335) if orientation == 1 else (335, 501))
    assert found.image.width * found.image.height <= 12_000
    pixels = np.asarray(found.image, dtype=float)
    expected = np.asarray(ramps(501, 335).rotate(0 if orientation == 1 else -90, expand=True).resize(found.image.size))
    assert np.abs(pixels - expected).mean() < 3
    assert found.size[0] / found.size[1] == pytest.approx(found.image.width / found.image.height, rel=0.03)


def test_bands_make_what_the_whole_would(monkeypatch: pytest.MonkeyPatch) -> None:
    grey = np.random.default_rng(1).integers(0, 65_536, (90, 70)).astype(np.uint16)
    clear = ramps(70, 90)
    clear.putalpha(clear.getchannel(0))
    contents = [encoded(Image.fromarray(grey), "PNG"), encoded(clear, "PNG"), encoded(clear.quantize(16), "PNG")]
    whole = [decode(content).image.tobytes() for content in contents]
    monkeypatch.setattr(decoding, "BAND", 500)
    assert [decode(content).image.tobytes() for content in contents] == whole


@pytest.mark.parametrize("kind", ["WEBP", "TIFF", "PNG"])
def test_too_many_bytes_are_refused_with_what_would_be_allowed(kind: str) -> None:
    content = encoded(ramps(1_000, 800), kind)
    assert decode(content, limit=20_000_000).size == (1_000, 800)
    with pytest.raises(UnreadableImage, match=f"1000 x 800 pixels, of which a {kind} of this kind may have 0 million"):
        decode(content, limit=2_000_000)


KINDS = {
    "progressive JPEG": ("JPEG", {"progressive": True, "subsampling": 0}),
    "JPEG": ("JPEG", {}),
    "PNG": ("PNG", {"compress_level": 1}),
    "WEBP": ("WEBP", {"method": 0}),
    "TIFF": ("TIFF", {"compression": "tiff_deflate", "tiffinfo": {278: 5_000}}),
    "turned TIFF": ("TIFF", {"tiffinfo": {0x0112: 6}}),
}

MEASURE = """
import re, sys, threading
from pathlib import Path
from data.intake import decoding
from data.intake.budget import Budget

def status(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1)) * 1024

content, threads, budget = Path(sys.argv[1]).read_bytes(), int(sys.argv[2]), int(sys.argv[3])
decoding._BUDGET = Budget(budget)
with decoding._opened(content) as image:
    held = decoding._checked(image, decoding.LIMIT)
decoding.decode(Path(sys.argv[4]).read_bytes())
before = status("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
workers = [threading.Thread(target=decoding.decode, args=[content]) for _ in range(threads)]
[worker.start() for worker in workers]
[worker.join() for worker in workers]
print(held, status("VmHWM") - before)
"""


def measured(folder: Path, content: bytes, *, threads: int = 1, budget: int = decoding.LIMIT) -> tuple[int, int]:
    """Bytes that decoding is said to take, and those by which the memory of a process of its own grew."""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("peaks of memory are read from Linux's /proc")
    (folder / "image").write_bytes(content)
    (folder / "small").write_bytes(encoded(ramps(60, 50), "PNG"))
    command = [sys.executable, "-c", MEASURE, folder / "image", str(threads), str(budget), folder / "small"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    held, grown = map(int, said.split())
    return held, grown


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_no_format_takes_more_than_is_said(tmp_path: Path, name: str) -> None:
    kind, options = KINDS[name]
    held, grown = measured(tmp_path, encoded(ramps(3_000, 2_500), kind, **options))
    assert held / 4 < grown < held + 25_000_000


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "dtype"), [("PNG", np.uint16), ("TIFF", np.float32)])
def test_deep_grey_is_never_a_whole_image_of_floats(tmp_path: Path, kind: str, dtype: type) -> None:
    options = {"compression": "tiff_deflate"} if kind == "TIFF" else {"compress_level": 1}
    _, grown = measured(tmp_path, encoded(Image.fromarray(np.zeros((3_000, 3_000), dtype)), kind, **options))
    assert grown < 3_000 * 3_000 * 18, "three arrays of float64 took 24 bytes a pixel and more"


@pytest.mark.slow
def test_the_peak_does_not_grow_with_the_threads(tmp_path: Path) -> None:
    content = encoded(Image.new("RGB", (4_500, 4_500)), "PNG", compress_level=1)
    held, grown = measured(tmp_path, content, threads=8, budget=250_000_000)
    assert held > 200_000_000, "one at a time"
    assert grown < 500_000_000
