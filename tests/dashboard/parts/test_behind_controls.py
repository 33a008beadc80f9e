"""What lies behind the answer: controls with their sentences and genres, confounds as a table, a word where none is."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from dash import html

from dashboard.parts.behind.controls import only_color
from dashboard.reading import chains
from dashboard.reading.behind.beside import beside
from dashboard.state.view import View, view
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace


@pytest.fixture
def here(filled: Workspace, tmp_path: Path) -> View:
    """A page of a copy, to be written to."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    shutil.copy(filled.database, folder)
    return view(Workspace(folder), "/separability", "")


def put(workspace: Workspace, kind: str, separability: Run, values: dict[str, float], **results: object) -> None:
    """A finished run beside a separability run, of two genres and their mean."""
    rows = [
        (metric, genre, value + i / 10)
        for metric, value in values.items()
        for i, genre in enumerate(("Blues", "Disco", None))
    ]
    table = pd.DataFrame(rows, columns=["metric", "genre", "value"]).astype({"genre": "str"})
    table = table.assign(
        low=table.value - 0.1, high=table.value + 0.1, p_value=0.2, p_adjusted=np.linspace(0, 1, len(table))
    )
    run = start_run(workspace, kind, name=str(results), params={}, inputs=[separability.run_id])
    finish_run(workspace, run, tables={"metrics": pa.Table.from_pandas(table, preserve_index=False)}, results=results)


def texts(component: object) -> str:
    """All text of a component."""
    if isinstance(component, (list, tuple)):
        return " ".join(map(texts, component))
    children = getattr(component, "children", component)
    return "" if children is None else texts(children) if not isinstance(children, str) else children


def test_it_says_how_to_measure_and_then_what_was_measured(here: View) -> None:
    chain = chains.chains(here.workspace)[0]
    assert chain.separability is not None
    (word,) = only_color(here, chain.separability)
    assert "genrescope controls" in texts(word)
    values = {"difference": 0.1, "adds": 0.2, "left": 0.3, "separability": 0.4}
    put(
        here.workspace,
        "control",
        chain.separability,
        values,
        control="color",
        sentences=["It tells Blues beyond color."],
    )
    put(
        here.workspace,
        "confound",
        chain.separability,
        {"alone": 0.1, "left": 0.2},
        confound="year",
        sentences=["year."],
    )
    assert len(beside(here.workspace, chain.separability.run_id, "control")) == 1
    found = only_color(here, chain.separability)
    said = texts(found)
    for text in (
        "Beside color",
        "It tells Blues beyond color.",
        "+0.10",
        "not shown",
        "Year",
        "Tells genres alone",
        "0.40",
    ):
        assert text in said
    assert "Not measured yet" not in said
    assert isinstance(found[0], html.Div)
