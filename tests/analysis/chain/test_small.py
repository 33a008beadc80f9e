"""Collections too small or too uniform for some answers: `run` gives the others, says so, and ends well."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.chain.pipeline import run_all
from analysis.report.results_table import results_table
from dashboard.app import PAGES, create_app
from data.store.runs import find_runs
from data.store.workspace import open_workspace
from tests.dashboard.driving import open_page

# Which picture each cover of a genre shows.
COLLECTIONS: Mapping[str, Mapping[str, list[int]]] = {
    "one cover": {"Jazz": [1]},
    "one genre": {"Jazz": list(range(20))},
    "a cover a genre": {"Jazz": [1], "Pop": [2]},
    "all alike": {"Jazz": [1] * 10, "Pop": [1] * 10},
}
TOLD = {"one cover": r"\(1\) are of one genre, Jazz", "one genre": r"\(20\) are of one genre, Jazz"}


@pytest.mark.slow
@pytest.mark.parametrize("which", COLLECTIONS)
def test_run_says_what_it_can(tmp_path: Path, caplog: pytest.LogCaptureFixture, which: str) -> None:
    for genre, pictures in COLLECTIONS[which].items():
        (tmp_path / "covers" / genre).mkdir(parents=True)
        for number, picture in enumerate(pictures):
            pixels = np.random.default_rng(picture).integers(0, 256, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).resize((96, 96)).save(tmp_path / "covers" / genre / f"{number}.png")
    workspace = open_workspace(tmp_path / "workspace", create=True)
    caplog.set_level(logging.INFO)
    run_all(workspace, tmp_path / "covers", encoders=["color"], classifiers=["logistic"])
    (told,) = (line for line in caplog.messages if line.startswith("no classifier is trained: "))
    assert re.search(TOLD.get(which, "too few for 'folds' to judge any"), told)
    assert "nan" not in caplog.text
    assert "nothing more is to be gained" not in caplog.text
    assert find_runs(workspace, finished=False) == []
    assert {run.kind for run in find_runs(workspace)} >= {"separability", "stability", "curve", "oddities"}
    assert "color" in results_table(workspace)
    client = create_app(workspace).server.test_client()
    for page in PAGES:
        open_page(client, page.PATH, "?cover=0")
