"""`read-text` on a workspace: what is read, resumed, copied, left out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from data.intake.importing import import_covers
from data.store.runs import Run, current_runs, find_runs
from data.store.workspace import Workspace, open_workspace
from embeddings.changing.setting_aside import exclude, include
from embeddings.embed import embed
from embeddings.lettering.ocr import reader_params
from embeddings.lettering.read_text_command import read_text_command
from embeddings.lettering.reading import KIND, read_boxes, read_text, read_texts

Draw = Callable[[str], Image.Image]
TEXTS = {"jazz/one": "NIGHT TRAIN", "jazz/two": "", "metal/copy": "NIGHT TRAIN", "metal/three": "IRON\nMOUNTAIN"}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, lettered: Draw) -> tuple[Workspace, Run]:
    folder = tmp_path_factory.mktemp("lettered")
    for name, text in TEXTS.items():
        path = folder / "covers" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        lettered(text).save(path)
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, folder / "covers")
    return workspace, read_text(workspace)


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(read_text_command, [str(argument) for argument in arguments])


def test_words_of_every_cover(shelf: tuple[Workspace, Run]) -> None:
    workspace, run = shelf
    cover_ids, texts = read_texts(workspace, run)
    assert cover_ids.tolist() == [0, 1, 2, 3]
    assert texts == list(TEXTS.values())
    words = read_boxes(workspace, run)
    assert words[words.cover_id == 3][["line", "word"]].to_numpy().tolist() == [[0, "IRON"], [1, "MOUNTAIN"]]
    assert words[words.cover_id == 0].box.tolist()[0].tolist() == words[words.cover_id == 2].box.tolist()[0].tolist()
    assert {name: run.results[name] for name in ("covers", "words", "without", "left_out")} == {
        "covers": 4,
        "words": 6,
        "without": 1,
        "left_out": 0,
    }


def test_it_is_found_again_and_said_so(shelf: tuple[Workspace, Run]) -> None:
    workspace, run = shelf
    assert read_text(workspace) == run
    said = call("--workspace", workspace.folder)
    assert said.exit_code == 0
    assert "6 words on 4 covers, none on 1, already there" in said.output


def test_what_was_read_before_a_kill_or_an_import_is_not_read_again(
    tmp_path: Path, lettered: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embeddings.lettering import reading

    (tmp_path / "covers" / "jazz").mkdir(parents=True)
    for number, text in enumerate(["ONE MORE", "TWO MORE"]):
        lettered(text).save(tmp_path / "covers" / "jazz" / f"{number}.png")
    workspace = open_workspace(tmp_path / "workspace", create=True)
    import_covers(workspace, tmp_path / "covers")
    looked: list[int] = []

    def look(square):  # type: ignore[no-untyped-def]
        looked.append(1)
        if len(looked) == 2:
            raise KeyboardInterrupt
        return read_words(square)

    read_words = reading.read_words
    monkeypatch.setattr(reading, "COVERS", 1)
    monkeypatch.setattr(reading, "read_words", look)
    with pytest.raises(KeyboardInterrupt):
        read_text(workspace)
    assert len(find_runs(workspace, KIND, finished=False)) == 1
    read_text(workspace)
    assert len(looked) == 3  # the first once, the second twice
    lettered("THREE").save(tmp_path / "covers" / "jazz" / "2.png")
    import_covers(workspace, tmp_path / "covers")
    run = read_text(workspace)
    assert len(looked) == 4
    assert read_texts(workspace, run)[1] == ["ONE MORE", "TWO MORE", "THREE"]


def test_covers_set_aside_leave_the_words_and_come_back_unread(shelf: tuple[Workspace, Run]) -> None:
    workspace, run = shelf
    exclude(workspace, [0], reason="no cover")
    (carried,) = current_runs(workspace, KIND)
    assert read_texts(workspace, carried)[0].tolist() == [1, 2, 3]
    assert carried.results["left_out"] == 1
    include(workspace)
    assert current_runs(workspace, KIND) == [run]


def test_setting_aside_reads_nothing_that_nobody_has_read(
    tmp_path: Path, lettered: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embeddings.lettering import reading

    (tmp_path / "covers" / "jazz").mkdir(parents=True)
    for number, text in enumerate(["ONE MORE", "TWO MORE"]):
        lettered(text).save(tmp_path / "covers" / "jazz" / f"{number}.png")
    workspace = open_workspace(tmp_path / "workspace", create=True)
    import_covers(workspace, tmp_path / "covers")
    run = read_text(workspace)
    embed(workspace, "text")
    lettered("THREE MORE").save(tmp_path / "covers" / "jazz" / "2.png")
    import_covers(workspace, tmp_path / "covers")
    with monkeypatch.context() as patched:
        patched.setattr(reading, "read_words", lambda _: pytest.fail("a cover is read"))
        _, carried = exclude(workspace, [0], reason="no cover")
    assert carried == []
    assert current_runs(workspace, KIND) == []
    assert read_texts(workspace, read_text(workspace))[1] == ["TWO MORE", "THREE MORE"]
    assert find_runs(workspace, KIND)[-1] == run


def test_a_cover_that_is_gone_is_left_out_with_its_reason(tmp_path: Path, lettered: Draw) -> None:
    (tmp_path / "covers" / "jazz").mkdir(parents=True)
    for name in ("there", "gone"):
        lettered(name).save(tmp_path / "covers" / "jazz" / f"{name}.png")
    workspace = open_workspace(tmp_path / "workspace", create=True)
    import_covers(workspace, tmp_path / "covers")
    (tmp_path / "covers" / "jazz" / "gone.png").unlink()
    said = call("--workspace", workspace.folder)
    assert said.exit_code == 3
    assert "1 words on 1 covers" in said.output
    assert "1 covers left out" in said.output
    with workspace.read() as con:
        assert con.sql("SELECT cover_id, reason FROM left_out").fetchall() == [(0, "missing")]


def test_the_reader_is_named_by_its_weights() -> None:
    assert reader_params()["weights"].keys() == {
        "PP-OCRv6_det_small",
        "PP-OCRv6_rec_small",
        "ch_ppocr_mobile_v2.0_cls_mobile",
    }
