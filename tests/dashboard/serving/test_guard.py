"""Only names, origins and tokens that are ours are answered, on every route."""

import re
from typing import Any

import pytest

from dashboard.app import create_app
from dashboard.reading import queries
from dashboard.serving.guard import LOOPBACK, Access, access_for, is_loopback, new_token
from data.errors import GenrescopeError
from data.store.workspace import Workspace
from tests.dashboard.driving import call

TOKEN = "a token that nobody guesses"


@pytest.fixture(scope="module")
def client(filled: Workspace) -> Any:
    return create_app(filled).server.test_client()


@pytest.fixture
def asked_for_token(filled: Workspace) -> Any:
    """A client without cookies of an app that wants a token."""
    return create_app(filled, access=Access(token=TOKEN)).server.test_client()


def routes(workspace: Workspace) -> list[str]:
    sha256 = queries.covers(workspace).sha256[0]
    return ["/", "/map?cover=1", "/_dash-layout", f"/covers/{sha256}", f"/thumbnails/{sha256}.webp", "/nonsense"]


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "evil.example:8050", "127.0.0.1.evil.example", "", "192.0.2.1"),
        *("localhost, evil.example", "localhost@evil.example", "localhost/", "[::1].evil.example", "localhosté", "::1"),
    ],
)
def test_other_names_get_nothing(client: Any, filled: Workspace, host: str) -> None:
    for route in routes(filled):
        answer = client.get(route, headers={"Host": host})
        assert answer.status_code == 403
        assert b"--allow-host NAME" in answer.data
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.post("/_dash-update-component", json={}, headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8050", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8050"])
def test_names_of_this_machine_are_answered(client: Any, host: str) -> None:
    assert client.get("/_dash-layout", headers={"Host": host}).status_code == 200


def test_names_come_from_the_address_and_the_option() -> None:
    named = access_for("Music.example", ["covers.example.org:8443", "Bücher.example", "::1", "2001:db8::7"])
    assert named.names == LOOPBACK | {"music.example", "covers.example.org", "xn--bcher-kva.example", "[2001:db8::7]"}
    assert named.answers_to("COVERS.example.org")
    assert not named.answers_to("192.0.2.1")
    assert access_for("192.0.2.1").answers_to("192.0.2.1:8050")
    assert access_for("127.0.0.1").names == LOOPBACK


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_every_network_means_any_number_and_no_other_name(host: str) -> None:
    access = access_for(host)
    assert all(map(access.answers_to, ["192.0.2.1:8050", "[2001:db8::7]", "localhost"]))
    assert not any(map(access.answers_to, ["evil.example", "1.evil.example", "[evil]", "1.2.3", "-"]))


@pytest.mark.parametrize("name", ["https://covers.example.org", "a b", "", "x/y", "*", "a,b"])
def test_what_is_no_name_is_said(name: str) -> None:
    with pytest.raises(GenrescopeError, match="is no name of a host"):
        access_for("127.0.0.1", [name])


def test_only_own_pages_may_post(client: Any) -> None:
    for origin, status in {
        "http://localhost": 400,
        "http://evil.example": 403,
        "http://localhost:8051": 403,
        "http://localhost.evil.example": 403,
        "null": 403,
        "": 403,
    }.items():
        answer = client.post("/_dash-update-component", json={}, headers={"Origin": origin})
        assert answer.status_code == status, origin
    proxied = {"Host": "localhost:8050", "Origin": "https://localhost:8050"}
    assert client.post("/_dash-update-component", json={}, headers=proxied).status_code == 400
    assert client.get("/", headers={"Origin": "http://evil.example"}).status_code == 200
    assert call(client, "page.children", location__pathname="/"), "programs send no origin"


def test_without_the_token_there_is_nothing(asked_for_token: Any, filled: Workspace) -> None:
    for route in [*routes(filled), "/?token=", "/?token=wrong", f"/?token={TOKEN}x", "/?token=%ff%00é"]:
        answer = asked_for_token.get(route)
        assert answer.status_code == 401, route
        assert TOKEN.encode() not in answer.data
        assert "Set-Cookie" not in answer.headers
    assert asked_for_token.post(f"/_dash-update-component?token={TOKEN}", json={}).status_code == 401


def test_the_token_once_then_its_cookie(asked_for_token: Any, filled: Workspace) -> None:
    answer = asked_for_token.get("/map", query_string={"token": TOKEN, "genres": ["R&B", "Jazz"], "cover": 3})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/map?genres=R%26B&genres=Jazz&cover=3")
    cookie = answer.headers["Set-Cookie"]
    assert re.search("HttpOnly.*SameSite=Lax", cookie)
    assert TOKEN not in cookie
    for route in routes(filled)[:-1]:
        assert asked_for_token.get(route).status_code == 200, route
    assert call(asked_for_token, "page.children", location__pathname="/")


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "///evil.example", "/%5c%5cevil.example"])
def test_the_clean_address_is_never_elsewhere(asked_for_token: Any, path: str) -> None:
    answer = asked_for_token.get(f"{path}?token={TOKEN}", base_url="http://localhost")
    assert not re.match(r"[/\\]{2}|https?:", answer.headers["Location"])


def test_covers_behind_a_token_are_not_kept_by_proxies(asked_for_token: Any, client: Any, filled: Workspace) -> None:
    asked_for_token.get(f"/?token={TOKEN}")
    for one, word in ((asked_for_token, "private"), (client, "public")):
        kept = one.get(routes(filled)[3]).headers["Cache-Control"]
        assert set(kept.split(", ")) == {word, "max-age=31536000", "immutable"}


def test_the_cookie_of_another_token_is_none(filled: Workspace, asked_for_token: Any) -> None:
    other = Access(token="another token that nobody guesses")
    assert other.cookie[0] != Access(token=TOKEN).cookie[0]
    asked_for_token.set_cookie(Access(token=TOKEN).cookie[0], other.cookie[1])
    assert asked_for_token.get("/").status_code == 401


def test_tokens_are_long() -> None:
    assert len({new_token() for _ in range(10)}) == 10
    assert access_for("127.0.0.1", token=new_token()).token
    for token in ("short", "é" * 20):
        with pytest.raises(GenrescopeError, match="16 characters of ASCII"):
            access_for("127.0.0.1", token=token)


def test_loopback_is_nobody_else() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.9.9.9", "::1"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "192.168.0.1", "fe80::1%eth0"]))
