"""Painting: the few things that Pillow lacks. Covers are painted twice as large, then halved: edges come out smooth."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import Image, ImageChops, ImageDraw

SIDE = 300  # of a finished cover, in pixels
CANVAS = 2 * SIDE  # of the canvas it is painted on
SPREAD = 256 / math.sqrt(12)  # standard deviation of evenly distributed bytes

Point = tuple[float, float]
Stops = Sequence[tuple[float, str]]


def canvas(color: str) -> Image.Image:
    """An empty canvas of one colour."""
    return Image.new("RGB", (CANVAS, CANVAS), color)


def mask() -> Image.Image:
    """An empty stencil of the size of the canvas: white lets the colour through."""
    return Image.new("L", (CANVAS, CANVAS), 0)


def rgb(color: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour written '#rrggbb'."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def blend(color: str, other: str, share: float) -> str:
    """The colour that lies `share` (0 to 1) of the way from one to the other."""
    mixed = (round(a + (b - a) * share) for a, b in zip(rgb(color), rgb(other), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def gradient(stops: Stops) -> Image.Image:
    """A canvas shaded from top (0) to bottom (1) through colours at the given heights."""
    heights = np.linspace(0, 1, CANVAS)
    at = [height for height, _ in stops]
    channels = [np.interp(heights, at, levels) for levels in zip(*(rgb(color) for _, color in stops), strict=True)]
    column = np.stack(channels, axis=-1).round().astype(np.uint8)[:, None, :]
    return Image.fromarray(column).resize((CANVAS, CANVAS), Image.Resampling.NEAREST)


def glow(image: Image.Image, centre: Point, radius: float, color: str, *, strength: float = 1.0) -> None:
    """Shine a soft disc of light onto the image."""
    light = Image.radial_gradient("L").resize((round(2 * radius),) * 2, Image.Resampling.BILINEAR)
    light = light.point([round(strength * 255 * max(0.0, 1 - level / 180) ** 2) for level in range(256)])
    image.paste(color, (round(centre[0] - radius), round(centre[1] - radius)), light)


def disc(image: Image.Image, centre: Point, radius: float, color: str | int) -> None:
    """Fill a circle."""
    ImageDraw.Draw(image).circle(centre, radius, fill=color)


def ring(image: Image.Image, centre: Point, radius: float, width: float, color: str | int) -> None:
    """Draw a circle's line, which lies inside the radius."""
    ImageDraw.Draw(image).circle(centre, radius, outline=color, width=max(1, round(width)))


def polygon(image: Image.Image, points: Sequence[Point], color: str | int) -> None:
    """Fill a polygon."""
    ImageDraw.Draw(image).polygon(list(points), fill=color)


def box(image: Image.Image, left: float, top: float, right: float, bottom: float, color: str | int) -> None:
    """Fill a rectangle; nothing where it has no area."""
    if right - left >= 1 and bottom - top >= 1:
        ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), fill=color)


def line(image: Image.Image, points: Sequence[Point], width: float, color: str | int) -> None:
    """Draw an open line with round joints."""
    ImageDraw.Draw(image).line(list(points), fill=color, width=max(1, round(width)), joint="curve")


def mirror(stencil: Image.Image) -> Image.Image:
    """The left half of an image, and beside it the same seen in a mirror."""
    left = stencil.crop((0, 0, CANVAS // 2, CANVAS))
    stencil = stencil.copy()
    stencil.paste(left.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (CANVAS // 2, 0))
    return stencil


def ridge(rng: random.Random, left: float, right: float, *, rough: float, depth: int = 7) -> list[Point]:
    """The outline of a range of hills across the canvas, from height `left` to height `right`.

    Midpoint displacement: each round halves the pieces and shifts the new points by up to `rough`, which
    shrinks by 0.55 a round.
    """
    heights = [left, right]
    for _ in range(depth):
        middles = [(a + b) / 2 + rng.uniform(-rough, rough) for a, b in pairwise(heights)]
        heights = [height for pair in zip(heights, middles, strict=False) for height in pair] + [heights[-1]]
        rough *= 0.55
    step = CANVAS / (len(heights) - 1)
    return [(number * step, height) for number, height in enumerate(heights)]


def below(outline: Sequence[Point]) -> list[Point]:
    """The polygon between an outline across the canvas and the lower edge."""
    return [(0, CANVAS), *outline, (CANVAS, CANVAS)]


def around(centre: Point, radius: float, angle: float) -> Point:
    """The point at a distance and angle (in turns, clockwise from the top) from the centre."""
    return (
        centre[0] + radius * math.sin(angle * 2 * math.pi),
        centre[1] - radius * math.cos(angle * 2 * math.pi),
    )


def finish(image: Image.Image, rng: random.Random, *, grain: float = 0.0) -> Image.Image:
    """Halve the canvas into the finished cover and, if asked, print it on grainy stock.

    grain: standard deviation of the grain, in grey levels.
    """
    cover = image.reduce(2)
    if not grain:
        return cover
    noise = Image.frombytes("L", (SIDE, SIDE), rng.randbytes(SIDE * SIDE))
    stock = noise.point([round(128 + grain * (level - 127.5) / SPREAD) for level in range(256)])
    return ImageChops.add(cover, Image.merge("RGB", (stock,) * 3), offset=-128)
