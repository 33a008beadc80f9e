"""Doomcraft: black, symmetric, jagged; the artist's name is a thorny logo."""

import random
from collections.abc import Callable

from PIL import Image, ImageFilter

from data.drawing.art.lettering import letters, write
from data.drawing.art.paint import (
    CANVAS,
    around,
    blend,
    box,
    disc,
    finish,
    glow,
    gradient,
    line,
    mask,
    mirror,
    polygon,
    ridge,
    ring,
)
from data.drawing.art.sleeve import Sleeve

# night, fog, bone, blood
PALETTES = (
    ("#08080a", "#33363d", "#ded8ca", "#8e1b1b"),
    ("#070a0b", "#2c3a3f", "#d5dcda", "#5d7f86"),
    ("#0a0806", "#3d3226", "#e0d3b8", "#a0651c"),
    ("#080a07", "#30382b", "#d9dac6", "#66733a"),
)
MIDDLE = CANVAS / 2


def doomcraft(sleeve: Sleeve) -> Image.Image:
    """A symmetric emblem in the fog between the logo and the title, which change places."""
    rng = sleeve.rng
    night, fog, bone, blood = sleeve.pick(PALETTES)
    emblem: Callable[[random.Random], Image.Image] = sleeve.pick((_peak, _star, _tree, _spruces))
    lift = rng.choice((0, 0, 92))
    image = gradient([(0, night), (0.5, blend(night, fog, rng.uniform(0.5, 0.9))), (1, night)])
    centre = (MIDDLE, rng.uniform(300, 360) - lift)
    glow(image, centre, 330, blood, strength=0.75)
    if rng.random() < 0.7:
        _moon(image, rng, centre, (bone, blood, night))
    image.paste(night if emblem in (_peak, _spruces) else bone, (0, -lift), emblem(rng))
    box(image, 0, 546 - lift, CANVAS, CANVAS, night)
    _logo(image, sleeve.artist.upper(), rng, bone, middle=512 if lift else 92)
    top = 18 if lift else 556
    write(image, sleeve.title.upper(), (50, top, 550, top + 28), bone, size=24, tracking=0.45, align="mm")
    return finish(image, rng, grain=5)


def _moon(image: Image.Image, rng: random.Random, centre: tuple[float, float], colors: tuple[str, str, str]) -> None:
    bone, blood, night = colors
    radius = rng.uniform(95, 150)
    shape = rng.choice(("full", "eclipse", "halo"))
    if shape == "full":
        disc(image, centre, radius, blood)
    elif shape == "eclipse":
        disc(image, centre, radius, bone)
        disc(image, centre, radius * 0.96, night)
    else:
        for step in range(3):
            ring(image, centre, radius + step * 16, 3, blend(bone, blood, step / 3))


def _peak(rng: random.Random) -> Image.Image:
    stencil = mask()
    for base, top in ((560, rng.uniform(250, 330)), (600, rng.uniform(380, 440))):
        outline = ridge(rng, base, top, rough=110, depth=6)
        polygon(stencil, [(0, CANVAS), *((x / 2, y) for x, y in outline), (MIDDLE, CANVAS)], 255)
    return mirror(stencil)


def _star(rng: random.Random) -> Image.Image:
    stencil = mask()
    centre = (MIDDLE, 345.0)
    count = rng.choice((6, 8, 10))
    for number in range(count):
        angle = 0.5 + (number + 0.5) / count / 2
        reach = rng.uniform(115, 150) if number % 2 else rng.uniform(70, 110)
        foot = [around(centre, 34, angle + turn) for turn in (-0.018, 0.018)]
        polygon(stencil, [around(centre, reach, angle), *foot], 255)
        barb = around(centre, reach * 0.62, angle)
        polygon(stencil, [barb, around(barb, 26, angle - 0.3), around(centre, reach * 0.7, angle)], 255)
    stencil = mirror(stencil)
    for tip in (rng.uniform(505, 535), rng.uniform(185, 215)):
        polygon(stencil, [(MIDDLE - 11, 345), (MIDDLE + 11, 345), (MIDDLE, tip)], 255)
    disc(stencil, centre, 44, 0)
    ring(stencil, centre, 44, 7, 255)
    ring(stencil, centre, rng.uniform(62, 100), 4, 255)
    polygon(stencil, [(MIDDLE - 8, 345), (MIDDLE, 316), (MIDDLE + 8, 345), (MIDDLE, 374)], 255)
    return stencil


