"""What is no cover: drawn labels, blank pictures and covers; placeholders by hand."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from analysis.behind.oddities import suspicion
from analysis.behind.oddities.oddities import find_oddities, placeholders, read_oddities
from analysis.behind.oddities.suspicion import disc, one_color, picture
from data.drawing.sample import write_sample
from data.store.runs import Run
from data.store.workspace import Workspace


def label(seed: int) -> Image.Image:
    """A record's label in a colour, on its black vinyl, with a hole, lines of text and a JPEG's noise."""
    dice = np.random.default_rng(seed)
    image = Image.new("RGB", (300, 300), (15, 15, 15))
    pen = ImageDraw.Draw(image)
    color = tuple(int(value) for value in dice.integers(90, 255, 3))
    rim, hole = int(dice.integers(128, 148)), int(dice.integers(9, 45))
    pen.ellipse((150 - rim, 150 - rim, 150 + rim, 150 + rim), fill=color)
    for row in range(4):
        pen.rectangle((90, 205 + 12 * row, 90 + int(dice.integers(60, 120)), 210 + 12 * row), fill=(20, 20, 20))
    pen.ellipse((150 - hole, 150 - hole, 150 + hole, 150 + hole), fill=(250, 250, 250) if seed % 2 else (5, 5, 5))
    return image


def test_labels_look_like_discs_and_covers_do_not(tmp_path) -> None:
    write_sample(tmp_path, covers=50)
    covers = [Image.open(path) for path in sorted(tmp_path.rglob("*")) if path.suffix in (".jpg", ".png", ".webp")]
    labels = [disc(picture(label(seed))) for seed in range(12)]
    others = [disc(picture(cover)) for cover in covers]
    assert len(others) >= 50
    assert min(labels) > 0.8
    assert np.mean(np.array(others) > 0.8) < 0.1


def test_a_disc_is_one_however_it_is_turned() -> None:
    assert disc(picture(label(3).rotate(90))) == pytest.approx(disc(picture(label(3))), abs=0.05)


def test_share_of_one_color() -> None:
    pixels = np.full((suspicion.SIDE, suspicion.SIDE, 3), 200, np.float32)
    assert one_color(pixels) == 1
    assert disc(pixels) == 0
    pixels[:32] = 20
    assert one_color(pixels) == pytest.approx(0.75)


def test_placeholders_by_hand() -> None:
    groups = np.array([0, 0, 0, 1, 1, 1, *[2] * 10, 3])
    artists = np.array(["a", "b", "c", "a", "a", "b", *[""] * 10, "z"], dtype=object)
    genres = np.array([*"xxxxyz", *"xyzxyzxyzx", "x"], dtype=object)
    assert placeholders(groups, artists, genres).tolist() == [True] * 3 + [False] * 3 + [True] * 10 + [False]


def test_covers_whose_files_are_gone_are_counted(analyzed: tuple[Workspace, Run]) -> None:
    workspace, _ = analyzed
    run = find_oddities(workspace)
    assert run.results["unread"] == run.results["covers"] == 119
    assert read_oddities(workspace, run).empty
