"""The file of resized covers: right pixels, whatever was in it before."""

import shutil

import numpy as np
import pytest
from PIL import Image

from analysis.networks.learning import cache
from analysis.networks.learning.cache import cached_covers
from data.errors import GenrescopeError
from data.intake.importing import import_covers
from data.store.covers import collection, read_covers
from data.store.workspace import Workspace


@pytest.fixture
def shelf(new_workspace, colored, tmp_path):
    folder = tmp_path / "covers"
    for genre in ("Blue", "Red"):
        (folder / genre).mkdir(parents=True)
        for number in range(5):
            shutil.copy(colored / genre / f"{number}.png", folder / genre)
    workspace = new_workspace()
    import_covers(workspace, folder)
    return workspace, folder


def covers_of(workspace: Workspace):
    return read_covers(workspace, collection(workspace))


def expected(paths) -> np.ndarray:
    return np.stack(
        [np.asarray(Image.open(path).convert("RGB").resize((40, 40), Image.Resampling.BILINEAR)) for path in paths]
    )


def test_pixels_are_those_of_the_whole_cover_resized(shelf, monkeypatch):
    workspace, _ = shelf
    covers = covers_of(workspace)
    found = cached_covers(workspace, covers, size=40)
    np.testing.assert_array_equal(found.images, expected(covers.path))
    monkeypatch.setattr(cache, "decode_batches", None)  # nothing is decoded again
    np.testing.assert_array_equal(cached_covers(workspace, covers, size=40).images, expected(covers.path))


@pytest.mark.parametrize("rows", [0, 3.5, 9])
def test_a_file_that_was_cut_short_goes_on_where_it_ends(shelf, rows):
    workspace, _ = shelf
    covers = covers_of(workspace)
    cached_covers(workspace, covers, size=40)
    with open(workspace.folder / "cache" / "covers-40.uint8", "r+b") as file:
        file.truncate(int(rows * 40 * 40 * 3))
    np.testing.assert_array_equal(cached_covers(workspace, covers, size=40).images, expected(covers.path))


def test_covers_that_were_added_are_appended_and_those_of_another_collection_made_anew(shelf, colored):
    workspace, folder = shelf
    cached_covers(workspace, covers_of(workspace), size=40)
    shutil.copy(colored / "Red" / "9.png", folder / "Red" / "99.png")
    import_covers(workspace, folder)
    covers = covers_of(workspace)
    np.testing.assert_array_equal(cached_covers(workspace, covers, size=40).images, expected(covers.path))
    turned = covers.iloc[::-1].reset_index(drop=True).assign(cover_id=range(len(covers)))
    np.testing.assert_array_equal(cached_covers(workspace, turned, size=40).images, expected(turned.path))


def test_a_cover_that_cannot_be_read_is_left_out_until_it_can(shelf, tmp_path):
    workspace, _ = shelf
    covers = covers_of(workspace)
    shutil.move(covers.path[3], tmp_path / "away.png")
    assert cached_covers(workspace, covers, size=40).left_out == {3: "missing"}
    shutil.move(tmp_path / "away.png", covers.path[3])
    found = cached_covers(workspace, covers, size=40)
    assert found.left_out == {}
    np.testing.assert_array_equal(found.images, expected(covers.path))


def test_no_room_is_said_before_anything_is_decoded(shelf, monkeypatch):
    workspace, _ = shelf
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(GenrescopeError, match="make room"):
        cached_covers(workspace, covers_of(workspace), size=40)
