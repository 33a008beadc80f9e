"""Any file gives an upright RGB image or a reason; nothing blocks, nothing is clipped, no bomb is decoded."""

import hashlib
import io
import random
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from data.errors import UnreadableImage
from data.grouping.pairs import DOUBTFUL, SURE
from data.intake.decoding import PIXEL_LIMIT, decode
from data.intake.images import REASONS, load_cover, perceptual_hash, read_file, write_thumbnail
from data.store.workspace import Workspace

BAD = {
    "empty.jpg": "empty file",
    "truncated.jpg": "truncated",
    "text.jpg": "not an image",
    "photo.heic": "not an image",
    "bomb.png": "too large",
    "folder.jpg": "is a directory",
    "broken link.jpg": "broken link",
    "pipe.jpg": "not a file",
    "unreadable.jpg": "unreadable",
    "never there.jpg": "missing",
    "plain.jpg/inside.jpg": "missing",
}

GOOD = {
    "plain.jpg": ("JPEG", "RGB", (120, 100)),
    "really a png.jpg": ("PNG", "RGB", (120, 100)),
    "cmyk.jpg": ("JPEG", "CMYK", (120, 100)),
    "16-bit.png": ("PNG", "I;16", (120, 100)),
    "palette.png": ("PNG", "P", (120, 100)),
    "animated.gif": ("GIF", "P", (120, 100)),
    "cover.webp": ("WEBP", "RGB", (120, 100)),
    "rotated.jpg": ("JPEG", "RGB", (100, 120)),
}


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pattern(width: int = 64, height: int = 64) -> Image.Image:
    """Four flat quarters: red, green, blue, yellow."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("green", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    image.paste("yellow", (width // 2, height // 2, width, height))
    return image


@pytest.mark.parametrize(("name", "reason"), BAD.items())
def test_bad_files_say_why(zoo: Path, name: str, reason: str) -> None:
    with pytest.raises(UnreadableImage) as caught:
        load_cover(zoo / "Jazz" / name)
    assert caught.value.reason == reason
    assert reason in REASONS
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "facts"), GOOD.items())
def test_odd_files_are_read(zoo: Path, name: str, facts: tuple[str, str, tuple[int, int]]) -> None:
    image, kind, mode, _ = decode((zoo / "Jazz" / name).read_bytes())
    assert (kind, mode, image.size) == facts
    assert image.mode == "RGB"


def test_a_bomb_is_refused_from_its_header(zoo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (zoo / "Jazz" / "bomb.png").read_bytes()
    assert len(content) < 1_000_000
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("its pixels were unpacked"))
    with pytest.raises(UnreadableImage, match="30000 x 30000"):
        decode(content)


def test_large_covers_below_the_limit_are_read_without_a_warning() -> None:
    side = int(PIXEL_LIMIT**0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode(encoded(Image.new("1", (side, side)))).size == (side, side)
    with pytest.raises(UnreadableImage, match="too large"):
        decode(encoded(Image.new("1", (side + 1, side))))


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = np.arange(256, dtype=np.uint16).repeat(4).reshape(16, 64)
    expected = ramp.astype(np.uint8)
    for image in (Image.fromarray(ramp * 257), Image.fromarray((ramp * 257).astype(np.int32))):
        read = np.asarray(decode(encoded(image, "TIFF")).image)
        assert (read == expected[..., None]).all()


@pytest.mark.parametrize("white", [1.0, 255.0])
def test_float_grey_is_scaled_by_its_usual_white(white: float) -> None:
    ramp = np.linspace(0, white, 256, dtype=np.float32).reshape(16, 16)
    ramp[0, 0] = np.nan
    read = np.asarray(decode(encoded(Image.fromarray(ramp), "TIFF")).image)[..., 0]
    assert np.abs(read - np.arange(256).reshape(16, 16)).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = pattern().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 32, 32))
    saved = encoded(image.convert(mode) if mode != "P" else image.quantize(8), "PNG" if mode != "PA" else "TIFF")
    read = decode(saved).image
    assert read.getpixel((10, 10)) == (255, 255, 255)
    assert read.getpixel((50, 50)) != (255, 255, 255)


def test_cmyk_keeps_its_colours() -> None:
    read = np.asarray(decode(encoded(pattern().convert("CMYK"), "JPEG", quality=95)).image, dtype=int)
    assert np.abs(read - np.asarray(pattern(), dtype=int)).mean() < 8


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_image_upright(orientation: int) -> None:
    """Against the definition: the stored row 0 and column 0 are which sides of the picture."""
    upright = pattern(64, 48)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    read = decode(encoded(stored, "PNG", exif=exif)).image
    assert np.array_equal(np.asarray(read), np.asarray(upright))


def test_an_animation_is_its_first_frame() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode(content).image.getpixel((4, 4)) == (255, 0, 0)


def test_formats_that_run_programs_are_refused() -> None:
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"
    with pytest.raises(UnreadableImage, match="not an image"):
        decode(postscript)
    with pytest.raises(UnreadableImage, match="not an image"):
        decode(encoded(pattern(), "TGA"))


@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")  # as data.intake.images does outside of pytest
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_damaged_bytes_never_raise_anything_else(kind: str) -> None:
    dice = random.Random(7)
    content = encoded(pattern(), kind)
    reasons = set()
    for _ in range(150):
        damaged = bytearray(content[: dice.randrange(1, len(content) + 1)])
        for _ in range(dice.randrange(8)):
            damaged[dice.randrange(min(len(damaged), 200))] = dice.randrange(256)
        try:
            assert decode(bytes(damaged)).image.mode == "RGB"
        except UnreadableImage as error:
            reasons.add(error.reason)
    assert reasons
    assert reasons <= REASONS.keys()


def test_a_changed_cover_is_not_the_imported_one(tmp_path: Path) -> None:
    path = tmp_path / "cover.png"
    path.write_bytes(encoded(pattern()))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert load_cover(path, sha256).size == (64, 64)
    path.write_bytes(encoded(pattern(32, 32)))
    with pytest.raises(UnreadableImage, match="changed since import"):
        load_cover(path, sha256)


def test_perceptual_hash_survives_saving_again_and_tells_pictures_apart(zoo: Path) -> None:
    image, other = (load_cover(zoo / "Jazz" / name) for name in ("plain.jpg", "cover.webp"))
    again = decode(encoded(image.resize((90, 75)), "JPEG", quality=60)).image

    def bits(picture: Image.Image) -> int:
        return int(perceptual_hash(picture) or "", 16)

    assert len(perceptual_hash(image) or "") == 64
    assert (bits(image) ^ bits(again)).bit_count() <= SURE
    assert (bits(image) ^ bits(other)).bit_count() > DOUBTFUL


def test_flat_images_have_no_perceptual_hash() -> None:
    noise = np.random.default_rng(1).integers(126, 129, (300, 300, 3), dtype=np.uint8)
    assert perceptual_hash(Image.new("RGB", (300, 300), "olive")) is None
    assert perceptual_hash(Image.fromarray(noise)) is None


def test_thumbnails_are_small_webp_written_once(workspace: Workspace) -> None:
    path = write_thumbnail(workspace, "ab" * 32, pattern(1000, 500))
    assert path == workspace.thumbnail("ab" * 32)
    with Image.open(path) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (256, 128))
    written = path.stat().st_mtime_ns
    write_thumbnail(workspace, "ab" * 32, pattern(10, 10))
    assert path.stat().st_mtime_ns == written
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_files_too_large_to_be_covers_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    with path.open("wb") as file:
        file.truncate(2 * 10**9)
    with pytest.raises(UnreadableImage, match="too large: 2000 MB"):
        read_file(path)
