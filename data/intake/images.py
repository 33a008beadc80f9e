"""Reading covers safely: any bytes give an upright RGB image, or an UnreadableImage that says why not."""

import errno
import hashlib
import io
import os
import stat
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from data.errors import UnreadableImage
from data.store.whole import whole
from data.store.workspace import Workspace

# Decoders for covers only. Formats that run a program (EPS, PDF) or that nobody keeps covers in stay shut.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")

# 100 megapixels are ten times the largest scans of an LP; their RGB takes 300 MB. Refused from the header.
PIXEL_LIMIT = 100_000_000
# A file larger than this is no cover, and is not even read.
FILE_LIMIT = 300_000_000

# Every reason a cover can be left out for, and what its owner can do about it.
REASONS = {
    "empty file": "get the file again",
    "truncated": "the file ends too early or is damaged: get it again",
    "not an image": f"what is inside is none of {', '.join(FORMATS)}: convert it",
    "too large": f"make it smaller than {PIXEL_LIMIT // 10**6} megapixels",
    "unreadable": "the system refuses to read it: mend its permissions",
    "missing": "no such file: mend its path in the table",
    "broken link": "the link leads nowhere: mend it",
    "is a directory": "rename the folder, or move what is inside",
    "not a file": "a pipe, socket or device: remove it",
    "name is not UTF-8": "rename the file",
    "changed since import": "restore the file; or import it under another name",
    "no genre": "put it into the folder of a genre, or fill in its genre in the table",
}

THUMBNAIL_SIDE = 256

# Covers flatter than this have no perceptual hash: their 256 bits would be compression noise. In grey levels (0..255),
# standard deviation over the 64 x 64 image that the hash is made from. On 5,000 real covers only one plain olive square
# is below; the flattest others (2.4: red lettering in relief on red) keep their hash within 18 bits at JPEG quality 50.
FLAT = 2.0

# Pillow's own guard warns before it refuses, and warnings cannot be silenced for one thread alone; decode() checks
# the size itself instead, before any pixel is decoded.
Image.MAX_IMAGE_PIXELS = None
# What decoders remark on (odd EXIF, an animation cut short) is no one's business as long as the image can be read.
warnings.filterwarnings("ignore", module=r"PIL\.")


class Decoded(NamedTuple):
    """An upright 8-bit RGB image, with the format and mode that its bytes had."""

    image: Image.Image
    format: str
    mode: str


def read_file(path: str | Path) -> bytes:
    """The bytes of a regular file; never waits on a pipe. Raises UnreadableImage."""
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise UnreadableImage("is a directory")
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableImage("not a file")
        if found.st_size > FILE_LIMIT:
            raise UnreadableImage("too large", f"{found.st_size / 1e6:.0f} MB")
        return Path(path).read_bytes()
    except OSError as error:
        raise UnreadableImage(_reason(path, error), error.strerror or str(error)) from error


def decode(content: bytes) -> Decoded:
    """Decode a cover: the first frame, upright by its EXIF, on white where transparent, as 8-bit RGB.

    Raises UnreadableImage with a reason out of REASONS.
    """
    if not content:
        raise UnreadableImage("empty file")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            width, height = opened.size
            if width * height > PIXEL_LIMIT:
                raise UnreadableImage("too large", f"{width} x {height} pixels")
            opened.load()
            return Decoded(_to_rgb(_upright(opened)), opened.format or "", opened.mode)
    except UnreadableImage:
        raise
    except UnidentifiedImageError as error:
        raise UnreadableImage("not an image") from error
    except Exception as error:  # decoders of damaged bytes raise whatever they happen to stumble over
        raise UnreadableImage("truncated", str(error).partition("\n")[0]) from error


def read_image(content: bytes) -> Image.Image:
    """The bytes of a cover as an upright 8-bit RGB image. Raises UnreadableImage."""
    return decode(content).image


def load_cover(path: str | Path, sha256: str | None = None) -> Image.Image:
    """A cover's file as an upright 8-bit RGB image. Raises UnreadableImage.

    With `sha256`, also when the file is no longer the one that was imported.
    """
    content = read_file(path)
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise UnreadableImage("changed since import")
    return read_image(content)


def perceptual_hash(image: Image.Image) -> str | None:
    """256-bit perceptual hash in hex (imagehash's phash of 16 x 16), None for an image flatter than FLAT.

    Each bit says whether one of the 256 lowest frequencies of the cosine transform of the 64 x 64 grey image is
    above their median: it survives scaling and compression, and tells nothing about colour.
    """
    import imagehash

    small = image.convert("L").resize((64, 64), Image.Resampling.LANCZOS)
    if np.asarray(small).std() < FLAT:
        return None
    return str(imagehash.phash(small, hash_size=16))


def write_thumbnail(workspace: Workspace, sha256: str, image: Image.Image) -> Path:
    """Write a cover's thumbnail (WebP, longest side THUMBNAIL_SIDE pixels) unless it is there; never half of one."""
    target = workspace.thumbnail(sha256)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    with whole(target) as part:
        small.save(part, "WEBP", quality=82, method=2)
    return target


def _reason(path: str | Path, error: OSError) -> str:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        return "broken link" if os.path.islink(path) else "missing"
    return "unreadable"


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - damaged EXIF raises anything, and the image is good without it
        return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        image = _to_8_bit(image)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and float grey to 0..255; Pillow's own conversion would clip at 255.

    The white point is the mode's, for 16 bit; else the smallest usual one that no pixel exceeds.
    """
    grey = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0, neginf=0).clip(min=0)
    usual = [1, 255, 65_535, 2**31 - 1, 2**32 - 1, grey.max()]
    whites = {"I": usual[1:], "F": usual}.get(image.mode, [65_535])
    white = next(white for white in whites if grey.max() <= white)
    return Image.fromarray((grey * (255 / white)).round().astype(np.uint8))
