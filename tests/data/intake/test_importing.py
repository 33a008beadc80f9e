"""Importing: what comes in from folders and tables, what is left out and why, and that it only ever adds."""

import datetime
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from data.errors import GenrescopeError
from data.intake import importing
from data.intake.images import REASONS
from data.intake.import_command import import_command
from data.intake.importing import import_covers
from data.store.covers import collection, read_covers
from data.store.workspace import Workspace, open_workspace


def rows(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    with workspace.read() as con:
        return con.sql(sql).fetchall()


def draw(path: Path, color: str = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), color).save(path)
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with two genres and three covers."""
    for name in ("Jazz/a.png", "Jazz/b.png", "Punk/c.png"):
        draw(tmp_path / "shelf" / name)
    return tmp_path / "shelf"


def test_the_zoo_is_imported_and_what_cannot_be_is_listed_with_its_reason(workspace: Workspace, zoo: Path) -> None:
    summary = import_covers(workspace, zoo)
    assert (summary.added, summary.already_there, summary.genres) == (20, 0, 3)
    assert summary.empty_genres == ("Silent",)
    assert summary.ignored == 3  # manifest.csv, notes.txt, Thumbs.db; hidden files are not even counted
    left_out = rows(workspace, "SELECT path, genre, reason FROM rejected")
    assert len(left_out) == summary.rejected
    found = {os.path.basename(path): (genre, reason) for path, genre, reason in left_out}
    assert found.pop("homeless.jpg") == (None, "no genre")
    if len(left_out) == 11:
        assert found.pop("caf\\xe9.jpg") == ("Jazz", "name is not UTF-8")
    assert found == {
        "empty.jpg": ("Jazz", "empty file"),
        "truncated.jpg": ("Jazz", "truncated"),
        "text.jpg": ("Jazz", "not an image"),
        "photo.heic": ("Jazz", "not an image"),
        "bomb.png": ("Jazz", "too large"),
        "folder.jpg": ("Jazz", "is a directory"),
        "broken link.jpg": ("Jazz", "broken link"),
        "pipe.jpg": ("Jazz", "not a file"),
        "unreadable.jpg": ("Jazz", "unreadable"),
    }
    assert {reason for _, _, reason in left_out} <= REASONS.keys()


def test_covers_are_entered_as_they_are(workspace: Workspace, zoo: Path) -> None:
    import_covers(workspace, zoo)
    covers = read_covers(workspace, collection(workspace))
    assert covers.cover_id.tolist() == list(range(20))
    assert covers.path.tolist() == sorted(covers.path)
    assert Counter(covers.genre) == {"Jazz": 12, 'R&B "<b>slow"': 7, "Lonely": 1}
    names = {os.path.basename(path): row for path, row in zip(covers.path, covers.itertuples(), strict=True)}
    assert {"<script>alert(1)&.jpg", "Ünïcode 🎷 名前.jpg", 'it\'s a "quoted" name.JPEG', "deeper.jpg"} <= names.keys()
    turned = names["rotated.jpg"]
    assert (turned.width, turned.height, turned.format) == (100, 120, "JPEG")
    assert names["really a png.jpg"].format == "PNG"
    assert names["cmyk.jpg"].mode == "CMYK"
    assert all(workspace.thumbnail(sha256).exists() for sha256 in covers.sha256)


def test_importing_again_adds_what_is_new_and_changes_nothing_else(workspace: Workspace, shelf: Path) -> None:
    broken = shelf / "Punk" / "broken.png"
    broken.touch()
    assert import_covers(workspace, shelf).rejected == 1
    before = rows(workspace, "FROM covers ORDER BY cover_id")
    draw(shelf / "Jazz" / "a.png", "blue")  # known by path: stays as imported
    draw(shelf / "Ambient" / "new.png")
    draw(broken)
    summary = import_covers(workspace, shelf)
    assert (summary.added, summary.already_there, summary.rejected) == (2, 3, 0)
    assert rows(workspace, "FROM covers WHERE cover_id < 3 ORDER BY cover_id") == before
    assert rows(workspace, "SELECT cover_id, genre FROM covers WHERE cover_id > 2 ORDER BY 1") == [
        (3, "Ambient"),
        (4, "Punk"),
    ]
    assert rows(workspace, "FROM rejected") == []


def test_covers_entered_by_someone_else_meanwhile_stand_and_ids_have_no_gaps(
    workspace: Workspace, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"path": str(shelf / "Jazz" / "b.png"), "metadata": '{"by": "other"}', "genre": "Jazz", "genres": ["Jazz"]}
    facts = {"sha256": "x", "phash": None, "bytes": 1, "width": 1, "height": 1, "mode": "RGB", "format": "PNG"}
    known = importing._not_yet_there

    def raced(workspace: Workspace, entries: list[Any]) -> list[Any]:
        found = known(workspace, entries)
        importing._enter(workspace, [other | facts])
        return found

    monkeypatch.setattr(importing, "_not_yet_there", raced)
    import_covers(workspace, shelf)
    assert rows(workspace, "SELECT cover_id, path, metadata FROM covers ORDER BY 1") == [
        (0, str(shelf / "Jazz" / "b.png"), '{"by": "other"}'),
        (1, str(shelf / "Jazz" / "a.png"), "{}"),
        (2, str(shelf / "Punk" / "c.png"), "{}"),
    ]


def test_many_batches_give_the_same_as_one(
    workspace: Workspace, tmp_path: Path, zoo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_covers(workspace, zoo)
    other = open_workspace(tmp_path / "other", create=True)
    monkeypatch.setattr(importing, "BATCH", 3)
    import_covers(other, zoo)
    for table in ("(SELECT * EXCLUDE (imported) FROM covers) ORDER BY cover_id", "rejected ORDER BY path"):
        assert rows(other, f"FROM {table}") == rows(workspace, f"FROM {table}")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "nothing to import"),
        ([".hidden.png", "notes.txt"], "nothing to import"),
        (["Jazz/notes.txt", "Punk/"], r"folders \(Jazz, Punk\) but no images"),
        (["a.png", "b.png"], "2 images but no genre folders"),
    ],
)
def test_a_source_with_nothing_in_it_says_so(
    workspace: Workspace, tmp_path: Path, names: list[str], message: str
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in names:
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).mkdir() if name.endswith("/") else (source / name).touch()
    with pytest.raises(GenrescopeError, match=message):
        import_covers(workspace, source)


def test_a_source_that_is_not_there_says_so(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(GenrescopeError, match=r"there is no .*nowhere"):
        import_covers(workspace, tmp_path / "nowhere")


def test_a_workspace_among_the_genres_and_loops_of_links_are_not_covers(shelf: Path) -> None:
    inside = open_workspace(shelf / "workspace", create=True)
    (shelf / "Jazz" / "loop").symlink_to(shelf / "Jazz")
    assert import_covers(inside, shelf).added == 3
    again = import_covers(inside, shelf)
    assert (again.added, again.already_there, again.genres) == (0, 3, 2)


TABLE = pd.DataFrame(
    {
        "File": ["Jazz/a.png", "Jazz/b.png", "Punk/c.png", "lost.png", None],
        "artist": ['Ünder, "the" <b>', None, "Trio", "x", "y"],
        "Genre": ["Jazz|Folk, World, & Country", " Punk ; Jazz", "Punk", "Jazz", "Jazz"],
        "catalogue": ["0012", "7", "", "8", "9"],
    }
)


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.parquet", "t.json", "t.jsonl", "t.duckdb"])
def test_every_kind_of_table_gives_the_same_covers(workspace: Workspace, shelf: Path, name: str) -> None:
    write_table(TABLE, shelf / name)
    summary = import_covers(workspace, shelf / name)
    assert (summary.added, summary.rejected) == (3, 2)
    covers = rows(workspace, "SELECT genre, genres, metadata FROM covers ORDER BY path")
    assert [(genre, genres, json.loads(metadata)) for genre, genres, metadata in covers] == [
        ("Jazz", ["Jazz", "Folk, World, & Country"], {"artist": 'Ünder, "the" <b>', "catalogue": "0012"}),
        ("Punk", ["Punk", "Jazz"], {"catalogue": "7"}),
        ("Punk", ["Punk"], {"artist": "Trio"}),
    ]
    assert rows(workspace, "SELECT path, reason FROM rejected ORDER BY path") == [
        (str(shelf / "lost.png"), "missing"),
        (f"{shelf / name}, row 5", "missing"),
    ]


def write_table(table: pd.DataFrame, file: Path) -> None:
    match file.suffix:
        case ".csv":
            table.to_csv(file, index=False)
        case ".tsv":
            table.to_csv(file, index=False, sep="\t")
        case ".parquet":
            table.to_parquet(file)
        case ".duckdb":
            with duckdb.connect(file) as con:
                con.register("source", table)
                con.execute("CREATE TABLE albums AS FROM source")
        case _:
            table.to_json(file, orient="records", lines=file.suffix == ".jsonl")


def test_typed_columns_become_json(workspace: Workspace, shelf: Path) -> None:
    table = pd.DataFrame(
        {
            "path": [str(shelf / "Jazz" / "a.png"), "Punk/c.png"],
            "genre": [["Jazz", "Blues"], ["Punk"]],
            "year": [1959, None],
            "score": [float("nan"), 0.5],
            "released": [datetime.date(1959, 8, 17), None],
            "tags": [["cool", "modal"], []],
        }
    )
    table.to_parquet(shelf / "t.parquet")
    import_covers(workspace, shelf / "t.parquet")
    (jazz, first), (punk, second) = rows(workspace, "SELECT genres, metadata FROM covers ORDER BY path")
    assert (jazz, punk) == (["Jazz", "Blues"], ["Punk"])
    assert json.loads(first) == {"year": 1959, "released": "1959-08-17", "tags": ["cool", "modal"]}
    assert json.loads(second) == {"score": 0.5, "tags": []}


def test_genres_separated_by_commas_or_written_as_a_list(workspace: Workspace, shelf: Path) -> None:
    (shelf / "t.csv").write_text(
        "image;label\nJazz/a.png;Jazz, Soul,Jazz\nJazz/b.png;\"['Pop', 'Rock']\"\nPunk/c.png;\n"
    )
    summary = import_covers(workspace, shelf / "t.csv")
    assert rows(workspace, "SELECT genres FROM covers ORDER BY path") == [(["Jazz", "Soul"],), (["Pop", "Rock"],)]
    assert rows(workspace, "SELECT reason FROM rejected") == [("no genre",)]
    assert (summary.added, summary.rejected) == (2, 1)


def test_rows_of_the_same_cover_are_one_cover_with_all_genres(workspace: Workspace, shelf: Path) -> None:
    (shelf / "t.csv").write_text("path,genre,n\nJazz/a.png,Jazz,1\nJazz/../Jazz/a.png,Soul,2\n")
    import_covers(workspace, shelf / "t.csv")
    assert rows(workspace, "SELECT list_sort(genres), metadata->>'n' FROM covers") == [(["Jazz", "Soul"], "1")]


def test_columns_of_any_name_can_be_named(workspace: Workspace, shelf: Path) -> None:
    (shelf / "t.csv").write_text("where,style,path\nJazz/a.png,Bop,other\n")
    with pytest.raises(GenrescopeError, match="--genre-column; there are: where, style, path"):
        import_covers(workspace, shelf / "t.csv")
    with pytest.raises(GenrescopeError, match=r"no column nope.*--path-column"):
        import_covers(workspace, shelf / "t.csv", path_column="nope", genre_column="style")
    import_covers(workspace, shelf / "t.csv", path_column="WHERE", genre_column="style")
    assert rows(workspace, "SELECT genre, metadata FROM covers") == [("Bop", '{"path": "other"}')]


def test_a_database_of_several_tables_wants_one_named(workspace: Workspace, shelf: Path) -> None:
    with duckdb.connect(shelf / "t.duckdb") as con:
        con.execute("""CREATE TABLE "odd ""name" AS SELECT 'Punk/c.png' AS path, 'Punk' AS genre""")
        con.execute("CREATE TABLE other AS SELECT 1 AS path")
    with pytest.raises(GenrescopeError, match="--table; there are: "):
        import_covers(workspace, shelf / "t.duckdb")
    assert import_covers(workspace, shelf / "t.duckdb", table='odd "name').added == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"path,genre\n", "no rows"),
        ("t.csv", "path,genre\ncaf\xe9.jpg,Rock\n".encode("latin-1"), "save it as UTF-8"),
        ("t.parquet", b"not parquet", "cannot read .* as a table"),
        ("t.duckdb", b"not duckdb", "cannot read .* as a table"),
        ("t.xlsx", b"", "tables end in .csv"),
    ],
)
def test_unreadable_tables_say_why(
    workspace: Workspace, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GenrescopeError, match=message) as caught:
        import_covers(workspace, tmp_path / name)
    assert "\n" not in str(caught.value)


def test_the_verb_says_what_it_did_and_how_many_were_left_out(tmp_path: Path, zoo: Path, shelf: Path) -> None:
    def run(source: Path) -> tuple[int, str]:
        result = CliRunner().invoke(import_command, [str(source), "--workspace", str(tmp_path / "w")])
        return result.exit_code, result.output

    status, output = run(zoo)
    assert status == 3
    assert "added 20 covers in 3 genres" in output
    assert "left out: 'genrescope audit' says why" in output
    assert "Silent" in output
    for number, name in enumerate(("Jazz/a.png", "Jazz/b.png", "Punk/c.png")):
        draw(shelf / name, ("red", "green", "blue")[number])  # else a file of two genres, which has a line of its own
    assert run(shelf) == (0, "added 3 covers in 2 genres\n")
    assert run(shelf) == (0, "added 0 covers in 2 genres, 3 were there already\n")


def test_control_characters_stay_outside_and_names_too_long_are_cut_with_a_word(
    workspace: Workspace, tmp_path: Path
) -> None:
    for number in range(3):
        Image.new("RGB", (8, 8), (number * 90, 0, 0)).save(tmp_path / f"{number}.png")
    rows = ["0.png,\x1b[31mJazz\x07,Blue\x1b]0;x\x07 Train", f"1.png,{'x' * 10_000},a", f"2.png,{'x' * 10_001},b"]
    (tmp_path / "covers.csv").write_text("\n".join(["path,genre,title", *rows]))
    said = import_covers(workspace, tmp_path / "covers.csv").lines()
    assert "2 genres cut to 100 characters, as no name is so long: is --genre-column the right one?" in said
    with workspace.read() as con:
        found = con.sql("SELECT genre, metadata->>'title' FROM covers ORDER BY path").fetchall()
    assert found[0] == ("Jazz", "Blue Train")
    assert [len(genre) for genre, _ in found[1:]] == [100, 100]
    assert found[1][0] != found[2][0], "two genres stay two"


def test_a_second_import_of_the_same_covers_counts_what_it_added(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where two processes import at once: both had found no cover there."""
    (tmp_path / "Jazz").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "Jazz" / "a.png")
    assert import_covers(workspace, tmp_path).added == 1
    monkeypatch.setattr(importing, "_not_yet_there", lambda _, entries: entries)
    again = import_covers(workspace, tmp_path)
    assert (again.added, again.already_there) == (0, 1)
