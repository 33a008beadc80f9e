"""Fetching: which albums are taken, what lies in the folder afterwards, what a second call asks for."""

import csv
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from data.errors import GenrescopeError
from data.fetching.client import Client, Refused, Unreachable
from data.fetching.fetch import LICENCE, NO_PICTURE, NOT_NOW, OTHER, TIED, UNUSABLE, Fetched, fetch
from data.fetching.fetch_command import fetch_command
from data.fetching.musicbrainz import releases
from data.fetching.plan import Wanted, drawn_albums, make_plan
from data.grouping.groups import make_groups, read_group_ids
from data.intake.importing import import_covers
from data.store.covers import collection, counting, read_covers
from data.store.workspace import Workspace
from tests.data.fetching.conftest import CONTACT
from tests.data.fetching.replaying import World, album_id, busy, half_sent, picture, release_id, sending, shape

ROOT = Path(__file__).resolve().parents[3]
BOTH = ("jazz", "death metal")


def fetched(client: Client, folder: Path, **wanted: object) -> Fetched:
    return fetch(client, folder, *make_plan(client, Wanted(**({"genres": BOTH} | wanted))))


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "covers.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_albums_go_to_the_genre_with_the_most_votes_and_ties_are_dropped(client: Client, tmp_path: Path) -> None:
    done = fetched(client, tmp_path / "out")
    rows = table(tmp_path / "out")
    assert Counter(row["genre"] for row in rows) == {"jazz": 6, "death metal|jazz": 4}
    assert done.taken == {"jazz": 6, "death metal": 4}
    assert done.passed["jazz"] == {OTHER: 4, TIED: 1, NO_PICTURE: 1, "": 0}
    assert done.passed["death metal"] == {TIED: 1, "": 0}
    assert "1 passed over with as many votes" in "\n".join(done.lines())
    metal = next(row for row in rows if row["release_group_id"] == album_id(11))
    assert metal["genre_votes"] == "rock:5|death metal:2|jazz:1"  # rock was not asked for; 'seen live' is no genre
    assert table(tmp_path / "out")[0]["genre_votes"] == "jazz:3|fusion:1"


def test_the_table_says_all_that_is_known(client: Client, tmp_path: Path) -> None:
    fetched(client, tmp_path / "out", side="both")
    rows = {(row["release_group_id"], row["side"]): row for row in table(tmp_path / "out")}
    assert rows[album_id(3), "back"] == {
        "path": f"covers/{album_id(3)}-back-500.jpg",
        "genre": "jazz",
        "genre_votes": "jazz:3|fusion:1",
        "artist": "Artist 1",
        "artist_id": "00000003-0000-4000-8000-00000000c001",
        "title": "Album 3",
        "year": "1953",
        "label": "Label 3",
        "country": "XW",
        "released": "1963-01-02",
        "release_group_id": album_id(3),
        "release_id": release_id(3),
        "side": "back",
        "source": f"https://coverartarchive.org/release/{release_id(3)}/829521843",
        "licence": LICENCE,
    }
    assert (tmp_path / "out" / rows[album_id(3), "back"]["path"]).read_bytes() == picture(3, back=True)
    assert Counter(side for _, side in rows) == {"front": 10, "back": 6}


def test_import_takes_the_table_as_it_is_and_groups_by_artist(
    client: Client, tmp_path: Path, workspace: Workspace
) -> None:
    fetched(client, tmp_path / "out")
    summary = import_covers(workspace, tmp_path / "out" / "covers.csv")
    assert (summary.added, summary.rule, summary.why) == (10, "first", "the one with the most votes")
    covers = read_covers(workspace, collection(workspace), metadata=True)
    assert Counter(covers.genre) == {"jazz": 6, "death metal": 4}
    known = json.loads(covers.metadata[0])
    assert set(table(tmp_path / "out")[0]) - {"path", "genre"} == set(known)
    groups = make_groups(workspace)
    assert groups.params["columns"] == ["artist"]
    artists = covers.metadata.map(lambda text: json.loads(text)["artist"])
    assert len(set(read_group_ids(workspace, groups))) == artists.nunique() < 10


def test_the_order_of_votes_counts_even_where_it_looks_like_the_alphabet(
    client: Client, world: World, tmp_path: Path, workspace: Workspace
) -> None:
    for disc in world.discs:
        disc.votes = {"death metal": 5, "jazz": 3}  # alphabetical, in every one of twelve
    fetched(client, tmp_path / "out")
    import_covers(workspace, tmp_path / "out" / "covers.csv")
    assert set(read_covers(workspace, collection(workspace)).genre) == {"death metal"}


def test_the_same_command_asks_for_no_picture_twice(client: Client, world: World, tmp_path: Path) -> None:
    first = fetched(client, tmp_path / "out")
    rows, before = table(tmp_path / "out"), len(world.asked)
    again = fetched(client, tmp_path / "out")
    assert (first.loaded, again.loaded, again.there) == (10, 0, 10)
    assert table(tmp_path / "out") == rows
    assert len(world.asked) == before


