"""A workspace deleted and made anew under a running server: no page may show what was there before."""

import inspect
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard.reading import queries
from data.intake.importing import import_covers
from data.store.workspace import Workspace, open_workspace

ROOT = Path(__file__).parents[3]


def made(folder: Path, *genres: str) -> Workspace:
    """A workspace in folder / workspace with two covers a genre."""
    shutil.rmtree(folder / "workspace", ignore_errors=True)
    shutil.rmtree(folder / "covers", ignore_errors=True)
    dice = np.random.default_rng(len(genres[0]))
    for genre in genres:
        (folder / "covers" / genre).mkdir(parents=True)
        for number in range(2):
            pixels = dice.integers(0, 256, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "covers" / genre / f"{number}.png")
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, folder / "covers")
    return workspace


def test_as_many_covers_of_other_genres_are_seen(tmp_path: Path) -> None:
    workspace = made(tmp_path, "Jazz", "Pop")
    before = queries.covers(workspace), queries.cover(workspace, 0)
    assert before[0].genres == ("Jazz", "Pop")
    made(tmp_path, "Metal", "Techno")
    now, cover = queries.covers(workspace), queries.cover(workspace, 0)
    assert (now.genres, len(now)) == (("Metal", "Techno"), 4)
    assert cover is not None
    assert cover.genre == "Metal"
    assert set(now.sha256).isdisjoint(before[0].sha256)


def test_covers_that_moved_are_seen_where_they_are(tmp_path: Path) -> None:
    workspace = made(tmp_path, "Jazz")
    assert queries.cover(workspace, 0)
    with workspace.write() as con:
        con.execute("UPDATE covers SET path = '/elsewhere.png' WHERE cover_id = 0")
    assert queries.covers(workspace).path[0] == "/elsewhere.png"
    assert queries.cover(workspace, 0).path == "/elsewhere.png"  # type: ignore[union-attr]


def test_covers_are_read_once_while_runs_come(tmp_path: Path) -> None:
    workspace = made(tmp_path, "Jazz")
    before = queries.covers(workspace)
    with workspace.write() as con:
        con.execute("INSERT INTO rejected VALUES ('a', 'Jazz', 'truncated', '')")
    assert queries.covers(workspace) is before


@pytest.mark.parametrize("room", ["dashboard", "analysis", "embeddings", "data"])
def test_nothing_of_a_workspace_is_cached_by_its_place_alone(room: str) -> None:
    """A function of a workspace is `remembered`, or takes what tells the state of its database from any other."""
    cached = re.compile(r"@(?:lru_cache|cache)\b.*\ndef (\w+)\((workspace: Workspace[^)]*)\)")
    found = [hit for file in (ROOT / room).rglob("*.py") for hit in cached.findall(file.read_text())]
    assert [name for name, taken in found if "stamp: " not in taken and "version: " not in taken] == []
    assert inspect.signature(queries.projection).parameters.keys() == {"workspace", "run_id"}
