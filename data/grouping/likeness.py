"""Likeness: do two covers show one picture? Looked at pixel by pixel, where their hashes leave it open.

See docs/methods.md.
"""

import numpy as np
from PIL import Image

# Pixels of the squares that are compared, and of their halves on which they are laid over each other.
SIDE, HALF = 128, 64
# How much larger the second picture may have to be drawn to lie on the first: scans are cropped, photos have a rim.
SCALES = np.round(np.geomspace(1 / 1.16, 1.16, 11), 4)
# How far it may then have to be moved, in pixels of HALF: an eighth of the side.
REACH = 8
# The detail is compared in blocks of so many pixels of SIDE, which may move so far further, all of them like one sheet.
BLOCK, PLAY = 16, 4
# Blocks with less contrast than this (standard deviation in grey levels) hold compression noise: they count little.
NOISE = 3.0
# Blocks with more contrast than this count no more for it: else one black letter outweighs a face.
PLENTY = 12.0
# The likeness is what all but this share of the detail reaches: so much may be hidden by stickers, seals and glare.
HIDDEN = 1 / 3
# From this likeness on it is one picture. Seen pair by pair on 4,702 distinct real covers: of 349 pairs that differ in
# 18 to 64 bits and show one picture it finds 91 % (18 to 30 bits: 97 %, 32 to 48: 96 %, 50 to 64: 78 %), and none of
# the different ones (1 there, 25 at 66 to 80 bits; the likest, labels of one series, reach 0.59). What it misses is
# hidden by wide rims, glare or another colouring. Of 325 pairs of drawn covers of one house style, the same art under
# other titles, it takes 23 for one picture; with 0.6 it would be 37 (and 93 % of the real ones).
SAME = 0.7
# Pixels of the squares on which colours are compared, and the contrast (in levels) below which a picture has none.
COARSE, COLORLESS = 32, 4.0


