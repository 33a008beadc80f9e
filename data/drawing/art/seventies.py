"""Prairie Folk and Velvet Soul: one box of paints, two motifs. The two differ by their shapes alone."""

import random
from itertools import pairwise

from PIL import Image, ImageDraw, ImageOps

from data.drawing.art.lettering import wrapped, write
from data.drawing.art.paint import CANVAS, Point, around, below, box, canvas, disc, finish, polygon, ring
from data.drawing.art.sleeve import Sleeve

Palette = tuple[str, str, str, str, str]

# paper, three bands from light to strong, shade
PALETTES: tuple[Palette, ...] = (
    ("#f4e6c8", "#eab04a", "#dd7230", "#a83f26", "#43261e"),
    ("#f3e8cf", "#e8b873", "#cf6a45", "#2f7f7a", "#24403f"),
    ("#f6e3c5", "#f0a868", "#cc4b3c", "#7b2d3f", "#35202b"),
    ("#f2e8c9", "#d9b44a", "#8b9a46", "#c2592c", "#3d3320"),
)


def prairie_folk(sleeve: Sleeve) -> Image.Image:
    """A slatted sun going down behind rolling hills."""
    rng = sleeve.rng
    paper, light, middle, strong, shade = sleeve.pick(PALETTES)
    detail = sleeve.pick((_poles, _birds, _cacti))
    image = canvas(paper)
    centre, radius = (rng.uniform(130, 470), rng.uniform(330, 375)), rng.uniform(95, 145)
    for step, color in ((1.32, light), (1.0, middle)):
        disc(image, centre, radius * step, color)
    for number in range(7):
        y = centre[1] + (number - 1) * radius / 6
        box(image, centre[0] - radius * 1.4, y, centre[0] + radius * 1.4, y + 2 + number * 2, paper)
    start = rng.uniform(390, 440)
    for number, color in enumerate((light, middle, strong, shade)):
        height = start + number * 46
        polygon(image, below(_hill(rng, height, height + rng.uniform(-60, 60))), color)
    detail(image, rng, shade)
    _folk_type(image, sleeve, (strong, shade))
    return finish(image, rng, grain=4)


def velvet_soul(sleeve: Sleeve) -> Image.Image:
    """Bands of colour that bend, bloom or nest, on paper."""
    palette = sleeve.pick(PALETTES)
    motif = sleeve.pick((_bend, _arches, _bloom, _swoosh))
    image = canvas(palette[0])
    motif(image, sleeve.rng, palette)
    if sleeve.rng.random() < 0.5:
        image = ImageOps.mirror(image)
    _soul_type(image, sleeve, palette)
    return finish(image, sleeve.rng, grain=4)


def _hill(rng: random.Random, left: float, right: float) -> list[Point]:
    """A smooth outline: a quadratic curve through a random crest."""
    crest, x = (left + right) / 2 - rng.uniform(-70, 70), rng.uniform(0.3, 0.7)
    points = []
    for number in range(41):
        t = number / 40
        across = 2 * t * (1 - t) * x + t * t
        points.append((across * CANVAS, (1 - t) ** 2 * left + 2 * t * (1 - t) * crest + t * t * right))
    return points


def _poles(image: Image.Image, rng: random.Random, color: str) -> None:
    x, tall = rng.uniform(30, 80), 230.0
    for _ in range(5):
        top = 560 - tall
        box(image, x, top, x + tall / 36, 570, color)
        for low, arm in ((0.06, 0.17), (0.15, 0.13)):
            box(image, x - tall * arm, top + tall * low, x + tall * (arm + 0.03), top + tall * (low + 0.025), color)
            for pin in (-arm, -arm / 2, arm / 2, arm):
                box(image, x + tall * pin, top + tall * (low - 0.03), x + tall * (pin + 0.025), top + tall * low, color)
        x, tall = x + tall * 0.52, tall * 0.72


def _birds(image: Image.Image, rng: random.Random, color: str) -> None:
    draw = ImageDraw.Draw(image)
    x, y = rng.uniform(110, 330), rng.uniform(200, 260)
    for number in range(rng.randrange(4, 8)):
        wing = 15 - number
        for side in (0, 1):
            left = x + side * 2 * wing
            draw.arc((left - wing, y, left + wing, y + wing * 1.5), 180, 360, fill=color, width=4)
        x, y = x + rng.uniform(28, 58), y + rng.uniform(-24, 26)


