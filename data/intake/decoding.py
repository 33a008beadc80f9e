"""Decoding covers safely: any bytes give an upright RGB image, or an UnreadableImage that says why not.

What an image takes is known from its header, before any pixel is decoded, and is bounded twice: by LIMIT for each, and
by a budget for all threads together. Large ones are made smaller on the way, band by band: what follows is small.
"""

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from data.errors import UnreadableImage
from data.intake.budget import Budget

# Decoders for covers only. Formats that run a program (EPS, PDF) or that nobody keeps covers in stay shut.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")

# 100 megapixels are twice the scan of an LP at 600 dots an inch; decoded by most formats they take 400 MB.
PIXEL_LIMIT = 100_000_000
# Bytes that decoding may take, of one image and of all threads together.
LIMIT = 1_000_000_000
# What has more pixels is made smaller by a whole factor as it is decoded; no encoder sees a tenth of these.
ENOUGH = 16_000_000
# Pixels that are converted at a time.
BAND = 2_000_000

# Bytes a pixel that Pillow holds; 4 for every other mode, also where three would do.
_STORED = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
# Bytes a pixel that the format's own library holds beside (measured, rounded up): two canvases and a copy; planes of
# twelve bits. Of progressive JPEGs and TIFFs see `_beside`.
_BESIDE = {"WEBP": 12, "AVIF": 12}
_ORIENTATION, _TILE_WIDTH, _TILE_LENGTH, _ROWS_PER_STRIP, _BITS = 0x0112, 322, 323, 278, 258

_BUDGET = Budget(LIMIT)

# Pillow's own guard warns before it refuses, and warnings cannot be silenced for one thread alone; the size is looked
# at here instead, before any pixel is decoded.
Image.MAX_IMAGE_PIXELS = None
# Pillow takes blocks of 16 MB, which glibc keeps for each thread once they are free; of more than 32 MB it keeps none.
Image.core.set_block_size(64 * 2**20)
# What decoders remark on (odd EXIF, an animation cut short) is no one's business as long as the image can be read.
warnings.filterwarnings("ignore", module=r"PIL\.")


class Decoded(NamedTuple):
    """An upright 8-bit RGB image of at most ENOUGH pixels; the format, mode and upright (width, height) of the file."""

    image: Image.Image
    format: str
    mode: str
    size: tuple[int, int]


def decode(content: bytes, *, limit: int = LIMIT) -> Decoded:
    """Decode a cover: the first frame, upright by its EXIF, on white where transparent, as 8-bit RGB.

    limit: bytes that decoding may take. Raises UnreadableImage with a reason out of images.REASONS.
    """
    with decoded(content, limit=limit) as found:
        return found


@contextmanager
def decoded(content: bytes, *, limit: int = LIMIT) -> Iterator[Decoded]:
    """`decode`, whose bytes count as held for as long as the `with` block uses the image."""
    if not content:
        raise UnreadableImage("empty file")
    with _opened(content) as image:
        width, height = image.size
        with _BUDGET.hold(_checked(image, limit)):
            found, sideways = _read(image)
            yield Decoded(found, image.format or "", image.mode, (height, width) if sideways else (width, height))


@contextmanager
def _opened(content: bytes) -> Iterator[Any]:
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UnreadableImage("not an image") from error
    except Exception as error:  # decoders of damaged bytes raise whatever they happen to stumble over
        raise _damaged(error) from error
    with image:
        yield image


def _checked(image: Any, limit: int) -> int:
    """Bytes that decoding will take, of a JPEG at the scale that it then gets; refuses what is too large."""
    pixels, said = image.width * image.height, f"{image.width} x {image.height} pixels"
    if pixels > PIXEL_LIMIT:
        raise UnreadableImage("too large", said)
    held = _beside(image)
    _scale(image)
    held += image.width * image.height * _STORED.get(image.mode, 4) + 8 * min(pixels, ENOUGH)
    if held > limit:
        most = pixels * limit // held // 10**6
        raise UnreadableImage("too large", f"{said}, of which a {image.format} of this kind may have {most} million")
    return held


def _scale(image: Any) -> None:
    """Let the decoder make it smaller as far as it can; only that of JPEGs does."""
    factor = _factor(image)
    if factor > 1:
        image.draft(None, (math.ceil(image.width / factor), math.ceil(image.height / factor)))


