"""Manners: who we say we are, how often we ask, what we wait for, whom we follow; against a real server."""

import email.utils
import itertools
from pathlib import Path

import pytest

from data.errors import GenrescopeError
from data.fetching import answers
from data.fetching.client import TRIES, Client, Refused, Unreachable
from data.fetching.musicbrainz import genre_names
from data.fetching.services import Services, agent, usual_services
from tests.data.fetching.conftest import CONTACT, Clock
from tests.data.fetching.replaying import World, busy, elsewhere, half_sent, hung_up, picture, release_id, sending

PICTURE = f"/caa/release/{release_id(1)}/829521842-500.jpg"


@pytest.mark.parametrize("contact", ["me@example.org", "https://example.org/who"])
def test_we_say_who_we_are_and_nothing_else(
    world: World, contact: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    genre_names(Client(contact, services=world.services()))
    (_, headers, _) = world.asked[0]
    assert headers["User-Agent"].startswith("genrescope/")
    assert headers["User-Agent"].endswith(f" ( {contact} )")
    assert "Authorization" not in headers


@pytest.mark.parametrize("contact", [None, "", "me", "a@b", "me@example.org\r\nX-Evil: 1", "ich@exämple.org"])
def test_nobody_asks_without_a_contact(contact: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GENRESCOPE_CONTACT", raising=False)
    with pytest.raises(GenrescopeError, match="--contact MAIL_OR_URL, or GENRESCOPE_CONTACT"):
        agent(contact)
    monkeypatch.setenv("GENRESCOPE_CONTACT", "env@example.org")
    if not contact:
        assert "env@example.org" in agent(contact)


def test_musicbrainz_is_asked_once_a_second_also_when_it_fails(world: World, clock: Clock) -> None:
    assert Services().pause == 1.0  # their rule
    asking = Client(CONTACT, services=world.services(pause=1.0))
    world.faults["genre/all"].append(busy())
    for _ in range(2):
        genre_names(asking)
    times = [when for path, _, when in world.asked if "/ws/2" in path]
    assert len(times) == 3
    assert all(later - earlier >= 1 for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize(
    "fault", [busy(503), busy(429), busy(502), half_sent, hung_up], ids=["503", "429", "502", "half sent", "hung up"]
)
def test_what_passes_is_tried_again(client: Client, world: World, fault: object) -> None:
    world.faults["/ia801507"] += [fault, fault]
    answer = client.load(world.base + PICTURE)
    assert answer.content == picture(1)
    assert len(world.paths("/ia801507")) == 3


def test_what_does_not_pass_is_given_up_in_one_line(client: Client, world: World) -> None:
    world.faults["genre/all"] += [busy()] * TRIES
    with pytest.raises(Unreachable, match=r"is busy \(status 503\), 5 times over: try the same command later") as error:
        genre_names(client)
    assert "\n" not in str(error.value)
    assert len(world.paths("genre/all")) == TRIES


def test_waits_grow_and_are_those_asked_for(client: Client, world: World, clock: Clock) -> None:
    client.services = world.services(patience=2.0)
    soon = email.utils.formatdate(clock.time() + 150, usegmt=True)
    world.faults["genre/all"] += [busy(), busy(), busy(Retry_After="90"), busy(429, Retry_After=soon)]
    genre_names(client)
    first, second, third, fourth, fifth = (when for _, _, when in world.asked)
    assert 1.5 <= second - first <= 2.5
    assert 3 <= third - second <= 5
    assert fourth - third == pytest.approx(90)
    assert fifth == pytest.approx(first + 150, abs=1)  # a date knows no fractions
    world.faults["release-group"].append(busy(Retry_After="86400"))
    with pytest.raises(Unreachable, match="left alone for 86400 s"):
        client.ask(f"{world.base}/ws/2/release-group")


def test_no_network_is_one_line(tmp_path: Path) -> None:
    services = Services(musicbrainz="http://127.0.0.1:9/ws/2", pause=0.0, patience=0.001)
    with pytest.raises(Unreachable, match=r"127.0.0.1:9 does not take our call \(is there a network\?\), 2 times"):
        genre_names(Client(CONTACT, services=services, cache=tmp_path))
    assert not list(tmp_path.iterdir())


def test_redirects_lead_to_expected_hosts_only(client: Client, world: World) -> None:
    assert client.load(world.base + PICTURE).url.startswith(f"{world.base}/ia801507/")  # two redirects
    port = world.base.rpartition(":")[2]
    for target in (f"http://localhost:{port}/ia801507/x", "https://archive.org.example.com/x", "file:///etc/passwd"):
        world.faults["/caa/release/"].append(elsewhere(target))
        before = len(world.asked)
        with pytest.raises(GenrescopeError, match="which is none of theirs: not followed"):
            client.load(world.base + PICTURE)
        assert len(world.asked) == before + 1


def test_redirects_stay_on_https_and_end() -> None:
    guest = Client(CONTACT, services=Services())
    for good in (
        "https://archive.org/download/x",
        "https://ia801507.us.archive.org/30/x",
        "https://coverartarchive.org/",
    ):
        assert guest._expected("https://coverartarchive.org/x", good) == good
    for bad in (
        "http://archive.org/x",
        "https://notarchive.org/x",
        "https://archive.org:8443/x",
        "https://a@archive.org/",
    ):
        with pytest.raises(GenrescopeError, match="not followed"):
            guest._expected("https://coverartarchive.org/x", bad)


def test_a_redirect_to_itself_ends(client: Client, world: World) -> None:
    world.faults["/caa/release/"] += [elsewhere(world.base + PICTURE)] * 9
    with pytest.raises(GenrescopeError, match="more than 5 times"):
        client.load(world.base + PICTURE)
    assert len(world.asked) == 5


def test_answers_are_kept_and_asked_for_again_by_their_mark(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.etags = True
    first = genre_names(client)
    assert genre_names(client) == first
    assert len(world.asked) == 1
    monkeypatch.setattr(answers, "FRESH", -1.0)
    assert genre_names(client) == first
    _, headers, _ = world.asked[-1]
    assert len(world.asked) == 2
    assert headers["If-None-Match"].startswith('"')
    assert len(list(client.cache.rglob("*.json"))) == 1


def test_a_damaged_answer_is_asked_for_again(client: Client, world: World) -> None:
    genre_names(client)
    (file,) = client.cache.rglob("*.json")
    file.write_text(file.read_text()[:20])
    assert "jazz" in genre_names(client)
    assert len(world.asked) == 2


def test_refusals_and_strange_answers_are_one_line(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.faults["release-group"] += [busy(400), sending(b"<html>Welcome to the hotel</html>", "text/html")]
    with pytest.raises(GenrescopeError, match=r"refuses /ws/2/release-group \(status 400: .*rate limit"):
        client.ask(f"{world.base}/ws/2/release-group", {"query": "a"})
    with pytest.raises(GenrescopeError, match="a web page: is there a proxy or a login page"):
        client.ask(f"{world.base}/ws/2/release-group", {"query": "b"})
    world.faults["release-group"].append(sending(b"[1]", "application/json"))
    with pytest.raises(Refused, match="what is no JSON"):
        client.ask(f"{world.base}/ws/2/release-group", {"query": "c"}).json()
    monkeypatch.setattr("data.fetching.client.LARGEST", 100)
    with pytest.raises(GenrescopeError, match="no cover is so large"):
        client.load(world.base + PICTURE)


def test_a_login_page_is_not_kept_for_an_answer(client: Client, world: World) -> None:
    world.faults["genre/all"].append(sending(b"<html>room number?</html>", "text/html"))
    with pytest.raises(Refused):
        genre_names(client)
    assert "jazz" in genre_names(client)


def test_mirrors_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert usual_services() == Services()
    monkeypatch.setenv("GENRESCOPE_MUSICBRAINZ", "http://mirror.example.org:5000/ws/2/")
    assert usual_services().musicbrainz == "http://mirror.example.org:5000/ws/2"


def test_where_nobody_answers_at_first_it_is_given_up_soon(world: World) -> None:
    world.faults["genre/all"] += [hung_up] * 9
    with pytest.raises(Unreachable, match="broke off in the middle, 2 times over"):
        genre_names(Client(CONTACT, services=world.services()))
