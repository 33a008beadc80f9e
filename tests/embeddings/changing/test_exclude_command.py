"""`genrescope exclude` and `genrescope include`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from data.errors import GenrescopeError
from data.store.about.set_aside import read_set_aside
from data.store.workspace import Workspace
from embeddings.changing.exclude_command import NEXT, exclude_command, include_command
from embeddings.embed import embed


@pytest.fixture(scope="module")
def embedded(new_filled: Callable[[Path], Workspace], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """30 covers and their embedding."""
    workspace = new_filled(tmp_path_factory.mktemp("embedded"))
    embed(workspace, "color")
    return workspace


@pytest.fixture
def whole(embedded: Workspace) -> Iterator[Workspace]:
    """The same, of which no cover is set aside; nor after it."""
    yield embedded
    with embedded.write() as con:
        con.execute("DELETE FROM set_aside")


def run(command: click.Command, workspace: Workspace, *words: str | Path) -> Result:
    return CliRunner().invoke(command, [*map(str, words), "--workspace", str(workspace.folder)], catch_exceptions=False)


def test_it_says_what_it_set_aside_and_what_was_carried_over(whole: Workspace) -> None:
    done = run(exclude_command, whole, "3", "4", "--reason", "vinyl label")
    assert done.stdout.splitlines() == [
        "2 covers set aside (vinyl label)",
        "color: 28 vectors, 2 covers left out",
        NEXT,
    ]
    assert read_set_aside(whole) == {3: "vinyl label", 4: "vinyl label"}
    assert run(exclude_command, whole, "3", "--reason", "disc").stdout.startswith("0 covers set aside (disc)")
    assert read_set_aside(whole)[3] == "disc"


def test_it_takes_a_list_and_some_or_all_come_back(whole: Workspace, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("cover_id,why\n7,x\n9,y\n")
    run(exclude_command, whole, tmp_path / "list.csv", "3", "--reason", "no cover")
    assert list(read_set_aside(whole)) == [3, 7, 9]
    some = run(include_command, whole, "3", "7").stdout.splitlines()
    assert some == ["2 covers count again", "color: 29 vectors, 1 cover left out", NEXT]
    rest = run(include_command, whole, "--all").stdout.splitlines()
    assert rest[:2] == ["1 cover counts again", "color: 30 vectors, 0 covers left out"]
    assert read_set_aside(whole) == {}


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        (("30", "--reason", "x"), "there is no cover number 30, they go from 0 to 29"),
        (("3", "--reason", " "), "for a reason"),
        (("three", "--reason", "x"), "no cover id and no file"),
        ((*map(str, range(29)), "--reason", "x"), "fewer than two of 30 covers"),
    ],
)
def test_a_mistake_is_one_line_and_sets_nothing_aside(whole: Workspace, words: tuple[str, ...], trouble: str) -> None:
    with pytest.raises(GenrescopeError, match=trouble):
        run(exclude_command, whole, *words)
    assert read_set_aside(whole) == {}


def test_it_wants_a_reason_and_covers_or_all_of_them(whole: Workspace) -> None:
    assert "Missing option '--reason'" in run(exclude_command, whole, "3").stderr
    for words in ((), ("3", "--all")):
        done = run(include_command, whole, *words)
        assert done.exit_code == 2
        assert "name covers, or say --all" in done.stderr
