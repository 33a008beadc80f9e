"""The report as one HTML page, and its tables and figures as files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.figures.palette import genre_colors
from analysis.report.blocks import Figure, Section, Table
from analysis.report.pictures import Shelf
from analysis.report.sections.answer import QUESTION, answer
from analysis.report.sections.behind import behind
from analysis.report.sections.classifiers import classifiers
from analysis.report.sections.collection import collection
from analysis.report.sections.methods import methods
from analysis.report.sections.records import reproduce, runs
from analysis.report.sections.separability import separability
from analysis.report.study import Study, read_study
from data.errors import GenrescopeError
from data.store.disk.whole import whole
from data.store.runs import code_version
from data.store.workspace import Workspace
from data.texts import no_formula

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = Path(__file__).parent / "template"


def write_report(
    workspace: Workspace, file: str | Path, *, covers: bool = True, folder: str | Path | None = None
) -> list[str]:
    """Write the report to an HTML file, and with a folder its tables and figures there, too; gives a line for each.

    covers: whether pictures of covers are in it. Raises GenrescopeError where there are none, or no place to write.
    """
    file = Path(file)
    if file.suffix not in (".html", ".htm"):
        raise GenrescopeError(f"cannot write a report as '{file.name}': end the file's name in .html")
    if not file.parent.is_dir():
        raise GenrescopeError(f"there is no folder {file.parent}: make it, or name another file")
    if folder is not None:
        _make(Path(folder))
    study = read_study(workspace)
    content = sections(study, covers=covers)
    page = render(study, content)
    _write(file, page)
    written = [f"{file}: {len(page.encode()) / 1e6:.1f} MB"]
    if folder is not None:
        written.append(f"{folder}: {write_files(content, Path(folder))} files")
    return written


def sections(study: Study, *, covers: bool = True) -> list[Section]:
    """All parts of the report, in order."""
    shelf = Shelf(study, genre_colors(study.genres), covers)
    return [
        answer(study),
        collection(study, shelf),
        separability(study, shelf),
        behind(study, shelf),
        classifiers(study, shelf),
        methods(),
        reproduce(study),
        runs(study),
    ]


def render(study: Study, content: list[Section]) -> str:
    """The page as HTML; whatever is no markup of ours is escaped."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(TEMPLATE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html").render(
        question=QUESTION,
        study=study,
        sections=content,
        version=code_version(),
        written=datetime.now(UTC).strftime("%d %B %Y"),
        style=(TEMPLATE / "report.css").read_text(encoding="utf-8"),
        script=(TEMPLATE / "report.js").read_text(encoding="utf-8"),
    )


def write_files(content: list[Section], folder: Path) -> int:
    """Every table as CSV (all digits) and LaTeX (as shown), every figure as SVG; returns how many files."""
    files: dict[str, str] = {}
    for block in (block for section in content for block in section.blocks):
        if isinstance(block, Table):
            files[f"{block.name}.csv"] = _csv(block.frame)
            files[f"{block.name}.tex"] = latex(block)
        elif isinstance(block, Figure):
            files[f"{block.name}.svg"] = block.drawing.svg
    for name, text in files.items():
        _write(folder / name, text)
    return len(files)


def _csv(frame: "pd.DataFrame") -> str:
    """A table as CSV, whose texts no spreadsheet takes for formulas."""
    return frame.map(no_formula).rename(columns=no_formula).to_csv(index=False)


def latex(table: Table) -> str:
    """A table for LaTeX with the package booktabs, its text escaped."""
    columns = "".join("l" if name in table.words else "r" for name in table.shown)
    text = table.shown.to_latex(index=False, escape=True, column_format=columns, caption=_escaped(table.caption))
    return text.replace("−", "-")


def _escaped(text: str) -> str:
    for mark in "&%$#_{}":
        text = text.replace(mark, f"\\{mark}")
    return text


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GenrescopeError(f"cannot make the folder {folder}: {error.strerror}") from error


def _write(file: Path, text: str) -> None:
    """The whole file or, on an error, what was there before."""
    try:
        with whole(file) as part:
            part.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise GenrescopeError(f"cannot write {file}: {error.strerror}") from error
