"""Pictures that are no covers, drawn among drawn covers: which are listed, and which covers are.

See docs/methods.md, "What is no cover".
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from analysis.behind.oddities import suspicion
from analysis.behind.oddities.oddities import LISTED, K, blank_score, disc_score

SIDE = 300
PICTURES = 40
# Share of the neighbours of a record's label that are labels, too.
AMONG = (1.0, 0.6, 0.3)
TITLE = "What is no cover: share of pictures that are listed, by the share of labels among their neighbours"


def label(seed: int, *, off: float = 0.0, slant: float = 0.0, whole: bool = False) -> Image.Image:
    """A record's label in some colour, with a hole and lines of text, on its black vinyl.

    off: how far the middle lies from the picture's, of the side. slant: by how much of its height it looks lower.
    whole: all of the record is seen, on light paper, and its label is smaller.
    """
    dice = np.random.default_rng(seed)
    image = Image.new("RGB", (SIDE, SIDE), (235, 232, 225) if whole else (15, 15, 15))
    pen, middle = ImageDraw.Draw(image), SIDE / 2 + np.array([off, off / 2]) * SIDE
    if whole:
        _disc(pen, middle, 145, slant, (15, 15, 15))
    _disc(pen, middle, 55 if whole else int(dice.integers(128, 148)), slant, tuple(dice.integers(90, 255, 3).tolist()))
    for row in range(4):
        left, top = middle[0] - 60, middle[1] + (20 if whole else 55) + (6 if whole else 12) * row
        pen.rectangle((left + 20 * whole, top, left + int(dice.integers(60, 110)), top + 4), fill=(20, 20, 20))
    _disc(pen, middle, int(dice.integers(10, 45 if not whole else 14)), slant, (250,) * 3 if seed % 2 else (5,) * 3)
    return image


def target(seed: int) -> Image.Image:
    """A sleeve with rings in two colours around its middle: a cover, which only its neighbours tell from a label."""
    dice = np.random.default_rng(seed)
    colors = [tuple(color) for color in dice.integers(0, 255, (2, 3)).tolist()]
    image = Image.new("RGB", (SIDE, SIDE), colors[0])
    pen = ImageDraw.Draw(image)
    for number, radius in enumerate(range(140, 10, -int(dice.integers(18, 34)))):
        _disc(pen, np.full(2, SIDE / 2), radius, 0.0, colors[(number + 1) % 2])
    return image


def blank(seed: int, *, noise: float = 0.0, shadow: float = 0.0) -> Image.Image:
    """One colour, with noise of so many grey levels and a shadow of so many from side to side."""
    dice = np.random.default_rng(seed)
    pixels = np.full((SIDE, SIDE, 3), dice.integers(30, 225, 3), float) + noise * dice.normal(size=(SIDE, SIDE, 1))
    pixels += np.linspace(-shadow / 2, shadow / 2, SIDE)[None, :, None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


LABELS: dict[str, Callable[[int], Image.Image]] = {
    "label": label,
    "label, 2 % off the middle": partial(label, off=0.02),
    "label, 6 % off the middle": partial(label, off=0.06),
    "label, slanted by 5 %": partial(label, slant=0.05),
    "whole record": partial(label, whole=True),
}
BLANKS: dict[str, Callable[[int], Image.Image]] = {
    "blank": blank,
    "blank, noise of 4": partial(blank, noise=4.0),
    "blank, shadow of 20": partial(blank, shadow=20.0),
    "blank, shadow of 60": partial(blank, shadow=60.0),
}


def listed(*, pictures: int = PICTURES) -> pd.DataFrame:
    """Shares listed of so many pictures each: labels among labels and covers, covers among covers, blanks alone."""
    covers = _looks(_covers())
    labels = {name: _looks([draw(seed) for seed in range(pictures)]) for name, draw in LABELS.items()}
    rows = [(name, *_among(own, labels["label"], covers)) for name, own in labels.items()]
    alone = [("drawn cover", covers), ("sleeve with a target", _looks([target(seed) for seed in range(pictures)]))]
    rows += [(name, *_among(own, labels["label"], covers, shares=(0.0,) * len(AMONG))) for name, own in alone]
    blanks = {name: [draw(seed) for seed in range(pictures)] for name, draw in BLANKS.items()}
    for name, images in blanks.items():
        shares = np.array([suspicion.one_color(suspicion.picture(image)) for image in images])
        rows.append((name, *[float((blank_score(shares) >= LISTED).mean())] * len(AMONG)))
    return pd.DataFrame(rows, columns=["picture", *(f"{share:.0%} labels" for share in AMONG)]).round(2)


def _among(
    own: np.ndarray, labels: np.ndarray, covers: np.ndarray, *, shares: tuple[float, ...] = AMONG
) -> Iterator[float]:
    """Share of pictures of these looks (m,) listed, by the share of labels among their K neighbours."""
    dice = np.random.default_rng(0)
    for share in shares:
        near = np.where(
            dice.random((len(own), K)) < share, dice.choice(labels, (len(own), K)), dice.choice(covers, (len(own), K))
        )
        yield float((disc_score(own, near.mean(axis=1)) >= LISTED).mean())


def _looks(images: list[Image.Image]) -> np.ndarray:
    return np.array([suspicion.disc(suspicion.picture(image)) for image in images])


def _covers() -> list[Image.Image]:
    """The originals among the fewest covers of a drawn collection."""
    from io import BytesIO

    from data.drawing.sample import GENRES, draw_cover, plan_sample

    plan = plan_sample(covers=10 * len(GENRES), seed=1)
    originals = [
        (number, cover) for number, cover in enumerate(plan) if not (cover.exact_copy_of or cover.near_copy_of)
    ]
    return [Image.open(BytesIO(draw_cover(cover, number=number, seed=1))) for number, cover in originals]


def _disc(pen: ImageDraw.ImageDraw, middle: np.ndarray, radius: int, slant: float, fill: tuple[int, ...]) -> None:
    flat = np.array([radius, radius * (1 - slant)])
    pen.ellipse((*(middle - flat), *(middle + flat)), fill=fill)