def _beside(image: Any) -> int:
    """Bytes that the format's library holds."""
    pixels = image.width * image.height
    if image.format == "JPEG" and image.info.get("progressive"):  # all coefficients
        return 2 * len(image.getbands()) * pixels
    if image.format == "TIFF":
        return _beside_tiff(image, pixels)
    return _BESIDE.get(image.format, 0) * pixels


def _beside_tiff(image: Any, pixels: int) -> int:
    """A strip or a tile as it is in the file, and a copy where it has to be turned."""
    try:
        turned = 4 * pixels if image.tag_v2.get(_ORIENTATION, 1) != 1 else 0
        return turned + _block(image) * sum(image.tag_v2.get(_BITS, (1,))) // 8
    except Exception as error:  # tags may be anything
        raise _damaged(error) from error


def _block(image: Any) -> int:
    """Pixels of a TIFF that are decoded at a time."""
    tags = image.tag_v2
    if _TILE_WIDTH in tags:
        return int(tags[_TILE_WIDTH] * tags.get(_TILE_LENGTH, image.height))
    return int(image.width * min(tags.get(_ROWS_PER_STRIP, image.height), image.height))


def _factor(image: Any) -> int:
    """By which whole number an image is made smaller, so that ENOUGH pixels are left at most."""
    return math.ceil(math.sqrt(image.width * image.height / ENOUGH))


def _read(image: Any) -> tuple[Image.Image, bool]:
    """The upright RGB image, and whether it lay on its side."""
    try:
        image.load()
        orientation = _orientation(image)
        return _upright(_rgb(image), orientation), orientation >= 5
    except Exception as error:  # decoders of damaged bytes raise whatever they happen to stumble over
        raise _damaged(error) from error


def _orientation(image: Any) -> int:
    """1 to 8, by EXIF. Of a TIFF always 1 once it is loaded: Pillow has turned it."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged EXIF raises anything, and the image is good without it
        return 1
    return found if found in range(1, 9) else 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    if orientation == 1:
        return image
    image.getexif()[_ORIENTATION] = orientation
    return ImageOps.exif_transpose(image)


def _rgb(image: Image.Image) -> Image.Image:
    """As RGB of at most ENOUGH pixels, converted and made smaller (by means of squares) in bands of rows."""
    factor = _factor(image)
    rows = max(BAND // image.width // factor, 1) * factor
    white = _white(image, rows)
    result = Image.new("RGB", (math.ceil(image.width / factor), math.ceil(image.height / factor)))
    for top, band in _bands(image, rows):
        part = _band_to_rgb(band, white)
        result.paste(part.reduce(factor) if factor > 1 else part, (0, top // factor))
    return result


def _bands(image: Image.Image, rows: int) -> Iterator[tuple[int, Image.Image]]:
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _band_to_rgb(band: Image.Image, white: float | None) -> Image.Image:
    if white is not None:
        band = Image.fromarray((_grey(band) * (255 / white)).round().astype(np.uint8))
    if band.has_transparency_data:
        rgba = band.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return band.convert("RGB")


def _white(image: Image.Image, rows: int) -> float | None:
    """The white point of 16-bit, 32-bit and float grey, None of 8 bits; Pillow's own conversion would clip at 255.

    It is the mode's, for 16 bit; else the smallest usual one that no pixel exceeds.
    """
    if not image.mode.startswith(("I", "F")):
        return None
    if image.mode not in ("I", "F"):
        return 65_535.0
    greatest = max(float(_grey(band).max()) for _, band in _bands(image, rows))
    usual = [1, 255, 65_535, 2**31 - 1, 2**32 - 1, greatest][image.mode == "I" :]
    return float(next(white for white in usual if greatest <= white))


def _grey(band: Image.Image) -> np.ndarray:
    """Grey levels of a band, from 0 on; what is no number, or infinite, is 0."""
    return np.nan_to_num(np.asarray(band, dtype=np.float64), posinf=0, neginf=0).clip(min=0)


def _damaged(error: Exception) -> UnreadableImage:
    return UnreadableImage("truncated", str(error).partition("\n")[0])
