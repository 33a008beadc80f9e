"""Cellar Bop: two tones, blocks of colour, a bold lower-case title."""

from PIL import Image

from data.drawing.art.lettering import letters, wrapped, write
from data.drawing.art.paint import CANVAS, box, canvas, disc, finish, line, polygon, ring
from data.drawing.art.sleeve import Sleeve

# paper, ink, colour
PALETTES = (
    ("#f1e9d6", "#13171c", "#1f4fa3"),
    ("#f0e5cf", "#171514", "#d9481f"),
    ("#efe9da", "#10201f", "#0e7f7a"),
    ("#f3ead3", "#1a1412", "#b9232c"),
    ("#f2e7c9", "#1b1a14", "#d7961a"),
)


def cellar_bop(sleeve: Sleeve) -> Image.Image:
    """A band of art over (or under) a band of big type."""
    paper, ink, color = sleeve.pick(PALETTES)
    motif = sleeve.pick((_keys, _marks, _blocks, _cymbal, _bass))
    type_on_top = sleeve.rng.random() < 0.35
    height = sleeve.rng.choice((300, 335, 370))
    art = canvas(color)
    motif(art, sleeve, (paper, ink, color), height)
    image = canvas(paper)
    image.paste(art.crop((0, 0, CANVAS, height)), (0, CANVAS - height if type_on_top else 0))
    top = 0 if type_on_top else height
    _type(image, sleeve, (ink, color), top, top + CANVAS - height)
    return finish(image, sleeve.rng, grain=3)


def _type(image: Image.Image, sleeve: Sleeve, colors: tuple[str, str], top: float, bottom: float) -> None:
    ink, color = colors
    title = wrapped(sleeve.title.lower(), 2)
    written = write(
        image, title, (28, top + 26, 572, bottom - 70), ink, size=116, bold=0.022, leading=0.9, tracking=-0.03
    )
    write(image, sleeve.artist, (30, written[3] + 16, 440, bottom - 18), color, size=34, bold=0.012)
    number = f"{sleeve.label}  {4000 + sleeve.year % 100 * 7}"
    write(image, number, (450, bottom - 48, 572, bottom - 22), ink, size=18, align="rb")


def _keys(art: Image.Image, sleeve: Sleeve, palette: tuple[str, str, str], height: int) -> None:
    paper, ink, _ = palette
    count = sleeve.rng.choice((7, 9, 11))
    step = CANVAS / count
    for number in range(count):
        long = height * sleeve.rng.uniform(0.35, 0.95)
        box(art, number * step, 0, (number + 1) * step - 5, long, paper)
        if number % 7 not in (2, 6):
            box(art, (number + 0.7) * step, 0, (number + 1.25) * step, long * 0.6, ink)


def _marks(art: Image.Image, sleeve: Sleeve, palette: tuple[str, str, str], height: int) -> None:
    paper, ink, _ = palette
    mark = sleeve.rng.choice(("!", "?", "&", "o", sleeve.title[0].lower()))
    columns = sleeve.rng.choice((5, 7, 9))
    rows = max(2, round(columns * height / CANVAS / 1.35))
    odd = sleeve.rng.randrange(columns * rows)
    wide, high = CANVAS / columns, height / rows
    stencil = letters(mark, size=high * 0.95, bold=0.05)
    stencil.thumbnail((wide * 0.78, high * 0.78))
    for cell in range(columns * rows):
        left, top = cell % columns * wide, cell // columns * high
        where = (round(left + (wide - stencil.width) / 2), round(top + (high - stencil.height) / 2))
        art.paste(paper if cell == odd else ink, where, stencil)


def _blocks(art: Image.Image, sleeve: Sleeve, palette: tuple[str, str, str], height: int) -> None:
    paper, ink, _ = palette
    rows = sleeve.rng.choice((3, 4))
    columns = rows + 2
    wide, high = (CANVAS - 28) / columns, (height - 28) / rows
    for cell in range(columns * rows):
        fill = sleeve.rng.choices((ink, paper, None), weights=(5, 3, 3))[0]
        reach = sleeve.rng.choice((1.0, 1.0, 0.5))
        left, top = 28 + cell % columns * wide, 28 + cell // columns * high
        if fill:
            box(art, left, top, left + (wide - 28) * reach, top + high - 28, fill)


def _cymbal(art: Image.Image, sleeve: Sleeve, palette: tuple[str, str, str], height: int) -> None:
    paper, ink, color = palette
    centre = (CANVAS * sleeve.rng.choice((0.3, 0.5, 0.72)), height * sleeve.rng.uniform(0.45, 0.75))
    radius = sleeve.rng.uniform(210, 290)
    disc(art, centre, radius, ink)
    for step in range(4, 15):
        ring(art, centre, radius * step / 15, 2, color)
    disc(art, centre, radius * 0.2, paper)
    disc(art, centre, 9, ink)
    tip = (centre[0] + radius * 0.12, centre[1] - radius * 0.3)
    line(art, [(tip[0] + 260, tip[1] - 400), tip], 12, paper)
    disc(art, tip, 14, paper)


def _bass(art: Image.Image, sleeve: Sleeve, palette: tuple[str, str, str], height: int) -> None:
    paper, ink, color = palette
    x = CANVAS * sleeve.rng.choice((0.3, 0.5, 0.7))
    foot = height * 1.12
    disc(art, (x, foot - 40), 168, ink)
    disc(art, (x, foot - 215), 122, ink)
    for side in (-1, 1):
        disc(art, (x + side * 178, foot - 158), 62, color)
        line(art, [(x + side * 92, foot - 150), (x + side * 78, foot - 110), (x + side * 92, foot - 62)], 8, paper)
    polygon(art, [(x - 15, -10), (x + 15, -10), (x + 26, foot - 150), (x - 26, foot - 150)], paper)
    for number in range(4):
        line(art, [(x - 9 + 6 * number, -10), (x - 18 + 12 * number, foot)], 2, ink if number % 3 else color)