def test_what_was_stopped_goes_on_with_the_next_file(client: Client, world: World, tmp_path: Path) -> None:
    world.faults["/caa/release/"] += [lambda handler: handler.say(200, picture(1)) for _ in range(2)]
    world.faults["/caa/release/"] += [half_sent] * 60
    with pytest.raises(Unreachable, match="5 pictures in a row could not be had: try the same command later"):
        fetched(client, tmp_path / "out", genres=("jazz",))
    kept = {file.name for file in (tmp_path / "out" / "covers").iterdir()}
    assert len(kept) == 2  # nothing half sent, nothing temporary
    world.faults.clear()
    done = fetched(client, tmp_path / "out", genres=("jazz",))
    assert (done.there, done.loaded) == (2, done.taken["jazz"] - 2)


@pytest.mark.parametrize("status", [503, 403])
def test_a_picture_that_cannot_be_had_does_not_end_it(
    client: Client, world: World, tmp_path: Path, status: int
) -> None:
    world.faults[f"/caa/release/{release_id(2)}"] += [busy(status)] * 5
    world.faults[f"/caa/release-group/{album_id(3)}"] += [busy(status)] * 5
    done = fetched(client, tmp_path / "out", genres=("jazz",))
    assert done.passed["jazz"][NOT_NOW] == 2
    assert not (tmp_path / "out" / "covers" / f"{album_id(2)}-front-500.jpg").exists()


@pytest.mark.parametrize("content", [b"", b"<html>sorry</html>", picture(1)[:300]], ids=["empty", "page", "cut"])
def test_only_covers_are_kept(client: Client, world: World, tmp_path: Path, content: bytes) -> None:
    world.faults[f"mbid-{release_id(2)}-829521842"].append(sending(content))
    done = fetched(client, tmp_path / "out", genres=("jazz",))
    assert done.passed["jazz"][UNUSABLE] == 1
    assert len(list((tmp_path / "out" / "covers").iterdir())) == done.taken["jazz"] == len(table(tmp_path / "out"))


def test_as_many_as_asked_for_drawn_by_the_seed(client: Client, tmp_path: Path) -> None:
    taken = []
    for number, seed in enumerate((1, 1, 2, 3)):
        fetched(client, tmp_path / str(number), genres=("jazz",), per_genre=3, seed=seed)
        taken.append(frozenset(row["release_group_id"] for row in table(tmp_path / str(number))))
        assert len(taken[-1]) == 3
    assert taken[0] == taken[1]
    assert len(set(taken)) > 1


