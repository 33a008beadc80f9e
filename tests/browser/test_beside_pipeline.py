"""A pipeline runs in one process while the app is used in another: no error on either side."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data.store.workspace import Workspace, open_workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def busy(demo: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the demo workspace, for a pipeline to write into."""
    return open_workspace(shutil.copytree(demo.folder, tmp_path_factory.mktemp("busy") / "workspace"))


@pytest.fixture(scope="module")
def address(busy: Workspace, serving) -> Iterator[str]:
    with serving(busy) as address:
        yield address


def test_pages_answer_while_a_pipeline_writes(page: Page, busy: Workspace, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "genrescope"]
    to = ["--workspace", str(busy.folder)]
    with (tmp_path / "said").open("w+") as said:
        steps = [["embed", "--encoder", "resnet18-untrained", *to], ["analyze", *to], ["train", *to]]
        rounds = 0
        for step in steps:
            pipeline = subprocess.Popen([*command, *step], stdout=said, stderr=subprocess.STDOUT)
            while pipeline.poll() is None:
                for path in ("/", "/map?cover=3", "/separability", "/classifiers", "/search?cover=5", "/audit"):
                    page.goto(path)
                    expect(page.locator("#page")).not_to_be_empty()
                    page.wait_for_load_state("networkidle")
                rounds += 1
            said.seek(0)
            assert pipeline.returncode == 0, said.read()
    assert rounds > 1
    page.goto("/")
    expect(page.locator("#page")).to_contain_text("resnet18-untrained")
