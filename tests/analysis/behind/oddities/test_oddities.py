"""What is no cover: drawn labels, blank pictures and covers; placeholders by hand."""

import numpy as np
import pytest
from PIL import Image

from analysis.behind.oddities import suspicion
from analysis.behind.oddities.oddities import find_oddities, placeholders, read_oddities
from analysis.behind.oddities.suspicion import disc, one_color, picture
from analysis.validation.simulations.oddities import label
from data.drawing.sample import write_sample
from data.store.runs import Run
from data.store.workspace import Workspace


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
