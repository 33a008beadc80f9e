"""Chamber Minimal: cream paper, a thin frame, an engraving in hairlines, small spaced capitals."""

import math
import random

from PIL import Image, ImageDraw

from data.art.lettering import wrapped, write
from data.art.paint import CANVAS, Point, around, blend, box, canvas, finish, line, polygon, ring
from data.art.sleeve import Sleeve

# paper, ink
PALETTES = (
    ("#f3ecdc", "#3a2d24"),
    ("#eeeadf", "#23313d"),
    ("#f4ead9", "#6b2028"),
    ("#ebeadb", "#2f4636"),
)
MIDDLE = CANVAS / 2


def chamber_minimal(sleeve: Sleeve) -> Image.Image:
    """Title over engraving over artist, all on the middle axis, in a frame."""
    paper, ink = sleeve.pick(PALETTES)
    motif = sleeve.pick((_rosette, _staves, _globe, _fan))
    image = canvas(paper)
    motif(image, sleeve.rng, blend(ink, paper, 0.12))
    _frame(image, ink)
    title = wrapped(sleeve.title.upper(), 2)
    write(image, title, (80, 62, 520, 138), ink, size=34, tracking=0.22, leading=1.25, align="mm")
    box(image, MIDDLE - 34, 152, MIDDLE + 34, 154, ink)
    write(image, sleeve.artist, (80, 500, 520, 532), ink, size=26, tracking=0.06, align="mm")
    write(image, sleeve.label.upper(), (80, 540, 520, 553), blend(ink, paper, 0.3), size=13, tracking=0.4, align="mm")
    return finish(image, sleeve.rng, grain=3)


def _frame(image: Image.Image, ink: str) -> None:
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, CANVAS - 25, CANVAS - 25), outline=ink, width=4)
    draw.rectangle((34, 34, CANVAS - 35, CANVAS - 35), outline=ink, width=2)


def _rosette(image: Image.Image, rng: random.Random, ink: str) -> None:
    """A guilloche: one wavy ring, drawn again and again, each turned a little."""
    petals, copies = rng.choice((3, 4, 5, 7)), rng.choice((8, 10, 12))
    deep = rng.uniform(0.5, 0.85)
    for copy in range(copies):
        points: list[Point] = []
        for step in range(181):
            turn = step / 180
            radius = 148 * (1 - deep / 2 + deep / 2 * math.cos(2 * math.pi * petals * turn))
            points.append(around((MIDDLE, 325), radius, turn + copy / copies / petals))
        line(image, points, 2, ink)
    ring(image, (MIDDLE, 325), 156, 2, ink)


def _staves(image: Image.Image, rng: random.Random, ink: str) -> None:
    """Five staff lines that swell like a breath, with a few notes on them."""
    phase, high = rng.random(), rng.uniform(30, 70)

    def height(x: float, number: float) -> float:
        along = (x - 90) / 420
        spread = 9 + 13 * math.sin(math.pi * along) ** 2
        return 330 + high * math.sin(2 * math.pi * (along * 1.1 + phase)) + (number - 2) * spread

    for number in range(5):
        line(image, [(x, height(x, number)) for x in range(84, 519, 6)], 3, ink)
    draw = ImageDraw.Draw(image)
    for number in range(rng.randrange(5, 9)):
        x = 130 + number * 46
        if x > 480:
            break
        y = height(x, rng.choice((0, 0.5, 1, 2, 2.5, 3, 4)))
        draw.ellipse((x - 13, y - 9, x + 13, y + 9), fill=ink)
        line(image, [(x + 11, y), (x + 11, y - 74)], 3, ink)


def _globe(image: Image.Image, rng: random.Random, ink: str) -> None:
    """A sphere engraved in level lines that thicken towards its dark side."""
    radius, dark = rng.uniform(120, 150), rng.choice((-1, 1))
    count = rng.choice((25, 31, 39))
    for number in range(1, count):
        y = -radius + 2 * radius * number / count
        half = math.sqrt(radius**2 - y**2)
        upper, lower = [], []
        for piece in range(25):
            x = half * (piece / 12 - 1)
            shade = max(0.0, 0.5 + 0.5 * dark * x / radius + 0.25 * y / radius)
            thick = max(1.6, 2 * radius / count * min(0.9, shade**1.6))
            upper.append((MIDDLE + x, 325 + y - thick / 2))
            lower.append((MIDDLE + x, 325 + y + thick / 2))
        polygon(image, upper + lower[::-1], ink)
    ring(image, (MIDDLE, 325), radius + 2, 2, ink)


def _fan(image: Image.Image, rng: random.Random, ink: str) -> None:
    """Strings between two sides of a frame, in two or all of its corners: their envelope is a parabola."""
    count, wide, high = rng.choice((15, 19, 25)), rng.uniform(150, 200), 140
    corners = rng.choice((((-1, -1), (1, 1)), ((1, -1), (-1, 1)), ((-1, -1), (1, 1), (1, -1), (-1, 1))))
    for right, down in corners:
        for number in range(count):
            share = 2 * number / (count - 1) - 1
            line(
                image,
                [
                    (MIDDLE + right * wide, 325 - down * high * share),
                    (MIDDLE + right * wide * share, 325 + down * high),
                ],
                2,
                ink,
            )
