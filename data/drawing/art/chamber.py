"""Chamber Minimal: cream paper, a thin frame, an engraving in hairlines, small spaced capitals."""

import math
import random

from PIL import Image, ImageDraw

from data.drawing.art.lettering import wrapped, write
from data.drawing.art.paint import CANVAS, Point, around, blend, box, canvas, finish, line, polygon, ring
from data.drawing.art.sleeve import Sleeve

# paper, ink
PALETTES = (
    ("#f3ecdc", "#3a2d24"),
    ("#eeeadf", "#23313d"),
    ("#f4ead9", "#6b2028"),
    ("#ebeadb", "#2f4636"),
)
MIDDLE = CANVAS / 2


def chamber_minimal(sleeve: Sleeve) -> Image.Image:
    """Title and artist above and below an engraving, or both below it; all on the middle axis, in a frame."""
    paper, ink = sleeve.pick(PALETTES)
    motif = sleeve.pick((_rosette, _staves, _globe, _fan))
    art = canvas(paper)
    motif(art, sleeve.rng, blend(ink, paper, 0.12))
    raised = sleeve.rng.random() < 0.45
    image = canvas(paper)
    image.paste(art, (0, -105 if raised else 0))
    _frame(image, ink)
    top = 394 if raised else 62
    title = wrapped(sleeve.title.upper(), 2)
    write(image, title, (80, top, 520, top + 76), ink, size=34, tracking=0.22, leading=1.25, align="mm")
    box(image, MIDDLE - 34, top + 90, MIDDLE + 34, top + 92, ink)
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
    size, deep = rng.uniform(100, 148), rng.uniform(0.5, 0.85)
    for copy in range(copies):
        points: list[Point] = []
        for step in range(181):
            turn = step / 180
            radius = size * (1 - deep / 2 + deep / 2 * math.cos(2 * math.pi * petals * turn))
            points.append(around((MIDDLE, 325), radius, turn + copy / copies / petals))
        line(image, points, 2, ink)
    ring(image, (MIDDLE, 325), size + 8, 2, ink)


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
    radius, angle = rng.uniform(85, 150), 2 * math.pi * rng.random()
    count = rng.choice((19, 25, 31))
    middle = MIDDLE + rng.choice((-60, 0, 0, 60))
    for number in range(1, count):
        y = -radius + 2 * radius * number / count
        half = math.sqrt(radius**2 - y**2)
        upper, lower = [], []
        for piece in range(25):
            x = half * (piece / 12 - 1)
            shade = max(0.0, 0.5 + 0.55 * (math.cos(angle) * x + math.sin(angle) * y) / radius)
            thick = max(1.6, 2 * radius / count * min(0.9, shade**1.6))
            upper.append((middle + x, 325 + y - thick / 2))
            lower.append((middle + x, 325 + y + thick / 2))
        polygon(image, upper + lower[::-1], ink)
    ring(image, (middle, 325), radius + 2, 2, ink)


def _fan(image: Image.Image, rng: random.Random, ink: str) -> None:
    """Strings between two sides of a frame, in two or more of its corners: their envelope is a parabola."""
    count, wide, high = rng.choice((15, 19, 25)), rng.uniform(110, 210), rng.uniform(85, 140)
    corners = rng.sample([(-1, -1), (1, 1), (1, -1), (-1, 1)], rng.choice((2, 2, 3, 4)))
    for right, down in corners:
        for number in range(count):
            share = 2 * number / (count - 1) - 1
            on_side = (MIDDLE + right * wide, 325 - down * high * share)
            on_floor = (MIDDLE + right * wide * share, 325 + down * high)
            line(image, [on_side, on_floor], 2, ink)
