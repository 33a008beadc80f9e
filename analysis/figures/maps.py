"""The map as SVG: a point a cover, in the colour of its genre."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup, escape

from analysis.figures.axes import in_sight
from analysis.figures.svg import WIDTH, drawing

HEIGHT = 520
# Points are drawn in so many layers of mixed genres, so that no genre hides another.
LAYERS = 24
# Of more covers so many are drawn, chosen at random: an SVG of all would be too much for a page.
MOST = 20_000


def points(x: np.ndarray, y: np.ndarray, codes: np.ndarray, names: Sequence[str], colors: Sequence[str]) -> Markup:
    """Points (n,) with their genres, codes (n,) into names and colors, and a key below.

    What lies outside of what is in sight (the outermost 0.5 %) is drawn at the edge. A point is of class `genre-CODE`,
    its entry of the key carries `data-genre`, for a page that lights one up.
    """
    chosen = np.random.default_rng(42).permutation(len(x))[:MOST]
    across, down = placed(x, y, width=WIDTH, height=HEIGHT)
    size = float(np.clip(9 * (200 / max(len(chosen), 1)) ** 0.2, 2.2, 8))
    layers = [
        _path(across[rows], down[rows], code, colors[code])
        for layer in np.array_split(chosen, min(LAYERS, max(len(chosen), 1)))
        for code in np.unique(codes[layer])
        for rows in [layer[codes[layer] == code]]
    ]
    body = (
        f'<g fill="none" stroke-linecap="round" stroke-width="{size:.1f}" stroke-opacity="0.85">{"".join(layers)}</g>'
    )
    key, height = _key(names, colors)
    return drawing(body + key, width=WIDTH, height=HEIGHT + height, label="Map of the covers by genre")


def placed(x: np.ndarray, y: np.ndarray, *, width: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Places (n,) across and down a picture of this size, with one scale for both, the middle in the middle."""
    (left, right), (low, high) = in_sight(x), in_sight(y)
    scale = min(width / (right - left), height / (high - low))
    across = width / 2 + (x - (left + right) / 2) * scale
    down = height / 2 - (y - (low + high) / 2) * scale
    return np.clip(across, 4, width - 4), np.clip(down, 4, height - 4)


def _path(across: np.ndarray, down: np.ndarray, code: int, color: str) -> str:
    dots = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(across, down, strict=True))
    return f'<path class="genre-{code}" stroke="{escape(color)}" d="{dots}"/>'


def _key(names: Sequence[str], colors: Sequence[str]) -> tuple[str, float]:
    parts, x, y = [], 0.0, HEIGHT + 20.0
    for code, name in enumerate(names):
        wide = 30 + 6.8 * len(name)
        if x and x + wide > WIDTH:
            x, y = 0.0, y + 20
        parts.append(
            f'<g class="key" data-genre="{code}"><rect x="{x:g}" y="{y - 9:g}" width="9" height="9" rx="2" '
            f'fill="{escape(colors[code])}"/><text x="{x + 14:g}" y="{y:g}" fill="currentColor">{escape(name)}</text>'
            "</g>"
        )
        x += wide
    return "".join(parts), y - HEIGHT + 8
