"""Enriching: what is asked for, what is taken, what is not, and that groups are made anew."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from data.errors import GenrescopeError
from data.fetching.client import Client, Unreachable
from data.fetching.enrich import accepted, answers_folder, look_up, plan_lines, questions, sure, take, write_doubtful
from data.grouping.groups import make_groups, read_group_ids
from data.intake.importing import _enter
from data.store.about.enriched import ENRICHED_BY
from data.store.covers import collection, read_covers
from data.store.workspace import Workspace
from embeddings.changing.enrich_command import enrich_command
from tests.data.fetching.conftest import CONTACT
from tests.data.fetching.replaying import Disc, World, album_id, busy, release_id

FACTS = {"bytes": 1, "width": 9, "height": 9, "mode": "RGB", "format": "JPEG", "phash": None}
# A cover each: by Discogs (file name), by its column, by both ids of MusicBrainz, by barcode, by name, by nothing.
COVERS: list[tuple[str, dict[str, Any]]] = [
    ("R-5001-1.jpg", {}),
    ("b.jpg", {"discogs_id": "5002", "year": "1999"}),
    ("c.jpg", {"release_id": release_id(3)}),
    ("d.jpg", {"release_group_id": album_id(4)}),
    ("e.jpg", {"barcode": "724384960650"}),
    ("f.jpg", {"artist": "ARTIST 6", "title": "album 12"}),
    ("g.jpg", {}),
    ("R-404-1.jpg", {}),
    ("R-5007-1.jpg", {}),
    ("done.jpg", {"artist": "A", "year": 1, "label": "L", "mbid": release_id(1)}),
    ("R-5001-2.jpg", {}),
]


@pytest.fixture
def shelf(workspace: Workspace, world: World) -> Workspace:
    """Eleven covers of the world, and a world whose Discogs page 5007 belongs to two albums."""
    world.discs = [
        *(Disc(number, {"jazz": 1}, discogs=f"500{number}") for number in (1, 2)),
        *(Disc(number, {"jazz": 1}) for number in (3, 4)),
        Disc(5, {"jazz": 1}, barcode="0724384960650"),
        *(Disc(number, {"jazz": 1}) for number in (12, 13)),
        *(Disc(number, {"jazz": 1}, discogs="5007", artist="Twin") for number in (17, 18)),
    ]
    _enter(
        workspace,
        [
            {"path": f"/c/{name}", "sha256": name, "genre": "Jazz", "genres": ["Jazz"], "metadata": json.dumps(known)}
            | FACTS
            for name, known in COVERS
        ],
    )
    return workspace


def known(workspace: Workspace) -> list[dict[str, Any]]:
    covers = read_covers(workspace, collection(workspace), metadata=True)
    return [json.loads(text) for text in covers.metadata]


def asking(world: World, workspace: Workspace) -> Client:
    return Client(CONTACT, services=world.services(), cache=answers_folder(workspace))


def test_sure_matches_are_taken_and_nothing_is_overwritten(shelf: Workspace, world: World) -> None:
    found = look_up(asking(world, shelf), questions(shelf))
    assert take(shelf, sure(found)) == 7
    covers = known(shelf)
    assert covers[0] == {
        "artist": "Artist 0",
        "artist_id": "00000001-0000-4000-8000-00000000c001",
        "title": "Album 1",
        "year": "1951",
        "label": "Label 1",
        "country": "XW",
        "released": "1961-01-02",
        "release_group_id": album_id(1),
        "release_id": release_id(1),
        ENRICHED_BY: "by discogs 5001",
    }
    assert (covers[1]["year"], covers[1]["label"]) == ("1999", "Label 2")
    assert [covers[i]["label"] for i in (2, 3, 4, 5, 10)] == ["Label 3", "Label 4", "Label 5", "Label 12", "Label 1"]
    assert covers[5]["artist"] == "ARTIST 6"  # as it came along
    assert covers[4][ENRICHED_BY] == "by barcode 724384960650"
    for untouched in (6, 7, 8, 9):
        assert covers[untouched] == COVERS[untouched][1]


def test_requests_are_few_and_answers_kept(shelf: Workspace, world: World) -> None:
    look_up(asking(world, shelf), questions(shelf))
    # Discogs pages, their releases; a release; an album's editions; a barcode; a name; the albums of all
    assert len(world.asked) == 7
    assert world.paths("/ws/2/url")[0].count("resource=") == 4
    look_up(asking(world, shelf), questions(shelf))
    assert len(world.asked) == 7


def test_a_stopped_look_up_keeps_what_was_answered(shelf: Workspace, world: World) -> None:
    world.faults["artist"] += [busy()] * 5
    with pytest.raises(Unreachable):
        look_up(asking(world, shelf), questions(shelf))
    before = len(world.asked)
    with (answers_folder(shelf) / "answers.jsonl").open("a") as lines:
        lines.write('{"kind": "name", "key": "torn')  # killed in the middle of a line
    look_up(asking(world, shelf), questions(shelf))
    assert len(world.asked) == before + 2  # the name, and the albums
    for whole_answer in answers_folder(shelf).rglob("*.json"):
        whole_answer.unlink()
    look_up(asking(world, shelf), questions(shelf))
    assert len(world.asked) == before + 2  # the torn line took no other with it


def test_the_plan_asks_nobody(shelf: Workspace, world: World) -> None:
    lines = plan_lines(shelf, questions(shelf))
    assert lines == [
        "10 covers lack artist, year or label",
        "  5 by Discogs release id: 4 different, 0 known already",
        "  1 by MusicBrainz release id: 1 different, 0 known already",
        "  1 by MusicBrainz release group id: 1 different, 0 known already",
        "  1 by barcode: 1 different, 0 known already",
        "  1 by artist and title: 1 different, 0 known already",
        "  1 have no id, no barcode and no artist with a title: nothing to look them up by",
        "about 13 requests to MusicBrainz, one a second: 13 seconds",
    ]
    assert not world.asked
    look_up(asking(world, shelf), questions(shelf))
    assert plan_lines(shelf, questions(shelf))[-1].startswith("about 0 requests")


def test_groups_are_made_anew_and_the_copies_are_not(shelf: Workspace, world: World) -> None:
    before = make_groups(shelf)
    assert before.params["columns"] == ["artist"]
    assert len(set(read_group_ids(shelf, before))) == 11
    take(shelf, sure(look_up(asking(world, shelf), questions(shelf))))
    after = make_groups(shelf)
    assert after.run_id != before.run_id
    assert after.inputs[1] == before.inputs[1]  # pictures are the same
    ids = read_group_ids(shelf, after)
    # Artist 0: cover 0 and its twin 10; Artist 1: albums 2 and 3; Artist 2: albums 4 and 5
    assert ids.tolist() == [0, 1, 1, 3, 3, 5, 6, 7, 8, 9, 0]
    assert make_groups(shelf).run_id == after.run_id


def test_doubtful_matches_wait_for_a_human(shelf: Workspace, world: World, tmp_path: Path) -> None:
    found = look_up(asking(world, shelf), questions(shelf))
    file = tmp_path / "doubtful.csv"
    assert write_doubtful(file, found) == 1
    with file.open(newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert (row["cover_id"], row["why"], row["artist"]) == ("8", "2 albums have it", "Twin")
    assert take(shelf, accepted(shelf, file)) == 1
    assert (known(shelf)[8]["artist"], known(shelf)[8][ENRICHED_BY]) == ("Twin", "accepted by hand")
    assert write_doubtful(file, []) == 0
    assert not file.exists()


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "cover_id,path\nx,y\n", "cover_id,path\n3,/c/other.jpg\n"])
def test_another_table_is_not_accepted(shelf: Workspace, tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.csv"
    file.write_text(text)
    with pytest.raises(GenrescopeError, match=r"is no table of matches|is of another workspace"):
        accepted(shelf, file)


def test_a_workspace_that_was_never_enriched_keeps_its_collection(shelf: Workspace) -> None:
    assert set(collection(shelf).params) == {"covers", "sha256"}


def test_the_verb(shelf: Workspace, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("services", "client"):
        monkeypatch.setattr(f"data.fetching.{module}.usual_services", world.services)
    words = ["--workspace", str(shelf.folder)]
    dry = CliRunner().invoke(enrich_command, [*words, "--dry-run"], catch_exceptions=False)
    assert "5 by Discogs release id" in dry.output
    assert not world.asked
    done = CliRunner().invoke(enrich_command, [*words, "--contact", CONTACT], catch_exceptions=False)
    assert "7 sure, 1 doubtful, 2 not found" in done.output
    assert "7 covers gained facts" in done.output
    table = shelf.folder / "doubtful.csv"
    assert f"'genrescope enrich --accept {table}'" in done.output
    taken = CliRunner().invoke(enrich_command, [*words, "--accept", str(table)], catch_exceptions=False)
    assert taken.output.startswith("1 cover gained facts")
