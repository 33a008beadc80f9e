"""The palette: distinct for common and for colour-blind eyes, and the same for a genre whatever else there is."""

import numpy as np
import pytest

from analysis.figures.palette import PALETTE, genre_colors

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
VISION = {
    "common": np.eye(3),
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(colors: tuple[str, ...], vision: str) -> np.ndarray:
    """CIE L*a*b* of hex colours as seen with this vision: (n, 3)."""
    rgb = np.array([[int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)] for color in colors])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ np.array(VISION[vision]).T, 0, 1) @ TO_XYZ.T / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


def smallest_difference(colors: tuple[str, ...], vision: str) -> float:
    """Smallest CIE 1976 difference between any two colours."""
    points = lab(colors, vision)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    return float(distances[np.triu_indices(len(colors), 1)].min())


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("count", "least"), [(5, 15), (8, 12), (20, 9)])
def test_colors_differ_for_every_eye(vision: str, count: int, least: float) -> None:
    # A difference of 2.3 is just noticeable side by side; 9 is told apart at a glance.
    assert smallest_difference(PALETTE[:count], vision) > least


def test_colors_show_on_white_and_on_near_black() -> None:
    lightness = lab(PALETTE, "common")[:, 0]
    assert lightness.min() > 30
    assert lightness.max() < 88


def test_twenty_distinct_colors_by_alphabet() -> None:
    assert len(set(PALETTE)) == 20
    names = ["Rock", "Blues", "Pop"]
    assert genre_colors(names) == genre_colors(sorted(names))
    assert list(genre_colors(names)) == ["Blues", "Pop", "Rock"]
    assert len(genre_colors([f"genre {i:02d}" for i in range(45)])) == 45
