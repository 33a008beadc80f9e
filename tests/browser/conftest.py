"""A real Chromium, and the app as its users start it: `genrescope serve`, in a process of its own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from analysis.classifiers.training import train
from analysis.geometry.clustering import cluster
from analysis.geometry.neighbors import build_neighbors
from analysis.geometry.projection import project
from analysis.separability.kinship import measure_kinship
from analysis.separability.memberships import measure_memberships
from analysis.separability.separability import measure_separability
from data.auditing.audit import audit
from data.drawing.sample import write_sample
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split
from data.intake.importing import import_covers
from data.store.workspace import Workspace, open_workspace
from embeddings.embed import embed

# Milliseconds. A machine may be slow and busy; what is wrong stays wrong for so long.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
# WebGL without a graphics card, for the map.
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace of generated covers after the whole chain, with classifiers out of fold and on a split."""
    folder = tmp_path_factory.mktemp("demo")
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, write_sample(folder / "covers", covers=240))
    audit(workspace)
    embedding = embed(workspace, "color")
    neighbors = build_neighbors(workspace, embedding)
    project(workspace, neighbors)
    folds = make_folds(workspace, make_groups(workspace))
    clusters = cluster(workspace, neighbors)
    separability = measure_separability(workspace, neighbors, clusters, folds, resamples=200, permutations=50)
    measure_memberships(workspace, neighbors, folds, resamples=50, permutations=19)
    measure_kinship(workspace, separability, resamples=50)
    for classifier in ("knn", "logistic"):
        train(workspace, classifier, embedding, folds)
    train(workspace, "logistic", embedding, make_split(workspace))
    return workspace


@pytest.fixture(scope="session")
def address(demo: Workspace) -> Iterator[str]:
    """Where the app of the demo workspace listens."""
    with served(demo) as address:
        yield address


@contextmanager
def served(workspace: Workspace) -> Iterator[str]:
    """Serve a workspace as its users do, for as long as the `with` block; gives the address."""
    command = [sys.executable, "-m", "genrescope", "serve", "--workspace", str(workspace.folder), "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"the server said {line!r}"
        yield found.group()
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="session")
def serving() -> Callable[[Workspace], AbstractContextManager[str]]:
    """`served`, for tests with a workspace of their own."""
    return served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the system's, else Playwright's own."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that must end without an error in its console, and without a request to any other host."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address, color_scheme="light")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    troubles: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            troubles.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("response", lambda answer: answer.status >= 400 and troubles.append(f"{answer.status} {answer.url}"))
    page.on("request", lambda request: _is_elsewhere(request.url, address) and troubles.append(request.url))
    yield page
    context.close()
    assert not troubles


def _is_elsewhere(url: str, address: str) -> bool:
    return not url.startswith((address, "data:", "blob:"))


@pytest.fixture
def picture(demo: Workspace, tmp_path: Path) -> Path:
    """A copy of the first cover under another name, to be uploaded."""
    with demo.read() as con:
        path = Path(con.sql("SELECT path FROM covers WHERE cover_id = 0").fetchall()[0][0])
    return Path(shutil.copy(path, tmp_path / f"picture{path.suffix}"))
