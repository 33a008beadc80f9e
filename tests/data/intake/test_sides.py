"""Both sides of a sleeve: what analysis takes, and that the other side is there without counting."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from data.intake.import_command import import_command
from data.intake.importing import import_covers
from data.intake.sides import side_of
from data.store.about.set_aside import read_set_aside
from data.store.covers import collection, counting
from data.store.workspace import Workspace

Enter = Callable[..., None]


def table(folder: Path, sides: Sequence[str], name: str = "covers.csv") -> Path:
    """A table of drawn covers with a column `side`."""
    rows = ["path,genre,side"]
    for number, side in enumerate(sides):
        file = folder / f"{name}-{number}.png"
        Image.new("RGB", (8, 8), (40 * number, 90, 20)).save(file)
        rows.append(f"{file.name},Jazz,{side}")
    (folder / name).write_text("\n".join(rows) + "\n")
    return folder / name


@pytest.mark.parametrize(
    ("side", "counts"),
    [(None, [1, 0, 1, 1]), ("front", [1, 0, 1, 1]), ("back", [0, 1, 0, 0]), ("both", [1, 1, 1, 1])],
)
def test_analysis_takes_fronts_unless_told_otherwise(
    workspace: Workspace, tmp_path: Path, side: str | None, counts: list[int]
) -> None:
    summary = import_covers(workspace, table(tmp_path, ["front", "Back", "", "spine"]), side=side)
    assert summary.added == 4
    assert counting(workspace, collection(workspace)).tolist() == [bool(count) for count in counts]
    assert summary.other_sides == counts.count(0)
    assert any("set aside" in line for line in summary.lines()) == (0 in counts)


def test_backs_alone_count(workspace: Workspace, tmp_path: Path) -> None:
    summary = import_covers(workspace, table(tmp_path, ["back", "back"]))
    assert (summary.side, summary.other_sides) == ("both", 0)


def test_backs_that_come_later_are_set_aside_and_what_is_there_stays(workspace: Workspace, tmp_path: Path) -> None:
    source = table(tmp_path, ["front", "front", "back"])
    import_covers(workspace, source)
    with workspace.write() as con:
        con.execute("DELETE FROM set_aside")  # the user has included it
    import_covers(workspace, source)
    assert read_set_aside(workspace) == {}
    import_covers(workspace, table(tmp_path, ["back", "back"], "later.csv"))
    assert read_set_aside(workspace) == {3: "no front side", 4: "no front side"}


def test_covers_that_another_process_entered_are_left_as_they_are(workspace: Workspace, enter_into: Enter) -> None:
    rows = [{"side": "back"}, {"side": "front"}]
    enter_into(workspace, ["Jazz"] * 2, metadata=rows, side="front")
    enter_into(workspace, ["Jazz"] * 3, metadata=[*rows, {"side": "back"}], side="front")
    assert list(read_set_aside(workspace)) == [0, 2]


def test_the_option(workspace: Workspace, tmp_path: Path) -> None:
    words = [str(table(tmp_path, ["front", "back"])), "--workspace", str(workspace.folder)]
    said = CliRunner().invoke(import_command, [*words, "--side", "both"], catch_exceptions=False)
    assert "set aside" not in said.output
    assert CliRunner().invoke(import_command, [*words, "--side", "spine"]).exit_code == 2


def test_a_cover_without_a_side_is_a_front() -> None:
    assert [side_of(text) for text in ("{}", '{"side": null}', '{"side": " BACK "}', '{"side": 2}')] == [
        *("front", "front"),
        *("back", "front"),
    ]
