"""Likeness on pictures whose relation is known."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from data.grouping.likeness import SAME, SIDE, alignment, likeness, moved, picture

Drawing = Callable[[int], Image.Image]


def framed(image: Image.Image) -> Image.Image:
    """As photographed on a table: 12 pixels of grey around it."""
    table = Image.new("RGB", (324, 324), (120, 120, 115))
    table.paste(image, (10, 14))
    return table


def stickered(image: Image.Image) -> Image.Image:
    image = image.copy()
    image.paste("yellow", (190, 20, 270, 100))
    return image


COPIES = {
    "the same": lambda image: image,
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    "pale": lambda image: ImageEnhance.Color(image).enhance(0.6),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "cropped": lambda image: image.crop((12, 9, 288, 285)),
    "framed": framed,
    "stickered": stickered,
    "turned a little": lambda image: image.rotate(1, Image.Resampling.BICUBIC, fillcolor="grey"),
    "small": lambda image: image.resize((150, 150), Image.Resampling.LANCZOS),
}


@pytest.mark.parametrize("name", COPIES)
def test_copies_are_one_picture_from_both_sides(name: str, drawing: Drawing) -> None:
    one, copy = picture(drawing(1)), picture(COPIES[name](drawing(1)))
    assert likeness(one, copy) >= SAME
    assert likeness(copy, one) >= SAME


def test_a_picture_is_wholly_like_itself(drawing: Drawing) -> None:
    assert likeness(picture(drawing(1)), picture(drawing(1))) > 0.8


def test_other_pictures_are_not_alike(drawing: Drawing) -> None:
    assert max(likeness(picture(drawing(1)), picture(drawing(seed))) for seed in range(2, 12)) < 0.3


def test_the_same_shapes_in_other_colours_are_another_picture(drawing: Drawing) -> None:
    swapped = Image.merge("RGB", [drawing(1).split()[band] for band in (2, 1, 0)])
    assert likeness(picture(drawing(1)), picture(swapped)) < SAME


def test_the_same_layout_with_other_details_is_another_picture(drawing: Drawing) -> None:
    """Half of each picture is shared: a house style with other lettering and art."""
    mixed = drawing(1).copy()
    mixed.paste(drawing(2).crop((0, 0, 300, 160)), (0, 0))
    assert likeness(picture(drawing(1)), picture(mixed)) < SAME


@pytest.mark.parametrize("color", ["black", "white", (90, 90, 20)])
def test_flat_covers_are_like_nothing(color: str, drawing: Drawing) -> None:
    flat = picture(Image.new("RGB", (300, 300), color))
    assert likeness(flat, flat) == likeness(flat, picture(drawing(1))) == 0


def test_a_picture_is_found_where_it_was_moved_to(drawing: Drawing) -> None:
    luma = picture(drawing(3))[..., 0].astype(np.float32)
    for scale, down, right in ((1.0, 6, -4), (1.09, 2, 8), (0.94, -6, 0)):
        found = alignment(moved(luma, scale, down, right), luma)
        assert found == pytest.approx((scale, down, right), abs=2.01)
        assert found[0] == pytest.approx(scale, abs=0.03)


def test_pictures_of_any_shape_become_squares() -> None:
    assert picture(Image.new("L", (7, 500))).shape == (SIDE, SIDE, 3)
