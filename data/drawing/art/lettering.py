"""Lettering: set type in a box, so that it always fits; every weight is made of Pillow's one bundled font."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

Box = tuple[float, float, float, float]


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def write(
    image: Image.Image,
    text: str,
    where: Box,
    color: str | int,
    *,
    size: float,
    bold: float = 0.0,
    tracking: float = 0.0,
    leading: float = 1.0,
    align: str = "lt",
) -> Box:
    """Write text into a box and return the box that its ink takes.

    size: of the font in canvas pixels, less where the text would not fit. bold, tracking and leading are in
    parts of the size: weight added to the strokes, space added between letters, distance of lines.
    align: l, m or r, then t, m or b.
    """
    ink = letters(text, size=size, bold=bold, tracking=tracking, leading=leading, align=align[0])
    shrink = min((where[2] - where[0]) / ink.width, (where[3] - where[1]) / ink.height)
    if shrink < 1:
        ink = ink.resize((round(ink.width * shrink), round(ink.height * shrink)), Image.Resampling.LANCZOS)
    wide, high = ink.size
    left = where[0] + (where[2] - where[0] - wide) * {"l": 0.0, "m": 0.5, "r": 1.0}[align[0]]
    top = where[1] + (where[3] - where[1] - high) * {"t": 0.0, "m": 0.5, "b": 1.0}[align[1]]
    image.paste(color, (round(left), round(top)), ink)
    return left, top, left + wide, top + high


def letters(
    text: str, *, size: float, bold: float = 0.0, tracking: float = 0.0, leading: float = 1.0, align: str = "l"
) -> Image.Image:
    """A stencil of the text, cut close to its ink; options as of `write`."""
    font = _font(max(8, round(size)))
    stroke = bold * size
    lines = text.split("\n")
    gap = tracking * size + 2 * stroke * 0.6
    widths = [sum(font.getlength(letter) + gap for letter in line) - gap for line in lines]
    pad = round(size * 0.5 + stroke)
    stencil = Image.new("L", (round(max(widths)) + 2 * pad, round(size * (1.4 + leading * len(lines))) + 2 * pad), 0)
    draw = ImageDraw.Draw(stencil)
    for number, (line, width) in enumerate(zip(lines, widths, strict=True)):
        x = pad + (max(widths) - width) * {"l": 0.0, "m": 0.5, "r": 1.0}[align]
        for letter in line:
            draw.text((x, pad + number * leading * size), letter, fill=255, font=font, stroke_width=stroke)
            x += font.getlength(letter) + gap
    return stencil.crop(stencil.getbbox() or (0, 0, 1, 1))


def wrapped(text: str, lines: int) -> str:
    """The text in at most so many lines, as short as they can be."""
    words = text.split()
    return "\n".join(min(_breaks(words, min(lines, len(words))), key=_longest))


def _breaks(words: Sequence[str], lines: int) -> list[list[str]]:
    if lines == 1:
        return [[" ".join(words)]]
    return [
        [" ".join(words[:cut]), *rest]
        for cut in range(1, len(words) - lines + 2)
        for rest in _breaks(words[cut:], lines - 1)
    ]


def _longest(lines: Iterable[str]) -> int:
    return max(len(line) for line in lines)
