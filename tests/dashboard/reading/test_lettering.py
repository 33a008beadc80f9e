"""What is written on covers, as pages read it."""

from collections.abc import Callable

import numpy as np

from dashboard.reading import lettering
from data.store.runs import Run
from data.store.workspace import Workspace
from embeddings.lettering.reading import read_boxes
from embeddings.lettering.standing import describe


def test_without_a_run_or_with_one_of_fewer_covers_there_is_none(
    filled: Workspace, workspace: Workspace, letter: Callable[..., Run], new_covers: Callable[[Workspace, int], None]
) -> None:
    assert lettering.current(filled) is None
    new_covers(workspace, 3)
    run = letter(workspace, {0: "LOVE", 1: "", 2: ""})
    assert lettering.current(workspace) == run
    new_covers(workspace, 2)
    assert lettering.current(workspace) is None


def test_a_covers_words_come_in_their_order(lettered: Workspace) -> None:
    run = lettering.current(lettered)
    assert run is not None
    found = lettering.of_cover(lettered, run.run_id, 0)
    assert found is not None
    assert [word.word for word in found.words] == ["MIDNIGHT", "GROOVE", "Hank", "&", "the", "Byrnes"]
    assert [word.line for word in found.words] == [0, 0, 1, 1, 1, 1]
    assert (found.script, found.language) == ("Latin", "en")
    assert len(found.words[0].box) == 8
    assert lettering.of_cover(lettered, run.run_id, 10) == lettering.Lettering((), "", "")
    assert lettering.of_cover(lettered, run.run_id, 199) is None, "the last was not read"


def test_how_words_stand_by_hand(lettered: Workspace) -> None:
    run = lettering.current(lettered)
    assert run is not None
    found = lettering.standing(lettered, run.run_id)
    assert found.cover_ids.tolist() == list(range(199))
    assert found.words[:5].tolist() == [6, 3, 3, 2, 3]
    np.testing.assert_allclose(found.largest[[0, 2, 3, 10]], [0.15, 0.3, 0.2, 0], atol=1e-6)
    # On a square cover, three words of 8, 2 and 5 letters, each letter 0.3 x 0.15.
    np.testing.assert_allclose(found.covered[[2, 10]], [15 * 0.3 * 0.15, 0], atol=1e-6)
    np.testing.assert_allclose(found.contrast[[0, 10]], [0.5, 0], atol=1e-6)
    assert found.language[[0, 2, 4, 10]].tolist() == ["en", "sv", "de", ""]


def test_the_share_is_of_the_cover_and_tilted_words_count_by_their_own_sides(
    workspace: Workspace, letter: Callable[..., Run], new_covers: Callable[[Workspace, int], None]
) -> None:
    new_covers(workspace, 2)
    run = letter(workspace, {0: "LOVE", 1: "LOVE"})
    turned = [0.1, 0.1, 0.1 + 0.16, 0.1 + 0.12, 0.1 + 0.16 - 0.06, 0.1 + 0.12 + 0.08, 0.1 - 0.06, 0.1 + 0.08]
    with workspace.write() as con:
        con.execute("UPDATE covers SET width = 100, height = 50 WHERE cover_id = 1")
        con.execute("UPDATE words SET box = ?", [turned])  # 0.2 x 0.1, turned by 36.9 degrees
    found = lettering.standing(workspace, run.run_id)
    np.testing.assert_allclose(found.largest, [0.1, 0.1], atol=1e-6)
    np.testing.assert_allclose(found.covered, [0.02, 0.04], atol=1e-6)


def test_numbers_are_those_of_the_lettering_encoder(
    workspace: Workspace, letter: Callable[..., Run], new_covers: Callable[[Workspace, int], None]
) -> None:
    """Of boxes of any shape, on square covers: what the map shows is what `embed --encoder lettering` is made of."""
    dice = np.random.default_rng(2)
    new_covers(workspace, 12)
    run = letter(workspace, {i: " ".join(["word"] * int(dice.integers(0, 9))) for i in range(12)})
    with workspace.write() as con:
        for cover_id, place in con.execute("SELECT cover_id, place FROM words").fetchall():
            values = [dice.uniform(0, 1, 8).tolist(), dice.uniform(), cover_id, place]
            con.execute("UPDATE words SET box = ?, contrast = ? WHERE cover_id = ? AND place = ?", values)
    found = lettering.standing(workspace, run.run_id)
    expected = describe(read_boxes(workspace, run).rename(columns={"cover_id": "row"}), 12)
    np.testing.assert_allclose(found.words, np.expm1(expected.words), atol=1e-6)
    np.testing.assert_allclose(found.covered, expected.covered**2, rtol=1e-5)
    np.testing.assert_allclose(found.largest, expected.largest.fillna(0), rtol=1e-5)
    np.testing.assert_allclose(found.contrast, expected.contrast.fillna(0), rtol=1e-5)
