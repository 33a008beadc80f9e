"""Files that are there as a whole or not at all."""

import os
from pathlib import Path

import pytest

from data.store.disk.whole import FORGOTTEN, sweep, whole


def test_a_file_comes_whole_and_readable_for_all(tmp_path: Path) -> None:
    with whole(tmp_path / "a.txt") as part:
        part.write_text("new")
        assert not (tmp_path / "a.txt").exists()
    assert (tmp_path / "a.txt").read_text() == "new"
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("ours")])
def test_after_an_error_what_stood_there_stands_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    (tmp_path / "a.txt").write_text("old")

    def fail() -> None:
        with whole(tmp_path / "a.txt") as part:
            part.write_text("half")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]
    if isinstance(error, OSError):
        assert error.filename == str(tmp_path / "a.txt"), "the message says which file"


def test_what_killed_processes_left_is_swept_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    for name in ("old.part", "new.part", "old.webp"):
        (tmp_path / "ab" / name).touch()
        if name.startswith("old"):
            long_ago = (tmp_path / "ab" / name).stat().st_mtime - FORGOTTEN - 1
            os.utime(tmp_path / "ab" / name, (long_ago, long_ago))
    sweep(tmp_path)
    assert sorted(os.listdir(tmp_path / "ab")) == ["new.part", "old.webp"]
    sweep(tmp_path / "nowhere")
