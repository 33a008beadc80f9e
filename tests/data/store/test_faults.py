"""What a disk, a user or a system does to a workspace: one line that says what is wrong and what to do."""

import errno
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.errors import WorkspaceError, refused
from data.intake.images import write_thumbnail
from data.store.workspace import Workspace, open_workspace

ROOT = Path(__file__).parents[3]
HEADERS = 3 * 4096  # of a DuckDB file; blocks follow


def fill(workspace: Workspace) -> None:
    with workspace.write() as con:
        con.execute("INSERT INTO rejected SELECT 'cover ' || hash(i), 'Jazz', 'truncated', '' FROM range(20_000) t(i)")


def everything(workspace: Workspace) -> None:
    with workspace.read() as con:
        con.sql("SELECT * FROM rejected").fetchall()


@pytest.mark.parametrize("how", ["a bit a page", "headers", "cut off"])
def test_a_damaged_database_is_told_in_one_line(workspace: Workspace, how: str) -> None:
    fill(workspace)
    content = bytearray(workspace.database.read_bytes())
    if how == "cut off":
        del content[len(content) // 2 :]
    else:
        start, end = (HEADERS, len(content)) if how == "a bit a page" else (0, HEADERS)
        for page in range(start, end, 4096):
            content[page + 100] ^= 1
    workspace.database.write_bytes(content)
    with pytest.raises(WorkspaceError, match="it is damaged: put a copy") as caught:
        everything(open_workspace(workspace.folder))
    assert "\n" not in str(caught.value)
    assert str(workspace.database) in str(caught.value)


def test_a_question_mark_in_the_path_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"no file with a '\?' in its path"):
        open_workspace(tmp_path / "what?" / "workspace", create=True)
    assert os.listdir(tmp_path) == []


@contextmanager
def powerless() -> Iterator[None]:
    """Without the rights of root, for whom permissions do not bind."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that any user may enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_workspace_that_may_only_be_read_is_read_and_says_why_it_is_not_written(open_to_all: Path) -> None:
    workspace = open_workspace(open_to_all / "workspace", create=True)
    for path in (workspace.database, workspace.folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with powerless():
        everything(open_workspace(workspace.folder))
        with pytest.raises(WorkspaceError, match="it may only be read here: mend its permissions") as caught:
            fill(workspace)
        with pytest.raises(OSError, match="denied") as denied:
            write_thumbnail(workspace, "ab", Image.new("RGB", (8, 8)))
    assert "\n" not in str(caught.value)
    assert refused(denied.value).startswith(f"cannot use {workspace.folder / 'thumbnails'}")
    workspace.folder.chmod(0o755)


def test_what_the_system_refuses_is_one_line_and_what_it_does_not_refuse_is_none() -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/there/x")
    assert refused(full).startswith("cannot use /there/x: No space left on device: make room on its disk")
    assert "read" in refused(OSError(errno.EROFS, "Read-only file system"))
    assert refused(OSError(errno.EINVAL, "Invalid argument")) == ""
    assert refused(OSError("without a number")) == ""


def test_an_import_that_finds_no_room_says_so_and_leaves_nothing_half_written(workspace: Workspace) -> None:
    folder = workspace.folder.parent / "covers" / "Jazz"
    folder.mkdir(parents=True)
    for number in range(20):
        pixels = np.random.default_rng(number).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    done = subprocess.run(
        [sys.executable, ROOT / "genrescope.py", "import", folder.parent, "--workspace", workspace.folder],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"genrescope: cannot use {workspace.folder}/thumbnails/")
    assert "File too large: files may not grow so large here" in line
    assert [file for file in workspace.folder.rglob("*") if file.is_file()] == [workspace.database]
