"""Reading covers: files and what is made of them; `decoding` makes images of bytes."""

import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from data.errors import UnreadableImage
from data.intake.budget import Budget
from data.intake.decoding import FORMATS, PIXEL_LIMIT, decode
from data.store.disk.whole import whole
from data.store.workspace import Workspace

# A file larger than this is no cover, and is not even read.
FILE_LIMIT = 300_000_000
_FILES = Budget(FILE_LIMIT)

# What to do where many covers are gone.
MOVED = "if the covers have moved, 'genrescope relocate FOLDER' finds them again"

# Every reason a cover can be left out for, and what its owner can do about it.
REASONS = {
    "empty file": "get the file again",
    "truncated": "the file ends too early or is damaged: get it again",
    "not an image": f"what is inside is none of {', '.join(FORMATS)}: convert it",
    "too large": f"make it smaller than {PIXEL_LIMIT // 10**6} megapixels",
    "unreadable": "the system refuses to read it: mend its permissions",
    "missing": f"no such file: mend its path in the table; {MOVED}",
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
    except ValueError as error:  # a path that no system knows, with a null or half a character in it
        raise UnreadableImage("missing", str(error)) from error


@contextmanager
def held_file(path: str | Path) -> Iterator[bytes]:
    """`read_file`, whose bytes count as held for the `with` block: all threads together hold FILE_LIMIT at most."""
    with _FILES.hold(os.path.getsize(path) if os.path.isfile(path) else 0):
        yield read_file(path)


def read_image(content: bytes) -> Image.Image:
    """The bytes of a cover as an upright 8-bit RGB image. Raises UnreadableImage."""
    return decode(content).image


def load_cover(path: str | Path, sha256: str | None = None) -> Image.Image:
    """A cover's file as an upright 8-bit RGB image. Raises UnreadableImage.

    With `sha256`, also when the file is no longer the one that was imported.
    """
    try:
        with held_file(path) as content:
            if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
                raise UnreadableImage("changed since import")
            return read_image(content)
    except UnreadableImage as error:
        if sha256 is None or error.reason != "missing":
            raise
        raise UnreadableImage("missing", f"{path}; {MOVED}") from error


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


def thumbnail_of(image: Image.Image) -> bytes:
    """A cover's thumbnail: WebP, longest side THUMBNAIL_SIDE pixels."""
    small, content = image.copy(), io.BytesIO()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    small.save(content, "WEBP", quality=82, method=2)
    return content.getvalue()


def write_thumbnail(workspace: Workspace, sha256: str, image: Image.Image) -> Path:
    """Write a cover's thumbnail unless it is there; never half of one."""
    target = workspace.thumbnail(sha256)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole(target) as part:
        part.write_bytes(thumbnail_of(image))
    return target


def _reason(path: str | Path, error: OSError) -> str:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        return "broken link" if os.path.islink(path) else "missing"
    return "unreadable"
