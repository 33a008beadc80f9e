"""`genrescope serve` in a process of its own: what it prints, and whom it lets in."""

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from dashboard.serve import serve
from data.errors import GenrescopeError
from data.store.workspace import Workspace


@contextmanager
def served(workspace: Workspace, *options: str) -> Iterator[tuple[str, str]]:
    """Serve with these options; gives the lines before the address, and the address."""
    command = [sys.executable, "-um", "genrescope", "serve", "--workspace", workspace.folder, "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None
        before = ""
        try:
            for line in server.stdout:
                if found := re.search(r"http://\S+", line):
                    yield before, found.group()
                    break
                before += line
            else:
                pytest.fail(before)
        finally:
            server.terminate()


def status(address: str, path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(address).port or 0, timeout=60)
    connection.request("GET", path, headers=headers)
    found = connection.getresponse().status
    connection.close()
    return found


def test_opened_to_a_network_it_says_so_and_makes_a_token(workspace: Workspace) -> None:
    with served(workspace, "--host", "0.0.0.0", "--allow-host", "covers.example.org") as (before, address):
        assert before.count("\n") == 1
        assert "open to the network" in before
        assert re.fullmatch(r"http://127.0.0.1:\d+/\?token=[\w-]{43}", address)
        assert status(address, "/") == 401
        query = urlsplit(address).query
        assert status(address, f"/?{query}", Host="covers.example.org") == 303
        assert status(address, f"/?{query}", Host="evil.example") == 403


def test_on_this_machine_alone_it_asks_for_nothing(workspace: Workspace) -> None:
    with served(workspace) as (before, address):
        assert before == ""
        assert address.count("/") == 2
        assert status(address, "/") == 200


@pytest.mark.parametrize("options", [{"token": "short"}, {"allow_hosts": ["https://x"]}, {"host": "no such host"}])
def test_what_cannot_be_served_is_said(workspace: Workspace, options: dict) -> None:
    with pytest.raises(GenrescopeError, match=r"at least|no name of a host|cannot listen"):
        serve(workspace, port=0, **options)