def test_all_pages_are_gone_through_each_album_once(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.page = 4
    for module in ("plan", "musicbrainz"):
        monkeypatch.setattr(f"data.fetching.{module}.PAGE", 4)
    found = [album.id for album in drawn_albums(client, "jazz", seed=5)]
    assert sorted(found) == sorted(album_id(number) for number in (*range(1, 7), *range(11, 15), 21, 22))
    assert found != sorted(found)
    assert all(releases(client, [release_id(number) for number in range(1, 7)]).values())  # two pages of one search


def test_an_album_that_is_listed_twice_is_taken_once(client: Client, world: World, tmp_path: Path) -> None:
    world.discs += world.discs[:3]  # as when the list grows between two pages
    assert fetched(client, tmp_path / "out", genres=("jazz",)).taken == {"jazz": 11}
    assert len(table(tmp_path / "out")) == 11


def test_the_bound_on_the_disk_ends_it(client: Client, tmp_path: Path) -> None:
    room = int(2.5 * len(picture(1)))
    done = fetched(client, tmp_path / "out", genres=("jazz",), most_bytes=room)
    assert done.full
    assert done.loaded == len(table(tmp_path / "out")) == 2
    assert sum(file.stat().st_size for file in (tmp_path / "out" / "covers").iterdir()) <= room
    assert "--max-gigabytes raises it" in done.lines()[-1]
    again = fetched(client, tmp_path / "out", genres=("jazz",), most_bytes=room)
    assert (again.there, again.loaded, again.full) == (2, 0, True)
    assert fetched(client, tmp_path / "out", genres=("jazz",)).there == 2


def test_a_folder_is_for_one_collection(client: Client, tmp_path: Path) -> None:
    fetched(client, tmp_path / "out", genres=("jazz",))
    with pytest.raises(GenrescopeError, match="holds covers of jazz: name these genres, too"):
        fetched(client, tmp_path / "out", genres=("death metal",))
    fetched(client, tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(GenrescopeError, match="holds something else"):
        fetched(client, tmp_path / "mine")


def test_an_unknown_genre_is_answered_with_those_like_it(client: Client) -> None:
    with pytest.raises(GenrescopeError, match="no genre 'deth metal': did you mean death metal"):
        make_plan(client, Wanted(("deth metal",)))
    with pytest.raises(GenrescopeError, match=r"its list: https://musicbrainz\.org/genres"):
        make_plan(client, Wanted(("zzzz",)))


def test_names_from_outside_are_no_commands(client: Client, world: World, tmp_path: Path) -> None:
    world.discs[0].artist, world.discs[0].title = "=HYPERLINK(1)", "\x1b[31mred\nline"
    fetched(client, tmp_path / "out", genres=("jazz",))
    row = next(row for row in table(tmp_path / "out") if row["release_group_id"] == album_id(1))
    assert (row["artist"], row["title"]) == ("'=HYPERLINK(1)", "red line")


@pytest.mark.parametrize("index", [{"images": [], "release": "../../etc"}, {"images": None}, {"release": 7}])
def test_an_index_that_names_no_release_is_no_picture(
    client: Client, world: World, tmp_path: Path, index: dict[str, object]
) -> None:
    world.faults[f"mbid-{release_id(1)}/index"].append(lambda handler: handler.say(200, index))
    assert fetched(client, tmp_path / "out", genres=("jazz",)).passed["jazz"][NO_PICTURE] == 2


def test_backs_are_set_aside_and_stay_with_their_fronts(client: Client, tmp_path: Path, workspace: Workspace) -> None:
    fetched(client, tmp_path / "out", side="both")
    summary = import_covers(workspace, tmp_path / "out" / "covers.csv")
    assert summary.other_sides == 6
    assert "6 of them set aside, as analysis takes front sides: 'genrescope include backs'" in "\n".join(
        summary.lines()
    )
    covers = collection(workspace)
    assert counting(workspace, covers).sum() == 10
    ids = read_group_ids(workspace, make_groups(workspace, columns=[]))
    table = read_covers(workspace, covers, metadata=True)
    albums = table.metadata.map(lambda text: json.loads(text)["release_group_id"])
    assert albums.nunique() == len(set(ids)) == 10
    assert (albums.groupby(ids).nunique() == 1).all()


@pytest.fixture
def at_home(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The command line asks the world that is replayed."""
    for module in ("services", "client"):
        monkeypatch.setattr(f"data.fetching.{module}.usual_services", world.services)
    monkeypatch.delenv("GENRESCOPE_CONTACT", raising=False)
    return world


def test_the_verb_says_what_it_will_do_does_it_and_says_so(at_home: World, tmp_path: Path) -> None:
    words = [str(tmp_path / "out"), "--genre", "Jazz", "--per-genre", "3", "--contact", CONTACT]
    dry = CliRunner().invoke(fetch_command, [*words, "--dry-run"], catch_exceptions=False)
    assert dry.exit_code == 0
    assert "jazz: 12 albums with a vote for it; 3 of them at most" in dry.output
    assert "in all at most 3 albums, front, 500 pixels: about 0 MB, and about 9 seconds" in dry.output
    assert not at_home.paths("/caa")
    assert not (tmp_path / "out" / "covers.csv").exists()
    done = CliRunner().invoke(fetch_command, words, catch_exceptions=False)
    assert done.exit_code == 0
    assert f"Next: genrescope import {tmp_path / 'out' / 'covers.csv'}" in done.output
    assert len(table(tmp_path / "out")) == 3


def test_the_verb_wants_a_contact(at_home: World, tmp_path: Path) -> None:
    refused = CliRunner().invoke(fetch_command, [str(tmp_path / "out"), "--genre", "jazz"])
    assert isinstance(refused.exception, GenrescopeError)
    assert not at_home.asked
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_killed_it_goes_on_where_it_was(world: World, tmp_path: Path) -> None:
    """A process of its own, killed while a picture is on its way."""
    services = {"GENRESCOPE_MUSICBRAINZ": f"{world.base}/ws/2", "GENRESCOPE_COVERART": f"{world.base}/caa"}
    words = ["fetch", str(tmp_path / "out"), "--genre", "jazz", "--contact", CONTACT]
    stuck = threading.Event()
    world.faults[f"mbid-{release_id(4)}-"].append(lambda _: stuck.wait(60) and None)
    with subprocess.Popen([sys.executable, ROOT / "genrescope.py", *words], env=os.environ | services) as first:
        while not world.paths(f"mbid-{release_id(4)}-"):
            time.sleep(0.05)
            assert first.poll() is None
        first.kill()
    stuck.set()
    before = {file.name for file in (tmp_path / "out" / "covers").glob("*.jpg")}
    world.asked.clear()
    subprocess.run([sys.executable, ROOT / "genrescope.py", *words], env=os.environ | services, check=True)
    asked_for = world.paths("/caa/release/")
    assert len(asked_for) == 11 - len(before)
    assert not world.paths("/ws/2/genre")  # answers are kept as well
    assert len(table(tmp_path / "out")) == len(list((tmp_path / "out" / "covers").iterdir())) == 11


@pytest.mark.parametrize(
    "change", [{"id": "../../../etc/passwd"}, {"id": 7}, {"artist-credit": 1}, {"tags": [{"name": "x"}]}]
)
def test_an_answer_of_another_shape_is_one_line(client: Client, world: World, change: dict[str, object]) -> None:
    answer = shape("release-groups.json")
    answer["release-groups"][0] |= change
    world.faults["/ws/2/release-group"].append(lambda handler: handler.say(200, answer))
    with pytest.raises(Refused, match="MusicBrainz answered in another shape than it documents"):
        make_plan(client, Wanted(("jazz",)))