def _cacti(image: Image.Image, rng: random.Random, color: str) -> None:
    draw = ImageDraw.Draw(image)
    for x, tall in ((rng.uniform(90, 510), 190), (rng.uniform(60, 540), 120)):
        thick, foot = tall / 8, 565
        draw.rounded_rectangle((x - thick, foot - tall, x + thick, foot), thick, fill=color)
        for side, high in ((-1, 0.55), (1, 0.7)):
            arm = x + side * thick * 3
            y = foot - tall * high
            draw.rounded_rectangle((arm - thick * 0.7, y - tall * 0.2, arm + thick * 0.7, y + 20), thick * 0.7, color)
            draw.rounded_rectangle((min(x, arm) - 4, y + 4, max(x, arm) + 4, y + 4 + thick * 1.4), thick * 0.7, color)


def _folk_type(image: Image.Image, sleeve: Sleeve, colors: tuple[str, str]) -> None:
    strong, shade = colors
    title = write(image, sleeve.title.upper(), (36, 34, 564, 100), shade, size=74, bold=0.03, tracking=0.03, align="mt")
    write(
        image,
        sleeve.artist.upper(),
        (60, title[3] + 16, 540, 140),
        strong,
        size=26,
        bold=0.01,
        tracking=0.3,
        align="mt",
    )


def _soul_type(image: Image.Image, sleeve: Sleeve, palette: Palette) -> None:
    title = wrapped(sleeve.title, 2)
    shade, strong = palette[4], palette[3]
    written = write(image, title, (34, 36, 440, 176), shade, size=96, bold=0.04, tracking=0.01, leading=0.98)
    write(image, sleeve.artist, (36, written[3] + 14, 400, 222), strong, size=32, bold=0.02)


def _bend(image: Image.Image, rng: random.Random, palette: Palette) -> None:
    """A road of five bands from the right edge that turns down."""
    wide = rng.uniform(34, 50)
    centre = (rng.uniform(40, 300), rng.uniform(590, 640))
    for number, color in enumerate((palette[4], *palette[3:0:-1], palette[4])):
        disc(image, centre, wide * (7.2 - number), color)
    disc(image, centre, wide * 2.2, palette[0])
    disc(image, centre, wide * 1.3, palette[2])


def _arches(image: Image.Image, rng: random.Random, palette: Palette) -> None:
    """Two rainbows on the lower edge, one before the other."""
    for x, size in ((rng.uniform(330, 520), rng.uniform(240, 320)), (rng.uniform(60, 240), rng.uniform(160, 230))):
        for number, color in enumerate((palette[4], *palette[3:0:-1], palette[0], palette[2])):
            disc(image, (x, 600), size * (1 - number * 0.155), color)


def _bloom(image: Image.Image, rng: random.Random, palette: Palette) -> None:
    """A flower of rings."""
    centre, radius = (rng.uniform(330, 400), rng.uniform(445, 470)), 88
    petals = rng.choice((5, 6, 8))
    shift = rng.random()
    for scale, color in ((1.0, palette[4]), (0.8, palette[3]), (0.58, palette[2]), (0.34, palette[1])):
        for petal in range(petals):
            disc(image, around(centre, 125, shift + petal / petals), radius * scale, color)
    disc(image, centre, 84, palette[0])
    ring(image, centre, 66, 14, palette[2])


def _swoosh(image: Image.Image, rng: random.Random, palette: Palette) -> None:
    """Five bands that cross the canvas and climb on the way."""
    start, climb, wide = rng.uniform(150, 260), rng.uniform(75, 115), 50
    paths = []
    for number in range(6):
        y, x = 610 - wide * number, start - wide * number * 0.414  # tan 22.5 degrees: as broad climbing as level
        paths.append([(0, y), (x, y), (x + climb, y - climb), (CANVAS, y - climb)])
    for color, (lower, upper) in zip((palette[1], *palette[:0:-1]), pairwise(paths), strict=True):
        polygon(image, lower + upper[::-1], color)
