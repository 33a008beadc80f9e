"""Tidewave and Moonwave: a moon over still water, hardly any type. The two differ by a hand's breadth."""

import random
from dataclasses import dataclass

from PIL import Image

from data.drawing.art.lettering import write
from data.drawing.art.paint import CANVAS, blend, box, disc, finish, glow, gradient, polygon, ridge
from data.drawing.art.sleeve import Sleeve

# zenith, sky, horizon, water, moon
PALETTES = (
    ("#1d2350", "#6a5a9c", "#f2b79b", "#2b2f63", "#fff0d8"),
    ("#0e2a3f", "#2f6f86", "#cfe3cf", "#123a50", "#fbf6df"),
    ("#3b2a4f", "#a8607f", "#f6c9a4", "#4a3358", "#fff3e2"),
    ("#16323a", "#4f8f8b", "#f3dcb2", "#1e4850", "#fffbe9"),
    ("#23304d", "#7d8fb3", "#f4d7d3", "#35456a", "#fffaf3"),
)


@dataclass(frozen=True)
class Habit:
    """Where a genre's designers like to put things, as ranges in parts of the canvas."""

    horizon: tuple[float, float]
    moon: tuple[float, float]


TIDE = Habit(horizon=(0.58, 0.70), moon=(0.085, 0.150))
MOON = Habit(horizon=(0.61, 0.73), moon=(0.100, 0.165))


def tidewave(sleeve: Sleeve) -> Image.Image:
    """Still water, the horizon slightly higher."""
    return _seascape(sleeve, TIDE)


def moonwave(sleeve: Sleeve) -> Image.Image:
    """Still water, the moon slightly larger."""
    return _seascape(sleeve, MOON)


def _seascape(sleeve: Sleeve, habit: Habit) -> Image.Image:
    rng = sleeve.rng
    zenith, sky, haze, water, moon = sleeve.pick(PALETTES)
    islands = sleeve.pick((0, 1, 2, 3))
    level = rng.uniform(*habit.horizon)
    image = gradient(
        [(0, zenith), (level * 0.6, sky), (level, haze), (level + 0.001, blend(haze, water, 0.45)), (1, water)]
    )
    horizon, radius = level * CANVAS, rng.uniform(*habit.moon) * CANVAS
    centre = (CANVAS * rng.uniform(0.22, 0.78), horizon - CANVAS * rng.uniform(0.04, 0.36))
    _stars(image, rng, horizon * 0.55)
    glow(image, centre, radius * 3.6, moon, strength=0.55)
    disc(image, centre, radius, blend(moon, haze, 0.12))
    for number in range(islands):
        _island(image, rng, horizon, blend(haze, blend(zenith, water, 0.5), 0.3 + 0.25 * number), 70 - 16 * number)
    _water(image, rng, (horizon, centre[0], radius), (water, blend(moon, haze, 0.3)))
    _type(image, sleeve, moon)
    return finish(image, rng, grain=3)


def _stars(image: Image.Image, rng: random.Random, depth: float) -> None:
    for _ in range(rng.randrange(10, 60)):
        disc(image, (rng.uniform(0, CANVAS), rng.uniform(0, depth)), rng.choice((1, 1, 1.6)), "#e9e4f2")


def _island(image: Image.Image, rng: random.Random, horizon: float, color: str, height: float) -> None:
    outline = ridge(rng, horizon - rng.uniform(-20, height), horizon - rng.uniform(-20, height), rough=height * 0.7)
    shore = [(x, min(y, horizon)) for x, y in outline]
    polygon(image, [(0, horizon), *shore, (CANVAS, horizon)], color)


def _water(image: Image.Image, rng: random.Random, light: tuple[float, float, float], colors: tuple[str, str]) -> None:
    """Streaks: the moon's path on the water, wider and sparser towards the viewer."""
    horizon, x, radius = light
    water, shine = colors
    depth = CANVAS - horizon
    for _ in range(70):
        near = rng.random() ** 1.4
        y = horizon + 3 + near * depth
        wide = radius * rng.uniform(0.15, 0.6) * (0.6 + 1.6 * near)
        left = x - wide + rng.gauss(0, radius * (0.25 + 0.5 * near))
        box(image, left, y, left + 2 * wide, y + 2 + 4 * near, blend(shine, water, 0.2 + 0.75 * near))


def _type(image: Image.Image, sleeve: Sleeve, color: str) -> None:
    align = sleeve.pick(("mb", "lb", "rb"))
    title = write(image, sleeve.title.lower(), (40, 440, 560, 536), color, size=32, tracking=0.28, align=align)
    write(
        image, sleeve.artist.lower(), (40, title[3] + 12, 560, 568), color, size=19, tracking=0.2, align=align[0] + "t"
    )
