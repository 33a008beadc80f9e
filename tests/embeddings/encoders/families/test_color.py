"""`color` against colours computed by hand, and planted palettes."""

import numpy as np
import pytest
from PIL import Image

from embeddings.encoders.encoder import embed_image
from embeddings.encoders.families.color import DIMENSION, LEVELS, TINTS, encode, layout, make, palette, prepare, to_lab


def flat(*color: int) -> np.ndarray:
    return np.full((1, 64, 64, 3), color, np.uint8)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [  # from Bruce Lindbloom's CIE colour calculator, sRGB and D65
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.74, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((119, 119, 119), (50.03, 0, 0)),
    ],
)
def test_lab_is_that_of_the_standard(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    np.testing.assert_allclose(to_lab(np.array(rgb, np.uint8)), lab, atol=0.05)


def test_palette_of_black_and_white_halves() -> None:
    """Black is a centre of its own, and so is white: half of the cover each."""
    image = flat(0, 0, 0)
    image[:, 32:] = 255
    shares = palette(to_lab(image)).reshape(LEVELS, TINTS, TINTS)
    assert shares[0, 3, 3] == pytest.approx(0.5, abs=1e-3)
    assert shares[4, 3, 3] == pytest.approx(0.5, abs=1e-3)
    assert shares.sum() == pytest.approx(1)


def test_palette_shares_a_colour_between_centres() -> None:
    """L* = 50.03 is the centre 2 of 0..4; L* = 60 lies 0.4 of the way to the next."""
    shares = palette(np.full((1, 64, 64, 3), (60, 0, 0), np.float32)).reshape(LEVELS, TINTS, TINTS)
    assert shares[2, 3, 3] == pytest.approx(0.6, abs=1e-5)
    assert shares[3, 3, 3] == pytest.approx(0.4, abs=1e-5)


def test_palette_is_of_each_cover_by_itself() -> None:
    both = np.concatenate([flat(200, 30, 30), flat(20, 60, 200)])
    np.testing.assert_array_equal(palette(to_lab(both))[1], palette(to_lab(both[1:]))[0])


def test_layout_says_where_the_light_is() -> None:
    image = flat(0, 0, 0)
    image[:, :16, :16] = 255
    lightness = layout(to_lab(image))[0].reshape(4, 4, 3)[..., 0]
    assert lightness[0, 0] == pytest.approx(50 / 200)
    assert np.delete(lightness.ravel(), 0) == pytest.approx(-50 / 200)
    assert np.linalg.norm(layout(to_lab(flat(255, 255, 255)))) == pytest.approx(1, abs=1e-3)


def test_vectors_have_length_one() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)
    vectors = encode(np.concatenate([images, flat(119, 119, 119)]))
    assert vectors.shape == (6, DIMENSION)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)


def test_planted_palettes_are_nearest_to_their_like() -> None:
    """Covers in four palettes, motifs at random: the nearest neighbour has the same palette."""
    rng = np.random.default_rng(0)
    palettes = [[(180, 40, 30), (240, 200, 60)], [(20, 40, 90), (90, 150, 200)], [(30, 30, 30), (240, 240, 240)]]
    palettes.append([(40, 90, 40), (160, 190, 90)])
    images, truth = [], []
    for number in range(80):
        colors = np.array(palettes[number % 4])
        blocks = colors[rng.integers(0, 2, (8, 8))] + rng.integers(-12, 13, (8, 8, 3))
        images.append(blocks.clip(0, 255).astype(np.uint8).repeat(8, axis=0).repeat(8, axis=1))
        truth.append(number % 4)
    similarity = (vectors := encode(np.stack(images))) @ vectors.T
    np.fill_diagonal(similarity, -1)
    assert (np.array(truth)[similarity.argmax(axis=1)] == truth).mean() == 1


def test_the_whole_cover_counts() -> None:
    """A border of a tenth, which a centre crop would lose, is a third of the palette."""
    image = Image.new("RGB", (300, 300), "white")
    image.paste("black", (30, 30, 270, 270))
    shares = palette(to_lab(prepare(image)[None]))[0].reshape(LEVELS, TINTS, TINTS)
    assert shares[4, 3, 3] == pytest.approx(1 - 0.8**2, abs=0.03)


def test_embed_image_takes_any_mode() -> None:
    encoder = make("color")
    grey = Image.new("L", (50, 20), 80)
    np.testing.assert_array_equal(embed_image(encoder, grey), embed_image(encoder, grey.convert("RGB")))
    assert embed_image(encoder, grey).shape == (encoder.dimension,)
