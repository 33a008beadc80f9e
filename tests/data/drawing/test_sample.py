"""The drawn covers hold exactly the truth that is planted in them."""

import csv
import hashlib
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageFilter

from data.drawing import sample
from data.drawing.art import STYLES
from data.drawing.art.names import NAMES, house_of
from data.drawing.art.sleeve import Sleeve
from data.drawing.sample_command import sample as sample_command
from data.errors import GenrescopeError

COVERS = 100


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of 100 covers."""
    folder = tmp_path_factory.mktemp("drawn") / "covers"
    assert sample.write_sample(folder, covers=COVERS, seed=7) == folder / "truth.csv"
    return folder


@pytest.fixture(scope="module")
def truth(drawn: Path) -> list[dict[str, str]]:
    """The rows of truth.csv, read with nothing but csv."""
    with (drawn / "truth.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def originals() -> dict[str, list[Image.Image]]:
    """Eight undisturbed covers of every style, cover i of one with the words and the dice of cover i of another."""
    return {
        genre: [draw(Sleeve("Quiet Hours", "The Others", 1977, "Label", n, random.Random(n))) for n in range(8)]
        for genre, draw in STYLES.items()
    }


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def colors(images: list[Image.Image]) -> np.ndarray:
    """Mean share of 64 coarse colours."""
    pixels = np.concatenate([np.asarray(image).reshape(-1, 3) // 64 for image in images])
    return np.bincount(pixels @ [16, 4, 1], minlength=64) / len(pixels)


def edges(images: list[Image.Image]) -> np.ndarray:
    """Where the edges are, on a grid of 30 x 30, image by image."""
    found = [image.convert("L").filter(ImageFilter.FIND_EDGES).crop((2, 2, 298, 298)) for image in images]
    return np.stack([np.asarray(edge.resize((30, 30), Image.Resampling.BOX), float) for edge in found])


def color_distance(a: list[Image.Image], b: list[Image.Image]) -> float:
    return float(np.abs(colors(a) - colors(b)).sum() / 2)


def edge_correlation(a: list[Image.Image], b: list[Image.Image]) -> float:
    return float(np.corrcoef(edges(a).ravel(), edges(b).ravel())[0, 1])


def test_every_file_is_listed_and_nothing_else_lies_there(drawn: Path, truth: list[dict[str, str]]) -> None:
    assert {row["file"] for row in truth} | {"truth.csv"} == set(digests(drawn))
    assert len(truth) == COVERS
    assert all(row["file"].split("/")[0] == row["genre"] for row in truth)
    assert Counter(row["genre"] for row in truth) == dict.fromkeys(NAMES, COVERS // len(NAMES))


def test_every_cover_is_a_square_jpeg(drawn: Path, truth: list[dict[str, str]]) -> None:
    for row in truth:
        with Image.open(drawn / row["file"]) as image:
            side = 280 if row["near_copy_of"] else 300
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (side, side)), row["file"]


def test_same_seed_same_bytes(drawn: Path, tmp_path: Path) -> None:
    sample.write_sample(tmp_path, covers=COVERS, seed=7)
    assert digests(tmp_path) == digests(drawn)
    sample.write_sample(tmp_path, covers=50, seed=8)
    assert len(digests(tmp_path)) == 51  # the earlier collection is gone
    assert not set(digests(tmp_path).values()) & set(digests(drawn).values())


def test_originals_are_all_different(drawn: Path, truth: list[dict[str, str]]) -> None:
    found = digests(drawn)
    assert len({found[row["file"]] for row in truth if not row["exact_copy_of"]}) == COVERS - round(0.04 * COVERS)


def test_exact_copies(drawn: Path, truth: list[dict[str, str]]) -> None:
    copies = [row for row in truth if row["exact_copy_of"]]
    assert len(copies) == round(sample.EXACT_COPIES * COVERS) == 4
    rows = {row["file"]: row for row in truth}
    for copy in copies:
        original = rows[copy["exact_copy_of"]]
        assert (drawn / copy["file"]).read_bytes() == (drawn / original["file"]).read_bytes()
        assert copy["genre"] != original["genre"] == copy["true_genre"]


def test_near_copies(drawn: Path, truth: list[dict[str, str]]) -> None:
    copies = [row for row in truth if row["near_copy_of"]]
    assert len(copies) == round(sample.NEAR_COPIES * COVERS) == 3
    for copy in copies:
        with Image.open(drawn / copy["file"]) as one, Image.open(drawn / copy["near_copy_of"]) as other:
            small, large = (np.asarray(image.convert("L").resize((64, 64)), float) for image in (one, other))
        assert np.abs(small - large).mean() < 4
        assert np.corrcoef(small.ravel(), large.ravel())[0, 1] > 0.98


def test_wrong_labels(truth: list[dict[str, str]]) -> None:
    planted = [row for row in truth if row["wrong_label"] == "true"]
    assert [row for row in truth if row["genre"] != row["true_genre"]] == planted
    drawn_wrong = [row for row in planted if not row["exact_copy_of"] and not row["near_copy_of"]]
    assert len(drawn_wrong) == round(sample.WRONG_LABELS * COVERS) == 6
    assert not any({row["genre"], row["true_genre"]} == set(sample.ALIKE) for row in drawn_wrong)
    assert all(house_of(NAMES[row["true_genre"]], row["artist"]) < 5 for row in truth)
    assert len({row["artist"] for row in truth}) > len(truth) / 4  # artists are groups, not genres


def test_mixture_takes_the_style_of_the_others_and_no_other_fault(truth: list[dict[str, str]]) -> None:
    styles = {row["drawn_as"] for row in truth if row["true_genre"] == sample.MIXTURE}
    assert sample.MIXTURE not in styles
    assert len(styles) > 4
    assert all(row["drawn_as"] == row["true_genre"] for row in truth if row["true_genre"] != sample.MIXTURE)
    assert all(row["true_genre"] == sample.MIXTURE for row in truth if row["genre"] == sample.MIXTURE)


def test_color_twins_have_the_same_edges_in_other_colors(originals: dict[str, list[Image.Image]]) -> None:
    a, b = (originals[genre] for genre in sample.COLOR_TWINS)
    assert edge_correlation(a, b) > 0.95
    mean_a, mean_b = (np.mean([np.asarray(image).mean(axis=(0, 1)) for image in twin], axis=0) for twin in (a, b))
    assert mean_a[0] - mean_a[2] > 10  # more red than blue
    assert mean_b[2] - mean_b[0] > 10  # more blue than red


def test_shape_twins_have_the_same_colors_in_other_shapes(originals: dict[str, list[Image.Image]]) -> None:
    a, b = (originals[genre] for genre in sample.SHAPE_TWINS)
    others = [other for genre, other in originals.items() if genre not in sample.SHAPE_TWINS]
    assert color_distance(a, b) < 0.25
    assert all(color_distance(a, other) > color_distance(a, b) + 0.1 for other in others)
    assert edge_correlation(a, b) < 0.3


def test_alike_genres_share_both(originals: dict[str, list[Image.Image]]) -> None:
    a, b = (originals[genre] for genre in sample.ALIKE)
    assert color_distance(a, b) < 0.12
    assert np.corrcoef(edges(a).mean(axis=0).ravel(), edges(b).mean(axis=0).ravel())[0, 1] > 0.8
    assert all(np.any(np.asarray(one) != np.asarray(other)) for one, other in zip(a, b, strict=True))


def test_the_longest_words_stay_inside(originals: dict[str, list[Image.Image]]) -> None:
    """Type is shrunk to its box: the margin of a poster with an endless title is as empty as with a short one."""
    long = Sleeve("Extraordinarily Unpronounceable Considerations", "W" * 60, 1977, "Label", 0, random.Random(0))
    for genre in ("Grid Techno", "Chamber Minimal"):
        margins = [np.asarray(image)[4:10].std() for image in (STYLES[genre](long), originals[genre][0])]
        assert margins[0] == pytest.approx(margins[1], abs=1.0)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(GenrescopeError, match="holds other files"):
        sample.write_sample(tmp_path)
    (tmp_path / "truth.csv").write_text("file,genre\nletter.txt,x\n")
    with pytest.raises(GenrescopeError, match="not written by"):
        sample.write_sample(tmp_path)
    with pytest.raises(GenrescopeError, match="cannot draw covers into"):
        sample.write_sample(tmp_path / "letter.txt")
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_a_rewrite_removes_nothing_outside_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "covers"
    sample.write_sample(folder, covers=50)
    (tmp_path / "mine.jpg").write_text("mine")
    listed = (folder / "truth.csv").read_text().splitlines()
    listed[1] = "../mine.jpg" + listed[1][listed[1].index(",") :]
    (folder / "truth.csv").write_text("\n".join(listed) + "\n")
    sample.write_sample(folder, covers=50)
    assert (tmp_path / "mine.jpg").read_text() == "mine"


def test_too_few_covers(tmp_path: Path) -> None:
    with pytest.raises(GenrescopeError, match="--covers 50 or more"):
        sample.write_sample(tmp_path, covers=49)


def test_the_verb_says_what_comes_next(tmp_path: Path) -> None:
    result = CliRunner().invoke(sample_command, [str(tmp_path / "new folder"), "--covers", "50"])
    assert result.exit_code == 0, result.output
    assert "50 covers in 10 genres" in result.output
    assert "genrescope import" in result.output
    assert len(list((tmp_path / "new folder").rglob("*.jpg"))) == 50
