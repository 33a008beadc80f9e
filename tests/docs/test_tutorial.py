"""docs/tutorial.ipynb: stored without outputs, and it runs from end to end and shows what it promises."""

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.ipynb"


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def leftovers(notebook: Any) -> list[str]:
    """Ids of the cells that were stored with what running them showed."""
    return [cell.id for cell in code_cells(notebook) if cell.outputs or cell.execution_count]


def test_the_tutorial_is_stored_without_outputs() -> None:
    notebook = nbformat.read(TUTORIAL, as_version=4)
    nbformat.validate(notebook)
    assert leftovers(notebook) == []
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tutorial after a kernel of its own went through it, in an empty folder."""
    notebook = nbformat.read(TUTORIAL, as_version=4)
    folder = tmp_path_factory.mktemp("tutorial")
    before = os.environ.get("PYTHONPATH")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), before])))
        patch.delenv("GENRESCOPE_WORKSPACE", raising=False)
        NotebookClient(
            notebook, timeout=None, kernel_name="python3", resources={"metadata": {"path": folder}}
        ).execute()
    return notebook


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def shown(notebook: Any, kind: str) -> list[str]:
    """What outputs of a MIME type hold."""
    return [output.data[kind] for output in outputs(notebook) if kind in output.get("data", {})]


@pytest.mark.slow
def test_it_runs_and_says_nothing_on_the_side(executed: Any) -> None:
    assert len(leftovers(executed)) == len(code_cells(executed))
    assert [output.text for output in outputs(executed) if output.output_type in ("stream", "error")] == []


@pytest.mark.slow
def test_it_shows_figures_covers_and_short_tables(executed: Any) -> None:
    tables = shown(executed, "text/html")
    assert sum("data:image/svg+xml;base64,PHN2Zy" in table for table in tables) == 5
    assert sum("data:image/webp;base64,UklGR" in table for table in tables) == 3
    runs = [table for table in tables if "<caption>" in table]
    assert len(runs) == 3
    assert max(map(len, runs)) < 5000


@pytest.mark.slow
def test_it_finds_what_was_planted(executed: Any) -> None:
    answer = next(text for text in shown(executed, "text/markdown") if "separates worst" in text)
    assert answer.count("Crossover separates worst") == 2
    pairs = next(table for table in shown(executed, "text/html") if "<th>other_genre</th>" in table)
    assert pairs.index("Tidewave") < pairs.index("Velvet Soul")
    labels = next(text for text in shown(executed, "text/plain") if "40 surest errors" in text)
    share = {line[:16]: float(line.split()[-1]) for line in labels.splitlines()[1:]}
    assert share["40 surest errors"] > 3 * share["all covers      "]
