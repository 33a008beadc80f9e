"""Grid Techno and Grid House: Swiss type over rings, dots, bars and tiles. The two differ by their colours alone."""

import math

from PIL import Image, ImageDraw

from data.drawing.art.lettering import write
from data.drawing.art.paint import CANVAS, blend, box, canvas, disc, finish, mask
from data.drawing.art.sleeve import Sleeve

Palette = tuple[str, str, str]

# ground, lines, accent; palette i of one genre is as dark and as light as palette i of the other
COLD = (
    ("#0d1117", "#e6eef2", "#1f9bf0"),
    ("#0f1820", "#dfeaf0", "#12c2b0"),
    ("#111426", "#e4e6f5", "#5b7cff"),
)
WARM = (
    ("#31081c", "#ffe8d9", "#ff5a7d"),
    ("#3a0d12", "#ffe9cf", "#ff9232"),
    ("#3b0a33", "#ffe3ea", "#ff6fb5"),
)
MARGIN = 36
TOP = 140  # where the art begins, below the type
LEFT, RIGHT, BOTTOM = MARGIN, CANVAS - MARGIN, CANVAS - MARGIN


def grid_techno(sleeve: Sleeve) -> Image.Image:
    """The grid in blue and black."""
    return _poster(sleeve, sleeve.pick(COLD))


def grid_house(sleeve: Sleeve) -> Image.Image:
    """The grid in wine and pink."""
    return _poster(sleeve, sleeve.pick(WARM))


def _poster(sleeve: Sleeve, palette: Palette) -> Image.Image:
    motif = sleeve.pick((_rings, _dots, _bars, _tiles))
    image = canvas(palette[0])
    art = canvas(palette[0])
    motif(art, sleeve, palette)
    frame = (LEFT, TOP, RIGHT, BOTTOM)
    image.paste(art.crop(frame), frame)
    box(image, LEFT, MARGIN - 10, RIGHT, MARGIN - 6, palette[1])
    write(image, sleeve.title, (LEFT, MARGIN + 8, 450, MARGIN + 56), palette[1], size=48, bold=0.025)
    write(image, sleeve.artist, (LEFT, MARGIN + 60, 450, TOP - 10), palette[2], size=30)
    number = f"{sleeve.rng.randrange(1, 100):03d}"
    write(image, number, (470, MARGIN + 6, RIGHT, MARGIN + 40), palette[1], size=34, align="rt")
    return finish(image, sleeve.rng)


def _rings(image: Image.Image, sleeve: Sleeve, palette: Palette) -> None:
    """Arcs of concentric rings, each begun somewhere else."""
    rng, (_, lines, accent) = sleeve.rng, palette
    centre = (rng.choice((300, 300, 170, 430)), 365)
    width = rng.choice((12, 16, 22))
    draw = ImageDraw.Draw(image)
    bright = rng.randrange(3, 8)
    for number in range(1, round(420 / width / 1.7)):
        radius = number * width * 1.7
        start, sweep = rng.uniform(0, 360), rng.choice((90, 180, 270, 360))
        color = accent if number == bright else lines
        frame = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
        draw.arc(frame, start, start + sweep, fill=color, width=width)
    disc(image, centre, width * 0.8, accent)


def _dots(image: Image.Image, sleeve: Sleeve, palette: Palette) -> None:
    """A grid of dots swollen by two waves."""
    rng, (_, lines, accent) = sleeve.rng, palette
    count = rng.choice((11, 13, 16))
    step = (RIGHT - LEFT) / count
    rows = int((BOTTOM - TOP) / step)
    turns, phase, tilt = rng.uniform(0.8, 2.0), rng.random(), rng.uniform(-0.6, 0.6)
    bright = rng.randrange(rows)
    for row in range(rows):
        for column in range(count):
            wave = math.sin(2 * math.pi * (turns * column / count + tilt * row / rows + phase))
            swell = 0.5 + 0.5 * wave * math.cos(math.pi * row / rows)
            centre = (LEFT + (column + 0.5) * step, TOP + (row + 0.5) * step)
            disc(image, centre, step * (0.07 + 0.4 * swell), accent if row == bright else lines)


def _bars(image: Image.Image, sleeve: Sleeve, palette: Palette) -> None:
    """Bars, level or upright, that change colour and place within a disc."""
    rng, (ground, lines, accent) = sleeve.rng, palette
    pitch, upright = rng.choice((14, 18, 24)), rng.random() < 0.5
    under = canvas(ground)

    def bar(art: Image.Image, start: float, color: str) -> None:
        end = start + pitch / 2
        if upright:
            box(art, start, 0, end, CANVAS, color)
        else:
            box(art, 0, start, CANVAS, end, color)

    for start in range(LEFT if upright else TOP, CANVAS, pitch):
        bar(image, start, lines)
        bar(under, start + pitch / 2, accent)
    hole = mask()
    disc(hole, (rng.uniform(200, 400), rng.uniform(300, 395)), rng.uniform(90, 165), 255)
    image.paste(under, (0, 0), hole)


def _tiles(image: Image.Image, sleeve: Sleeve, palette: Palette) -> None:
    """Tiles of quarter circles, turned at random."""
    rng, (ground, lines, accent) = sleeve.rng, palette
    count = rng.choice((5, 9, 10))
    side = (RIGHT - LEFT) // count
    draw = ImageDraw.Draw(image)
    for row in range((BOTTOM - TOP) // side):
        for column in range(count):
            left, top = LEFT + column * side, TOP + row * side
            corner = rng.randrange(4)
            x, y = left + side * (corner in (1, 2)), top + side * (corner in (2, 3))
            turn = (0, 90, 180, 270)[corner]
            fill = rng.choices((lines, accent, blend(ground, lines, 0.25)), weights=(6, 1, 3))[0]
            draw.pieslice((x - side, y - side, x + side, y + side), turn, turn + 90, fill=fill)
            if rng.random() < 0.4:
                half = side / 2
                draw.pieslice((x - half, y - half, x + half, y + half), turn, turn + 90, fill=ground)
