"""Fifty users look at everything at once while a pipeline works on the same workspace: no error, and what it costs."""

import http.client
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from dashboard.app import PAGES
from data.drawing.sample import write_sample
from data.store.runs import find_runs
from data.store.workspace import Workspace, open_workspace
from tests.dashboard.driving import open_page

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
COVERS = 80
USERS = 50
# Seconds that somebody looks at a page before the next click, on average.
LOOKING = 1.5
# What a server may have grown by in the end, in MB: caches, and what threads hold.
GROWTH = 400


class User:
    """A browser as far as a server sees it: one connection that stays, dependencies read once, thumbnails kept.

    It has `get` and `post` of Flask's test client, as `tests.dashboard.driving` wants them.
    """

    def __init__(self, address: str, seed: int) -> None:
        self.address, self.dice = address, random.Random(seed)
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
        self.known: dict[str, SimpleNamespace] = {}
        self.seconds: list[float] = []
        self.trouble = ""

    def get(self, path: str) -> SimpleNamespace:
        if path not in self.known:
            self.known[path] = self._ask("GET", path)
        return self.known[path]

    def post(self, path: str, *, json: Any) -> SimpleNamespace:
        return self._ask("POST", path, _as_json(json))

    def _ask(self, method: str, path: str, body: bytes | None = None) -> SimpleNamespace:
        begin = time.monotonic()
        headers = {"Origin": self.address, "Content-Type": "application/json"} if body else {}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        self.seconds.append(time.monotonic() - begin)
        assert answer.status in (200, 204), (method, path, answer.status, data[:300])
        return SimpleNamespace(status_code=answer.status, data=data, get_json=lambda: json.loads(data))

    def look(self) -> None:
        """Open a page as a browser does: its callbacks, then every thumbnail and cover that they show."""
        page = self.dice.choice(PAGES)
        search = self.dice.choice(["", f"?cover={self.dice.randrange(COVERS)}"])
        shown = open_page(self, page.PATH, search)
        for path in set(re.findall(r"/(?:thumbnails|covers)/[0-9a-f]{64}(?:\.webp)?", shown)):
            self.get(path)

    def look_until(self, done: threading.Event) -> None:
        try:
            self.get("/")
            self.get("/_dash-layout")
            while not done.wait(self.dice.expovariate(1 / LOOKING)):
                self.look()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            self.trouble = repr(error)


def _as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace that `run` has been over, with one encoder."""
    folder = tmp_path_factory.mktemp("load")
    workspace = open_workspace(folder / "workspace", create=True)
    source = write_sample(folder / "covers", covers=COVERS)
    genrescope(workspace, "run", str(source), "--encoder", "color", "--classifier", "knn")
    return workspace


def genrescope(workspace: Workspace, *words: str) -> None:
    """The command line, as somebody types it."""
    command = [sys.executable, "-m", "genrescope", *words, "--workspace", str(workspace.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


@contextmanager
def served(workspace: Workspace) -> Iterator[tuple[str, int]]:
    """The app in a process of its own: its address and its number."""
    command = [sys.executable, "-m", "genrescope", "serve", "--workspace", str(workspace.folder), "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert server.stdout
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found
        yield found.group(), server.pid
    finally:
        server.terminate()
        server.communicate()


def resident(process: int) -> float:
    """Memory of a process in MB."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[0]) / 1024


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="memory is read from /proc")
def test_fifty_users_beside_a_pipeline(studied: Workspace, record_property: Callable[..., None]) -> None:
    with served(studied) as (address, process):
        first = User(address, 0)
        for page in PAGES:
            open_page(first, page.PATH, "?cover=0")
        before, done = resident(process), threading.Event()
        users = [User(address, seed) for seed in range(1, USERS + 1)]
        threads = [threading.Thread(target=user.look_until, args=[done]) for user in users]
        for thread in threads:
            thread.start()
        try:
            genrescope(studied, "embed", "--encoder", "resnet18-untrained")
            genrescope(studied, "analyze")
        finally:
            done.set()
            for thread in threads:
                thread.join()
        after = resident(process)
    assert not [user.trouble for user in users if user.trouble]
    assert {run.name for run in find_runs(studied, "separability")} == {"color", "resnet18-untrained"}
    seconds = np.concatenate([user.seconds for user in users])
    shares = ", ".join(f"p{share} {np.percentile(seconds, share):.3f} s" for share in (50, 95, 99, 100))
    record_property(
        "measured",
        f"{USERS} users, {len(seconds):,} answers, no error: {shares}; memory of the server {before:.0f} MB before, "
        f"{after:.0f} MB after",
    )
    assert len(seconds) > 5 * USERS
    assert after - before < GROWTH, (before, after)
