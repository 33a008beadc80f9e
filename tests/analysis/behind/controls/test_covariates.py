"""What is known of covers as columns: what bends, what has levels, what is no confound."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis.behind.controls.covariates import (
    Confound,
    indicators,
    known_confounds,
    of_color,
    of_column,
    of_file,
    smooth,
)
from embeddings.encoders.families.color import encode

GENRES = ("Jazz", "Pop")


def made(values: list[object]) -> Confound:
    found = of_column("column", pd.Series(values), genres=GENRES)
    assert isinstance(found, Confound)
    return found


def test_years_are_taken_by_decade():
    found = made([*range(1961, 1990), None, "unknown"])
    assert found.level == "decade"
    assert found.levels is not None
    assert found.levels.tolist()[:10] == [0] * 9 + [1]
    assert found.levels.tolist()[-2:] == [-1, -1]
    assert found.design.shape == (31, 4)  # three decades and the unknown
    assert (found.design.sum(axis=1) == 1).all()


def test_other_numbers_may_bend():
    found = made([0.5 * i for i in range(40)])
    assert found.levels is None
    assert found.design.shape == (40, 3)
    assert np.corrcoef(found.design[:, 0], np.arange(40))[0, 1] > 0.95


def test_names_are_levels_whatever_their_case():
    found = made(["Blue", " blue", "BLUE", "blue", "blue", "Red", "red", "red", "red", "red", ""])
    assert found.levels is not None
    assert found.levels.tolist() == [0] * 5 + [1] * 5 + [-1]
    assert found.design.sum(axis=0).tolist() == [5, 5, 1]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["vinyl"] * 20, "is the same for every cover"),
        ([f"title {i}" for i in range(20)], "names covers one by one"),
        (["jazz", "Pop"] * 10, "is the genre itself"),
        ([None] * 20, "is the same for every cover"),
    ],
)
def test_what_is_no_confound_says_why(values, reason):
    assert of_column("column", pd.Series(values), genres=GENRES) == reason


def test_rare_levels_have_no_column_of_their_own():
    codes = np.array([0] * 6 + [1] * 4 + [-1] * 2)
    assert indicators(codes).sum(axis=0).tolist() == [6, 2]


def test_scale_and_outliers_do_not_matter():
    numbers = np.random.default_rng(0).normal(size=50)
    grown = np.exp(numbers)
    grown[grown.argmax()] = 1e9
    assert smooth(grown) == pytest.approx(smooth(numbers))
    assert smooth(numbers).std(axis=0) == pytest.approx(1)


def test_unknown_numbers_have_a_column():
    assert smooth(np.array([1.0, 2, 3, np.nan, np.nan])).shape == (5, 4)
    assert smooth(np.ones(5)).shape == (5, 0)


def test_brightness_is_the_covers_lightness():
    grey = np.repeat(np.arange(0, 250, 10, dtype=np.uint8), 64 * 64 * 3).reshape(-1, 64, 64, 3)
    found = of_color(encode(grey))
    assert found["brightness"].design[:, 0].argsort().tolist() == list(range(25))
    assert found["palette"].design.shape[0] == 25


def test_files_of_one_size_and_format_differ_in_bytes_only():
    covers = pd.DataFrame({"width": 300, "height": 300, "bytes": range(900, 1000), "format": "JPEG", "mode": "RGB"})
    assert of_file(covers).design.shape == (100, 6)  # bytes and bytes a pixel, three columns each
    covers["format"] = ["JPEG", "PNG"] * 50
    assert of_file(covers).design.shape == (100, 8)


def test_the_votes_for_genres_are_no_confound(workspace):
    genres = ["jazz", "rock"] * 20
    metadata = [json.dumps({"genre_votes": f"{genre}:{n % 4}", "label": f"L{n % 3}"}) for n, genre in enumerate(genres)]
    facts = {"bytes": range(40), "width": 9, "height": 9, "mode": "RGB", "format": "JPEG"}
    covers = pd.DataFrame({"genre": genres, "metadata": metadata, **facts})
    found, left_out = known_confounds(workspace, covers, grouped=())
    assert left_out["genre_votes"] == "is the genre itself"
    assert "label" in found
