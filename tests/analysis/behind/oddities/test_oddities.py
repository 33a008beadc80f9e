"""What is no cover: drawn labels, blank pictures and covers; placeholders by hand."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from analysis.behind.oddities import suspicion
from analysis.behind.oddities.oddities import find_oddities, placeholders, read_oddities
from analysis.behind.oddities.oddities_command import oddities_command
from analysis.behind.oddities.suspicion import disc, one_color, picture
from analysis.validation.simulations.oddities import label
from data.drawing.sample import write_sample
from data.intake.images import write_thumbnail
from data.store.about.set_aside import read_set_aside
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


@pytest.fixture(scope="module")
def blank(analyzed: tuple[Workspace, Run]) -> Workspace:
    """A workspace whose files are all gone but for the thumbnails of covers 3 and 4, which are blank."""
    workspace, _ = analyzed
    for picture_of in (3, 4):
        write_thumbnail(workspace, f"{picture_of:064}", Image.new("RGB", (60, 60), "white"))
    return workspace


def test_covers_whose_files_are_gone_are_counted(blank: Workspace) -> None:
    run = find_oddities(blank)
    assert (run.results["covers"], run.results["unread"]) == (119, 117)
    assert read_oddities(blank, run).cover_id.tolist() == [3, 4]


def test_the_verb_lists_them_and_leaves_nothing_out(blank: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    told = CliRunner().invoke(oddities_command, ["--workspace", str(blank.folder)], catch_exceptions=False).stdout
    assert told.splitlines() == [
        "Likely no cover: 2 with one colour and nothing else. Each counts until you set it aside.",
        "  cover      3  blank       1.00  /covers/3.jpg",
        "  cover      4  blank       1.00  /covers/4.jpg",
    ]
    monkeypatch.setattr("analysis.behind.oddities.oddities_command.SHOWN", 1)
    told = CliRunner().invoke(oddities_command, ["--workspace", str(blank.folder)], catch_exceptions=False).stdout
    assert "cover      4" not in told
    assert "... and 1 more: 'genrescope oddities --json' lists them all" in told
    assert read_set_aside(blank) == {}


def test_the_verb_says_all_as_json(blank: Workspace) -> None:
    words = ["--json", "--workspace", str(blank.folder)]
    found = json.loads(CliRunner().invoke(oddities_command, words, catch_exceptions=False).stdout)
    assert found["run_id"] == find_oddities(blank).run_id
    assert found["listed"] == {"disc": 0, "blank": 2, "placeholder": 0}
    assert [(row["cover_id"], row["reason"], row["score"]) for row in found["oddities"]] == [
        (3, "blank", 1.0),
        (4, "blank", 1.0),
    ]
