"""A small grid of covers for a notebook."""

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from data.errors import GenrescopeError
from data.intake.importing import import_covers
from data.showing.grid import MOST, covers_grid
from data.store.workspace import Workspace


@pytest.fixture
def filled(workspace: Workspace, zoo: Path) -> Workspace:
    import_covers(workspace, zoo)
    return workspace


def test_covers_stand_in_the_order_asked_for_with_their_notes(filled: Workspace) -> None:
    grid = covers_grid(filled, [5, 2], notes=["first", "second"])
    assert [card.cover_id for card in grid.cards] == [5, 2]
    assert [card.note for card in grid.cards] == ["first", "second"]
    assert [card.note for card in covers_grid(filled, [5, 2], notes={2: "mine"}).cards] == ["", "mine"]
    assert [line.split()[0] for line in repr(grid).splitlines()] == ["5", "2"]


def test_it_holds_the_thumbnails_and_needs_no_server(filled: Workspace) -> None:
    shown = covers_grid(filled, range(20))._repr_html_()
    pictures = re.findall(r'src="data:image/webp;base64,([^"]+)"', shown)
    assert len(pictures) == 20
    assert {Image.open(io.BytesIO(base64.b64decode(picture))).format for picture in pictures} == {"WEBP"}


def test_names_stay_names(filled: Workspace) -> None:
    shown = covers_grid(filled, range(20), notes={3: "<i>note</i>"})._repr_html_()
    assert "<script" not in shown
    assert "<b>slow" not in shown
    assert "&lt;i&gt;note&lt;/i&gt;" in shown


def test_a_thumbnail_that_is_gone_leaves_its_place(filled: Workspace) -> None:
    with filled.read() as con:
        (sha256,) = con.execute("SELECT sha256 FROM covers WHERE cover_id = 1").fetchone()
    filled.thumbnail(sha256).unlink()
    assert covers_grid(filled, [1]).cards[0].thumbnail == b""


def test_of_many_the_first_are_shown(filled: Workspace) -> None:
    grid = covers_grid(filled, [0, 1] * MOST)
    assert len(grid.cards) == MOST
    assert f"and {MOST} more" in grid._repr_html_()
    assert f"and {MOST} more" in repr(grid)


def test_a_cover_that_is_not_there_is_named(filled: Workspace) -> None:
    with pytest.raises(GenrescopeError, match="holds no cover 999"):
        covers_grid(filled, [1, 999])
