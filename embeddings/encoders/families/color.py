"""`color`: palette and layout of a cover, and nothing else; the control for "is it only colour?"."""

from pathlib import Path

import numpy as np
from PIL import Image

from data.errors import GenrescopeError
from embeddings.encoders.encoder import Encoder

SIDE = 64  # pixels; a cover is averaged down to SIDE x SIDE first
LEVELS, TINTS = 5, 7  # of lightness, and of a* and b* each; odd, so that grey has a centre of its own
RANGE = 64.0  # a* and b* beyond +-RANGE count as RANGE: few printed colours lie there
GRID = 4
DIMENSION = LEVELS * TINTS * TINTS + GRID * GRID * 3

# sRGB to CIE XYZ relative to white D65, and the constants of CIE L*a*b* (IEC 61966-2-1; CIE 15:2004).
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32)
_TO_RELATIVE_XYZ = (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)).T
_EPSILON, _KAPPA = 216 / 24389, 24389 / 27


def make(name: str, *, weights: Path | None = None, preprocessing: str = "whole") -> Encoder:
    """The `color` encoder, 293 numbers of length 1 together; needs neither weights nor torch.

    Palette, 245 numbers: the histogram of the cover's colours in CIE L*a*b* over 5 x 7 x 7 centres, each pixel
    shared among the eight nearest (so a shade more or less changes little), square-rooted, so that the cosine of
    two palettes is their Bhattacharyya coefficient (Hellinger kernel). Layout, 48 numbers: mean L* - 50, a* and
    b* of the 4 x 4 fields of the cover, divided by 200: a cover in plain black or white has a layout of length 1,
    as every palette has. The idea is that of MPEG-7's Scalable Color and Color Layout descriptors (ISO/IEC 15938-3).
    """
    if weights is not None:
        raise GenrescopeError(f"{name} has no weights: leave out --weights {name}=...")
    params = {"descriptor": "lab-palette-layout", "version": 1, "dimension": DIMENSION, "preprocessing": preprocessing}
    return Encoder(name=name, dimension=DIMENSION, params=params, prepare=prepare, encode=encode)


def prepare(image: Image.Image) -> np.ndarray:
    """The whole cover averaged down to (SIDE, SIDE, 3) uint8."""
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX))


def encode(batch: np.ndarray) -> np.ndarray:
    """Vectors (n, DIMENSION) float32 of length 1, of covers (n, SIDE, SIDE, 3) uint8."""
    lab = to_lab(batch)
    vectors = np.concatenate([np.sqrt(palette(lab)), layout(lab)], axis=1)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (float32, white D65) of sRGB in uint8; the last axis holds the channels."""
    linear = _LINEAR[rgb]
    relative = linear @ _TO_RELATIVE_XYZ
    f = np.where(relative > _EPSILON, np.cbrt(relative), (_KAPPA * relative + 16) / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def palette(lab: np.ndarray) -> np.ndarray:
    """Shares (n, 245) of the colours, by trilinear interpolation between the centres; each row sums to 1."""
    covers = len(lab)
    pixels = lab.reshape(-1, 3)
    scale = np.array([(LEVELS - 1) / 100, (TINTS - 1) / (2 * RANGE), (TINTS - 1) / (2 * RANGE)], np.float32)
    last = np.array([LEVELS - 1, TINTS - 1, TINTS - 1])
    position = ((pixels + np.array([0, RANGE, RANGE], np.float32)) * scale).clip(0, last)
    below = np.minimum(position.astype(np.int64), last - 1)
    above_share = position - below
    cover = np.repeat(np.arange(covers), len(pixels) // covers)
    counts = np.zeros(covers * LEVELS * TINTS * TINTS)
    for corner in np.ndindex(2, 2, 2):
        share = np.where(corner, above_share, 1 - above_share).prod(axis=1)
        level, a, b = (below + corner).T
        counts += np.bincount(((cover * LEVELS + level) * TINTS + a) * TINTS + b, share, minlength=len(counts))
    return (counts / (len(pixels) // covers)).reshape(covers, -1).astype(np.float32)


def layout(lab: np.ndarray) -> np.ndarray:
    """Mean colours (n, 48) of the 4 x 4 fields, grey at the origin, at most of length 1 for covers without colour."""
    field = SIDE // GRID
    means = lab.reshape(len(lab), GRID, field, GRID, field, 3).mean(axis=(2, 4))
    return ((means - np.array([50, 0, 0], np.float32)) / (50 * GRID)).reshape(len(lab), -1)


def _linear_light() -> np.ndarray:
    level = np.arange(256) / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR = _linear_light()
