"""What speaks for a picture being no cover, pure: pixels in, shares out.

See docs/methods.md, "What is no cover".
"""

from functools import lru_cache

import numpy as np
from PIL import Image

# Pictures are looked at in this size, in pixels; radii below are of it.
SIDE = 128
ANGLES = 120
# A label's rim or a picture disc's, and its hole; the rim may run beyond the sides, where only the corners show it.
RIM, HOLE = (44, 80), (4, 26)
# Rings this wide, in pixels, on both sides of a radius are compared; it may be off by PLAY.
WIDTH, PLAY = 3, 2
# An edge is one from this difference in colour on (of 255, Euclidean in RGB), in the direction of most of its circle.
EDGE = 25.0
# Of a circle at least so many angles must lie in the picture.
SEEN = 20
# Two colours no further apart than this in each channel, of 255, are one: noise of JPEG in a flat area.
ONE = 12


def picture(image: Image.Image) -> np.ndarray:
    """A cover as it is looked at: float32 (SIDE, SIDE, 3)."""
    return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR), np.float32)


def one_color(pixels: np.ndarray) -> float:
    """Share of the pixels (h, w, 3) that are of the picture's commonest colour: 1 for a blank one."""
    flat = pixels.reshape(-1, 3)
    bins = (flat // 32).astype(int) @ np.array([64, 8, 1])
    middle = np.median(flat[bins == np.bincount(bins).argmax()], axis=0)
    return float((np.abs(flat - middle).max(axis=1) <= ONE).mean())


def disc(pixels: np.ndarray) -> float:
    """How much a picture (SIDE, SIDE, 3) looks like a disc with a hole, 0 to 1: a vinyl label, a picture disc, a CD.

    The product of how much of the clearest circle about the middle is an edge, at the radii of a rim and of a hole:
    shares of angles at which the colour changes as it does in the mean over that circle.
    """
    around, inside = _polar()
    rings = np.zeros((len(around) + 1, ANGLES, 3), np.float32)
    np.cumsum(pixels[around[..., 0], around[..., 1]], axis=0, out=rings[1:])
    radii = np.arange(WIDTH + 1, len(around) - WIDTH - 1)
    change = rings[radii + 1 + WIDTH] - rings[radii + 1] - rings[radii] + rings[radii - WIDTH]
    shares, seen = _edges(change / WIDTH, inside[radii + WIDTH])
    rim = (radii >= RIM[0]) & (radii <= RIM[1]) & (seen >= SEEN)
    hole = (radii >= HOLE[0]) & (radii <= HOLE[1])
    return float(shares[rim].max() * shares[hole].max())


def _edges(change: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of changes (radii, angles, 3) the share of angles with an edge, a radius each, and how many angles are seen."""
    from scipy.ndimage import maximum_filter1d

    seen = inside.sum(axis=1)
    mean = (change * inside[..., None]).sum(axis=1) / np.maximum(seen, 1)[:, None]
    direction = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-6)
    along = np.einsum("rac,rc->ra", change, direction)
    edge = maximum_filter1d(along, 2 * PLAY + 1, axis=0) > EDGE
    return (edge & inside).sum(axis=1) / np.maximum(seen, 1), seen


@lru_cache(maxsize=1)
def _polar() -> tuple[np.ndarray, np.ndarray]:
    """Pixels by radius and angle about the middle, (radii, angles, 2), and which lie in the picture."""
    middle = SIDE / 2 - 0.5
    angles = np.arange(ANGLES) * 2 * np.pi / ANGLES
    radii = np.arange(RIM[1] + 2 * WIDTH + 2)[:, None]
    places = np.stack([middle + radii * np.sin(angles), middle + radii * np.cos(angles)], axis=-1)
    inside = (np.abs(places - middle) <= middle).all(axis=-1)
    return np.clip(np.rint(places), 0, SIDE - 1).astype(int), np.asarray(inside)