def _tree(rng: random.Random) -> Image.Image:
    stencil = mask()
    spread, long = rng.uniform(0.6, 1.5), rng.uniform(62, 104)
    _branch(stencil, rng, (MIDDLE, 548.0), angle=-0.01, long=long, thick=20, spread=spread)
    _branch(stencil, rng, (MIDDLE, 548 - long), angle=-0.09 * spread, long=long * 0.8, thick=11, spread=spread)
    polygon(stencil, [(MIDDLE - 70, 560), (MIDDLE - 26, 532), (MIDDLE - 10, 470), (MIDDLE, 470), (MIDDLE, 560)], 255)
    return mirror(stencil)


def _branch(
    stencil: Image.Image,
    rng: random.Random,
    foot: tuple[float, float],
    *,
    angle: float,
    long: float,
    thick: float,
    spread: float,
) -> None:
    if long < 12:
        return
    tip = around(foot, long, angle)
    line(stencil, [foot, tip], thick, 255)
    for turn in (rng.uniform(-0.12, -0.05) * spread, rng.uniform(0.0, 0.08) * spread):
        shorter, thinner = long * rng.uniform(0.66, 0.84), thick * 0.64
        _branch(stencil, rng, tip, angle=angle + turn, long=shorter, thick=thinner, spread=spread)


def _spruces(rng: random.Random) -> Image.Image:
    stencil = mask()
    highest, slope = rng.uniform(230, 330), rng.uniform(0.1, 0.7)
    for _ in range(rng.randrange(7, 14)):
        x = MIDDLE * rng.random() ** 1.5
        top = highest + x * slope + rng.uniform(0, 90)
        _spruce(stencil, rng, x, top)
    return mirror(stencil)


def _spruce(stencil: Image.Image, rng: random.Random, x: float, top: float) -> None:
    layers = 9
    for layer in range(layers):
        y = top + (CANVAS - top) * layer / layers
        wide = 8 + layer * rng.uniform(5, 8)
        polygon(stencil, [(x, y - 18), (x + wide, y + 46), (x, y + 32), (x - wide, y + 46)], 255)
    box(stencil, x - 4, top, x + 4, CANVAS, 255)


def _logo(image: Image.Image, name: str, rng: random.Random, color: str, *, middle: int) -> None:
    """The name with thorns on top and bottom, the same on the left and the right."""
    name_ink = letters(name, size=92, bold=0.025, tracking=0.02)
    high = min(92, round(name_ink.height * 420 / name_ink.width) + 20)
    name_ink = name_ink.resize((420, high))
    stencil = mask()
    top = middle - high // 2
    thorns = mask()
    for _ in range(16):
        x = rng.uniform(90, MIDDLE)
        long = rng.uniform(12, 34) + 26 * (rng.random() < 0.2)
        if rng.random() < 0.5:
            polygon(thorns, [(x - 5, top + 7), (x + 5, top + 7), (x + rng.uniform(-9, 9), top - long)], 255)
        else:
            foot = top + high
            polygon(thorns, [(x - 5, foot - 7), (x + 5, foot - 7), (x + rng.uniform(-9, 9), foot + long)], 255)
    polygon(thorns, [(96, top - 4), (96, top + 16), (30, top - 20)], 255)
    polygon(thorns, [(96, top + high - 14), (96, top + high + 4), (42, top + high + 34)], 255)
    stencil.paste(mirror(thorns))
    stencil.paste(255, (90, top), name_ink)
    image.paste("#000000", (0, 0), stencil.filter(ImageFilter.BoxBlur(5)))
    image.paste(color, (0, 0), stencil)