def picture(image: Image.Image) -> np.ndarray:
    """What `likeness` looks at of an image: luma and two chromas, uint8 (SIDE, SIDE, 3), whatever its proportions."""
    return np.asarray(image.convert("YCbCr").resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """How alike two pictures are, from 0 to 1; blind to exposure, tint, small crops and stickers.

    one, other: of `picture`. The other is scaled and moved to where the detail of both correlates best (normalised
    cross-correlation: Lewis 1995, Fast Normalized Cross-Correlation), then compared block by block: of the blocks'
    correlations, weighted by contrast, the quantile HIDDEN counts. A house style shares its layout and shapes, but
    not the lettering, the places of the shapes, or the colours: these must correlate, too, and the smallest counts.
    Covers of (nearly) one colour have no detail, and likeness 0: nothing says that they are one picture.
    """
    luma, other_luma = one[..., 0].astype(np.float32), other[..., 0].astype(np.float32)
    move = alignment(luma, other_luma)
    found, weights = _matches(luma, moved(other_luma, *move), _inside(*move))
    if not weights.sum():
        return 0.0
    order = np.argsort(found)
    reached = np.cumsum(weights[order])
    detail = found[order][np.searchsorted(reached, HIDDEN * reached[-1])]
    return float(np.clip(min(detail, _colors(one, other, move)), 0, 1))


def alignment(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """Scale, and move down and right in pixels of SIDE, that lay the other luma (SIDE, SIDE) best on the first."""
    from scipy import fft

    still, moving = (_detail(luma.reshape(HALF, 2, HALF, 2).mean(axis=(1, 3))) for luma in (one, other))
    window = np.sqrt(np.outer(np.hanning(HALF + 2), np.hanning(HALF + 2))[1:-1, 1:-1]).astype(np.float32)
    scaled = np.stack([moved(moving, scale, 0, 0) for scale in SCALES]) * window
    scaled /= np.linalg.norm(scaled, axis=(1, 2), keepdims=True) + 1e-6
    products = fft.irfft2(fft.rfft2(still * window) * np.conj(fft.rfft2(scaled)), s=(HALF, HALF))
    near = np.roll(products, (REACH, REACH), axis=(1, 2))[:, : 2 * REACH + 1, : 2 * REACH + 1]
    scale, down, right = np.unravel_index(np.argmax(near), near.shape)
    return float(SCALES[scale]), 2.0 * float(down - REACH), 2.0 * float(right - REACH)


def moved(luma: np.ndarray, scale: float, down: float, right: float) -> np.ndarray:
    """A square scaled about its middle, then moved: float32 of the same shape, its rim drawn out where it ends."""
    middle = (len(luma) - 1) / 2
    offset = [middle - (middle + move) / scale for move in (down, right)]
    from scipy import ndimage

    return ndimage.affine_transform(luma, [1 / scale, 1 / scale], offset=offset, order=1, mode="nearest")


def _matches(one: np.ndarray, other: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correlation of each block of detail, float32 (b,), and its weight."""
    first, second = _detail(one), _detail(other)
    blocks, padded = _blocks(first), np.pad(second, PLAY)
    power = _means(blocks, blocks)
    found = np.empty((2 * PLAY + 1, 2 * PLAY + 1, *power.shape), np.float32)
    for down, right in np.ndindex(found.shape[:2]):
        there = _blocks(padded[down : down + SIDE, right : right + SIDE])
        both = (power + NOISE**2) * (_means(there, there) + NOISE**2)
        found[down, right] = _means(blocks, there) / np.sqrt(both)
    contrast = np.sqrt(np.maximum(power, _means(_blocks(second), _blocks(second))))
    weights = (np.minimum(contrast, PLENTY) * inside).ravel()
    return _as_one_sheet(found, weights)[weights > 0], weights[weights > 0]


def _as_one_sheet(found: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Correlation of each block, float32 (b,), where all blocks move together, as one sheet of paper does.

    found: (down, right, rows, columns) of blocks. The sheet is an affine map, fitted to each block's own best move by
    least squares, again with less weight for those that do not follow (Cauchy's); a block's best move within a pixel
    of the sheet's counts. So shapes that two covers share, but not in the same places, are no match.
    """
    side, rows, columns = found.shape[1:]
    own, everyone = found.reshape(-1, rows * columns), np.arange(rows * columns)
    peak = own.argmax(axis=0)
    moves = np.stack(np.divmod(peak, side), axis=1) - float(PLAY)
    places = np.insert(np.indices((rows, columns)).reshape(2, -1).T / rows - 0.5, 0, 1.0, axis=1)
    trust = weights * own[peak, everyone].clip(0, 1) ** 2
    follows = np.ones(rows * columns)
    for _ in range(5):
        weighted = places * (trust * follows)[:, None]
        sheet = np.linalg.solve(weighted.T @ places + np.diag([0.01, 1.0, 1.0]), weighted.T @ moves)
        follows = 1 / (1 + ((moves - places @ sheet) ** 2).sum(axis=1))
    at = np.clip(np.rint(places @ sheet).astype(int) + PLAY, 1, 2 * PLAY - 1)
    steps = np.mgrid[-1:2, -1:2].reshape(2, -1, 1)
    return own[(at[:, 0] + steps[0]) * side + at[:, 1] + steps[1], everyone].max(axis=0)


def _colors(one: np.ndarray, other: np.ndarray, move: tuple[float, float, float]) -> float:
    """How light and colours correlate over the picture, the lesser of both, from 0 (opposite) to 1; 1 without any."""
    size = SIDE // COARSE
    scale, *way = move
    small = [a.reshape(COARSE, size, COARSE, size, 3).mean(axis=(1, 3), dtype=np.float32) for a in (one, other)]
    laid = np.stack([moved(small[1][..., band], scale, *(step / size for step in way)) for band in range(3)], axis=2)
    inside = _overlap(np.arange(COARSE), np.arange(COARSE), COARSE, scale, *(step / size for step in way))
    first, second = (bands[inside] - bands[inside].mean(axis=0) for bands in (small[0], laid))
    return min(_agreement(first[:, :1], second[:, :1]), _agreement(first[:, 1:], second[:, 1:]))


def _agreement(one: np.ndarray, other: np.ndarray) -> float:
    spread = [float(np.sqrt((bands**2).sum(axis=1).mean())) for bands in (one, other)]
    if min(spread) < COLORLESS:
        return 1.0
    return (1 + float((one * other).sum(axis=1).mean()) / (spread[0] * spread[1])) / 2


def _inside(scale: float, down: float, right: float) -> np.ndarray:
    """Which blocks of the first picture lie wholly on the other, but for PLAY: bool (rows, columns)."""
    starts = np.arange(0, SIDE, BLOCK)
    return _overlap(starts + PLAY, starts + BLOCK - 1 - PLAY, SIDE, scale, down, right)


def _overlap(first: np.ndarray, last: np.ndarray, side: int, scale: float, down: float, right: float) -> np.ndarray:
    """Which intervals, of rows and columns, are covered by a square of this side that was scaled and moved."""
    middle = (side - 1) / 2
    rows, columns = (
        (first >= middle + move - middle * scale) & (last <= middle + move + middle * scale) for move in (down, right)
    )
    return rows[:, None] & columns


def _blocks(luma: np.ndarray) -> np.ndarray:
    return luma.reshape(SIDE // BLOCK, BLOCK, SIDE // BLOCK, BLOCK)


def _means(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Mean product of the pixels of each block."""
    return np.einsum("ibjc,ibjc->ij", one, other) / BLOCK**2


def _detail(luma: np.ndarray) -> np.ndarray:
    """What is finer than some eight pixels, without the grain."""
    from scipy import ndimage

    return ndimage.gaussian_filter(luma, 0.7) - ndimage.gaussian_filter(luma, 4.0)
