"""What is malformed, too large or cannot be read now is answered in one line, and leaves no traceback."""

import json
import logging
from typing import Any

import pytest

from dashboard import media
from dashboard.app import create_app
from dashboard.reading import queries
from dashboard.serving.limits import BODY
from data.errors import WorkspaceError
from data.store.workspace import Workspace

UPLOADED = {
    "output": "search-uploaded.children",
    "outputs": {"id": "search-uploaded", "property": "children"},
    "inputs": [
        {"id": "search-upload", "property": "contents", "value": None},
        {"id": "view-search", "property": "data", "value": ""},
    ],
    "state": [{"id": "search-upload", "property": "filename", "value": "x.png"}],
    "changedPropIds": ["search-upload.contents"],
}
MALFORMED = [
    b"",
    b"{",
    b"[]",
    b"{}",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b'{"output": "nix", "inputs": []}',
    b'{"output": ["page.children"]}',
    b"[" * 100_000,
    *(
        json.dumps(UPLOADED | change).encode()
        for change in (
            {"outputs": 1},
            {"outputs": [{"id": "search-uploaded", "property": "children"}]},
            {"outputs": {"id": "page", "property": "children"}},
            {"inputs": 7},
            {"inputs": [1, 2]},
            {"inputs": UPLOADED["inputs"][:1]},
            {"state": [[]]},
            {"changedPropIds": 1},
            {"changedPropIds": [{}]},
        )
    ),
]


@pytest.fixture(scope="module")
def client(filled: Workspace) -> Any:
    return create_app(filled).server.test_client()


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: body[:40].decode(errors="replace"))
def test_malformed_callbacks_are_refused(client: Any, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.post("/_dash-update-component", data=body, content_type="application/json")
    assert (answer.status_code, answer.data.count(b"\n")) == (400, 1)
    assert not caplog.records


def test_other_types_of_content_are_refused(client: Any) -> None:
    assert client.post("/_dash-update-component", data="x=1", content_type="text/plain").status_code == 400


@pytest.mark.parametrize(
    "contents", ["data:image/png;base64,@@@@A", "data:;base64,AAA", "AAAA", "data:,ü", ["x"], 5, {}]
)
def test_uploads_that_are_no_base64_are_said_in_one_line(
    client: Any, contents: Any, caplog: pytest.LogCaptureFixture
) -> None:
    inputs = [UPLOADED["inputs"][0] | {"value": contents or 7}, UPLOADED["inputs"][1]]
    answer = client.post("/_dash-update-component", json=UPLOADED | {"inputs": inputs})
    assert b"cannot be read as an image" in answer.data
    assert not caplog.records


def test_the_body_is_bounded_by_flask_too(client: Any) -> None:
    answer = client.post("/_dash-update-component", data=bytes(BODY + 1), content_type="application/json")
    assert answer.status_code == 413


def test_what_cannot_be_read_now_is_said_by_every_route(
    client: Any, filled: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked(*_: Any) -> None:
        raise WorkspaceError("the workspace stayed locked: try again")

    sha256 = queries.covers(filled).sha256[0]
    monkeypatch.setattr(media.queries, "covers", locked)
    answer = client.get(f"/covers/{sha256}")
    assert (answer.status_code, answer.data) == (503, b"the workspace stayed locked: try again\n")
    assert [record.exc_info for record in caplog.records if record.levelno >= logging.ERROR] == [None]
