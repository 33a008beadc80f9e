"""Covers that moved: found again by content, each a file of its own, and nothing else changes."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from data.auditing.audit import read_audit
from data.errors import GenrescopeError, UnreadableImage
from data.grouping.groups import make_groups
from data.intake import relocating
from data.intake.images import load_cover
from data.intake.importing import import_covers
from data.intake.relocating import relocate
from data.store.covers import collection
from data.store.workspace import Workspace, open_workspace

ROOT = Path(__file__).parents[3]
COVERS = 12


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A collection of two genres, whose contents are 0 to 9, of as many sizes, and 0 twice more, once in each genre."""
    folder = tmp_path / "old"
    for number in range(COVERS):
        path = folder / ("Jazz" if number % 2 else "Rock") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        shade = number if number < 10 else 0
        noise = np.random.default_rng(shade).integers(0, 256, (30, 30 + shade, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)
    return folder


def table(workspace: Workspace, query: str = "SELECT * FROM covers ORDER BY cover_id") -> list[tuple[Any, ...]]:
    with workspace.read() as con:
        return con.sql(query).fetchall()


def paths(workspace: Workspace) -> list[str]:
    return [path for (path,) in table(workspace, "SELECT path FROM covers ORDER BY cover_id")]


def all_but_paths(workspace: Workspace) -> list[tuple[Any, ...]]:
    return table(workspace, "SELECT * EXCLUDE (path) FROM covers ORDER BY cover_id")


def moved(old: Path, name: str = "new") -> Path:
    return Path(shutil.move(old, old.with_name(name)))


def test_nothing_but_paths_changes(workspace: Workspace, old: Path) -> None:
    import_covers(workspace, old)
    groups = make_groups(workspace)
    before, were, runs = all_but_paths(workspace), paths(workspace), table(workspace, "SELECT * FROM runs")
    thumbnails = {path: path.stat().st_mtime_ns for path in workspace.folder.rglob("*.webp")}
    found = relocate(workspace, moved(old))
    assert (found.covers, found.moved, found.missing) == (COVERS, COVERS, ())
    assert paths(workspace) == [path.replace("/old/", "/new/") for path in were]
    assert all_but_paths(workspace) == before
    assert table(workspace, "SELECT * FROM runs") == runs
    assert {path: path.stat().st_mtime_ns for path in workspace.folder.rglob("*.webp")} == thumbnails
    assert collection(workspace).run_id in groups.inputs
    assert not read_audit(workspace, groups).rejected
    assert import_covers(workspace, old.with_name("new")).added == 0


def test_again_there_is_nothing_to_do(workspace: Workspace, old: Path) -> None:
    import_covers(workspace, old)
    new = moved(old)
    relocate(workspace, new)
    before = table(workspace)
    again = relocate(workspace, new)
    assert (again.moved, again.missing) == (0, ())
    assert again.lines() == ["0 covers found again, 12 were in their place"]
    assert table(workspace) == before


def test_whatever_they_are_called_now(workspace: Workspace, old: Path, tmp_path: Path) -> None:
    """Every file under another name and without an ending: only the content tells, and copies get a file each."""
    import_covers(workspace, old)
    (tmp_path / "heap").mkdir()
    files = [path for path in old.rglob("*") if path.is_file()]
    random.Random(1).shuffle(files)
    for number, path in enumerate(files):
        path.rename(tmp_path / "heap" / f"f{number}")
    assert relocate(workspace, tmp_path / "heap").moved == COVERS
    now = paths(workspace)
    assert len(set(now)) == COVERS
    for path, sha256 in zip(now, [row[2] for row in table(workspace)], strict=True):
        load_cover(path, sha256)


def test_copies_keep_their_own_places(workspace: Workspace, old: Path) -> None:
    """Of three files with one content each cover gets the one whose path ends as its own did, renamed ones last."""
    import_covers(workspace, old)
    new = moved(old)
    (new / "Rock").rename(new / "Rock music")
    (new / "Jazz" / "11.png").rename(new / "Jazz" / "a.png")
    were = paths(workspace)
    relocate(workspace, new)
    wanted = [path.replace("/old/Rock/", "/new/Rock music/").replace("/old/", "/new/") for path in were]
    assert paths(workspace) == [path.replace("11.png", "a.png") for path in wanted]


def test_what_is_missing_is_said_and_found_later(workspace: Workspace, old: Path, tmp_path: Path) -> None:
    import_covers(workspace, old)
    lost = [path for path in paths(workspace) if "/Jazz/" in path]
    new = moved(old)
    shutil.move(new / "Jazz", tmp_path / "elsewhere")
    found = relocate(workspace, new)
    assert (found.moved, list(found.missing)) == (6, lost)
    assert "6 covers still missing" in found.lines()[1]
    assert lost[4] in found.lines()[1]
    assert lost[5] not in found.lines()[1]
    assert "1 more (--json lists all)" in found.lines()[1]
    assert relocate(workspace, tmp_path / "elsewhere").missing == ()


def test_fewer_copies_than_covers(workspace: Workspace, old: Path) -> None:
    """A path belongs to one cover: where a copy is gone, one cover of its content stays missing."""
    import_covers(workspace, old)
    new = moved(old)
    (new / "Rock" / "10.png").unlink()
    found = relocate(workspace, new)
    assert [Path(path).name for path in found.missing] == ["10.png"]
    assert len(set(paths(workspace))) == COVERS


def test_places_of_covers_that_stayed_are_not_given_away(workspace: Workspace, old: Path) -> None:
    """0.png is in its place, 10.png of equal content is not: what is found for it is the other file."""
    import_covers(workspace, old)
    (old / "Rock" / "10.png").rename(old / "Rock" / "a.png")
    assert relocate(workspace, old).missing == ()
    assert str(old / "Rock" / "0.png") in paths(workspace)
    assert str(old / "Rock" / "a.png") in paths(workspace)


@pytest.mark.parametrize("batch", [1, 500])
def test_places_that_covers_have_exchanged(
    workspace: Workspace, old: Path, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when what one has given up and the other wants is entered in different batches."""
    monkeypatch.setattr(relocating, "BATCH", batch)
    import_covers(workspace, old)
    jazz, order = old / "Jazz", ["1.png", "3.png", "5.png", "7.png"]
    for name in order:
        (jazz / name).rename(jazz / f"{name}.aside")
    for name, other in zip(order, order[1:] + order[:1], strict=True):
        (jazz / f"{name}.aside").rename(jazz / other)
    found = relocate(workspace, old)
    assert (found.moved, found.missing) == (4, ())
    for path, sha256 in zip(paths(workspace), [row[2] for row in table(workspace)], strict=True):
        load_cover(path, sha256)


def test_a_file_of_the_same_size_in_a_place_is_looked_into(workspace: Workspace, old: Path) -> None:
    """Two covers of one size: one is where the other was, which lies elsewhere."""
    content = bytearray((old / "Rock" / "2.png").read_bytes())
    (old / "Rock" / "twin.png").write_bytes(content + b"a")
    (old / "Rock" / "other.png").write_bytes(content + b"b")
    import_covers(workspace, old)
    (old / "Rock" / "twin.png").rename(old / "a.png")
    (old / "Rock" / "other.png").rename(old / "Rock" / "twin.png")
    assert relocate(workspace, old).moved == 2
    for path, sha256 in zip(paths(workspace), [row[2] for row in table(workspace)], strict=True):
        load_cover(path, sha256)


def test_a_file_of_the_same_name_and_size_but_another_content_is_not_taken(workspace: Workspace, old: Path) -> None:
    import_covers(workspace, old)
    new = moved(old)
    content = bytearray((new / "Rock" / "2.png").read_bytes())
    content[-20] ^= 1
    (new / "Rock" / "2.png").write_bytes(content)
    found = relocate(workspace, new)
    assert found.moved == COVERS - 1
    assert [Path(path).name for path in found.missing] == ["2.png"]


def test_only_what_may_be_a_cover_is_read(workspace: Workspace, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where names and sizes tell, nothing else is read; a pipe and a loop of links do no harm."""
    import_covers(workspace, old)
    new = moved(old)
    for path in list(new.rglob("*.png")):
        shutil.copy(path, path.with_name("copy of " + path.name))
    os.mkfifo(new / "pipe.png")
    (new / "loop").symlink_to(new)
    assert len(list(relocating._walk(new))) == 2 * COVERS + 1
    read: list[str] = []
    monkeypatch.setattr(
        relocating, "read_file", lambda path, real=relocating.read_file: (read.append(path), real(path))[1]
    )
    assert relocate(workspace, new).moved == COVERS
    assert len(read) == COVERS


def test_a_name_that_is_not_utf8_is_no_path(workspace: Workspace, old: Path) -> None:
    import_covers(workspace, old)
    new = moved(old)
    try:
        (new / "Rock" / "2.png").rename(os.fsdecode(bytes(new / "caf") + b"\xe9.png"))
    except OSError:
        pytest.skip("this file system takes no such name")
    assert [Path(path).name for path in relocate(workspace, new).missing] == ["2.png"]


def test_metadata_of_a_table_stay(workspace: Workspace, old: Path, tmp_path: Path) -> None:
    (tmp_path / "covers.csv").write_text("path,genre,artist\nold/Rock/2.png,Rock|Pop,Nina\nold/Jazz/3.png,Jazz,Chet\n")
    import_covers(workspace, tmp_path / "covers.csv")
    relocate(workspace, moved(old))
    rows = table(workspace, "SELECT path, genres, metadata->>'artist' FROM covers ORDER BY cover_id")
    new = tmp_path / "new"
    assert rows == [(str(new / "Jazz/3.png"), ["Jazz"], "Chet"), (str(new / "Rock/2.png"), ["Rock", "Pop"], "Nina")]


def test_what_was_found_before_it_was_killed_stays(
    workspace: Workspace, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_covers(workspace, old)
    new = moved(old)
    monkeypatch.setattr(relocating, "BATCH", 1)
    calls = []

    def stopping(*args: Any, real: Any = relocating._enter) -> Any:
        calls.append(args)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(relocating, "_enter", stopping)
    with pytest.raises(KeyboardInterrupt):
        relocate(workspace, new)
    before = sum("/new/" in path for path in paths(workspace))
    assert 0 < before < COVERS
    monkeypatch.undo()
    assert relocate(workspace, new).moved == COVERS - before


def test_refusals(workspace: Workspace, old: Path, tmp_path: Path) -> None:
    with pytest.raises(GenrescopeError, match="holds no covers"):
        relocate(workspace, tmp_path)
    import_covers(workspace, old)
    with pytest.raises(GenrescopeError, match="there is no folder"):
        relocate(workspace, tmp_path / "nowhere")
    shutil.rmtree(old)
    (tmp_path / "empty").mkdir()
    with pytest.raises(GenrescopeError, match=r"none of 12 missing covers lies below .*empty.*name the folder") as told:
        relocate(workspace, tmp_path / "empty")
    assert "\n" not in str(told.value)
    path, sha256 = table(workspace, "SELECT path, sha256 FROM covers WHERE cover_id = 0")[0]
    with pytest.raises(UnreadableImage, match=r"missing: .*'genrescope relocate FOLDER' finds them again"):
        load_cover(path, sha256)


def test_a_workspace_goes_to_another_place(workspace: Workspace, old: Path, tmp_path: Path) -> None:
    """Copied with its covers, the first ones gone: the verb in a process of its own, from where the covers are."""
    import_covers(workspace, old)
    runs = table(workspace, "SELECT * FROM runs")
    there = tmp_path / "other machine"
    shutil.copytree(workspace.folder, there / "study")
    shutil.move(old, there / "covers")
    shutil.rmtree(workspace.folder)
    command = [sys.executable, ROOT / "genrescope.py", "relocate", "covers", "--workspace", "study"]
    done = subprocess.run([*command, "--json"], cwd=there, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"covers": COVERS, "moved": COVERS, "missing": []}
    copied = open_workspace(there / "study")
    assert table(copied, "SELECT * FROM runs") == runs
    assert all(path.startswith(str(there / "covers")) for path in paths(copied))
    (there / "covers" / "Rock" / "2.png").unlink()
    (there / "covers" / "Rock" / "4.png").rename(there / "covers" / "four")
    done = subprocess.run(command, cwd=there, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[0]) == (3, "1 cover found again, 10 were in their place")
