"""Excluding covers carries embeddings over without encoding; including them again finds what there was."""

from pathlib import Path

import pytest

from data.errors import GenrescopeError
from data.store.runs import current_runs
from data.store.workspace import Workspace
from embeddings.changing.setting_aside import covers_named, exclude, include
from embeddings.embed import embed
from embeddings.vectors import read_vectors


def test_there_and_back(filled: Workspace) -> None:
    color = embed(filled, "color")
    count, runs = exclude(filled, [3, 4], reason="label")
    assert count == 2
    (without,) = runs
    assert without.results["backend"] == "copied"
    assert set(read_vectors(filled, color)[0]) - set(read_vectors(filled, without)[0]) == {3, 4}
    assert current_runs(filled, "embedding") == [without]
    assert embed(filled, "color") == without
    with filled.read() as con:
        left_out = con.execute(
            "SELECT cover_id, reason FROM left_out WHERE run_id = ? ORDER BY cover_id", [without.run_id]
        ).fetchall()
    assert left_out == [(3, "set aside: label"), (4, "set aside: label")]
    some = include(filled, [3])[1]
    assert some[0].results["covers"] == 29
    assert include(filled)[1] == [color]
    assert current_runs(filled, "embedding") == [color]


def test_a_copy_of_an_excluded_cover_stays(filled: Workspace) -> None:
    embed(filled, "color")
    _, (without,) = exclude(filled, [0], reason="label")
    ids = read_vectors(filled, without)[0].tolist()
    assert 0 not in ids
    assert 28 in ids


def test_embedding_after_excluding(filled: Workspace) -> None:
    exclude(filled, [0, 7], reason="label")
    run = embed(filled, "color")
    assert (run.results["covers"], run.results["left_out"]) == (28, 2)
    assert include(filled)[1] == []  # covers 0 and 7 were never encoded: that is left to `embed`
    assert embed(filled, "color").results["covers"] == 30


def test_ids_from_files(filled: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("cover_id,why\n3,x\n5,y\n")
    assert covers_named(filled, ["9", str(file)]) == [9, 3, 5]
    with pytest.raises(GenrescopeError, match="no cover id and no file"):
        covers_named(filled, ["nine"])
    file.write_text("id\n3\n")
    with pytest.raises(GenrescopeError, match="no column cover_id"):
        covers_named(filled, [str(file)])


def test_sides_by_name(filled: Workspace) -> None:
    with filled.write() as con:
        con.execute("""UPDATE covers SET metadata = '{"side": "back"}' WHERE cover_id IN (2, 5)""")
    assert covers_named(filled, ["backs", "7"]) == [2, 5, 7]
    assert len(covers_named(filled, ["fronts"])) == 28
