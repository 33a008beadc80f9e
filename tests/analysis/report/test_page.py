"""The report: whole without a network, true to the store, escaped, and useful when half of the runs are missing."""

import csv
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.evaluation.predictions import read_predictions
from analysis.evaluation.scores import confusion, score, value_of
from analysis.report.page import write_report
from analysis.report.sections.records import _together
from analysis.separability.separability import read_metrics
from data.errors import GenrescopeError
from data.store.runs import current_runs, find_runs, latest_run
from data.store.workspace import Workspace
from genrescope import cli

SCRIPT = '<script>alert("x")</script>'

pytestmark = pytest.mark.slow


class Seen(HTMLParser):
    """What a browser would make of a page: tags with their attributes, tables by name, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.text = ""
        self._table: list[list[str]] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        self._inside = tag
        if tag == "figure":
            self._table = self.tables.setdefault(str(dict(attributes).get("data-name")), [])
        if tag == "tr":
            self._table.append([])
        if tag in ("td", "th"):
            self._table[-1].append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._inside = ""

    def handle_data(self, data: str) -> None:
        self.text += "" if self._inside in ("style", "script") else data
        if self._inside in ("td", "th"):
            self._table[-1][-1] += data


@pytest.fixture(scope="module")
def written(full: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a report and its files were written to."""
    folder = tmp_path_factory.mktemp("report")
    write_report(full, folder / "report.html", folder=folder / "files")
    return folder


@pytest.fixture(scope="module")
def seen(written: Path) -> Seen:
    """The report as a browser sees it."""
    return Seen((written / "report.html").read_text())


def test_it_names_no_address_but_within_itself(seen: Seen) -> None:
    addresses = [a.get(name) or "" for _, a in seen.tags for name in ("src", "href", "srcset", "data", "action")]
    assert {address[:1] for address in addresses if address} <= {"#", "d"}
    assert all(address.startswith(("#", "data:image/webp;base64,")) for address in addresses if address)
    assert {tag for tag, _ in seen.tags} & {"link", "iframe", "object", "embed"} == set()


def test_it_loads_nothing_by_its_style(written: Path) -> None:
    page = (written / "report.html").read_text()
    assert not re.search(r"@import|url\(", page)
    assert "http" not in re.sub(r'http-equiv|xmlns="http://www.w3.org/2000/svg"', "", page)


def test_names_are_text_and_never_markup(seen: Seen, written: Path) -> None:
    assert sum(tag == "script" for tag, _ in seen.tags) == 1
    assert SCRIPT in seen.text
    assert any(SCRIPT in (a.get("title") or "") for tag, a in seen.tags if tag == "li")
    for file in (written / "files").glob("*.svg"):
        assert "<script" not in file.read_text()


def test_it_tells_no_path_of_this_machine(written: Path, full: Workspace) -> None:
    page = (written / "report.html").read_text()
    assert "/covers/" not in page
    assert "/secret/" not in page
    assert str(full.folder) not in page


def test_separability_is_the_stores(seen: Seen, full: Workspace) -> None:
    metrics = read_metrics(full, latest_run(full, "separability", name="far"))
    rows = metrics[(metrics.metric == "separability") & metrics.genre.notna() & metrics.other_genre.isna()]
    shown = {row[0]: row[2] for row in seen.tables["separability"][1:]}
    assert shown == {row.genre: f"{row.value:.3f} [{row.low:.3f}, {row.high:.3f}]" for row in rows.itertuples()}
    assert len(shown) == 3


def test_every_classifier_stands_there_with_its_scores(seen: Seen, full: Workspace) -> None:
    shown = {row[0]: row[1] for row in seen.tables["classifiers"][1:]}
    for run in current_runs(full, "classifier"):
        found = read_predictions(full, run)
        value, low, high = value_of(score(found), "balanced_accuracy")
        assert shown[found.title.removesuffix(", out of fold")] == f"{value:.3f} [{low:.3f}, {high:.3f}]"


def test_the_best_embedding_and_classifier_come_first(seen: Seen) -> None:
    assert [row[0] for row in seen.tables["embeddings"][1:]] == ["far", "near"]
    assert seen.tables["classifiers"][1][0].endswith(" on far")


def test_the_answer_is_the_sentence_of_the_claims(seen: Seen, full: Workspace) -> None:
    for name in ("far", "near"):
        assert latest_run(full, "separability", name=name).results["sentence"] in seen.text


def test_the_confusion_matrix_is_of_the_best_classifier(written: Path, full: Workspace) -> None:
    best = pd.read_csv(written / "files" / "classifiers.csv").iloc[0]
    found = read_predictions(full, latest_run(full, "classifier", name=best.run_id))
    counts = confusion(found)
    shares = 100 * counts / counts.sum(axis=1, keepdims=True)
    svg = (written / "files" / "confusion.svg").read_text()
    cells = re.findall(r'text-anchor="middle"[^>]*>(\d+)</text>', svg)
    assert cells == [f"{share:.0f}" for share in shares.ravel()]


def test_every_run_stands_there_with_what_made_it(seen: Seen, full: Workspace) -> None:
    shown = {row[0]: row for row in seen.tables["runs"][1:]}
    runs = {run.run_id: run for run in find_runs(full)}
    assert set(shown) == set(runs)
    for run_id, run in runs.items():
        assert shown[run_id][2].split() == list(run.inputs)
        assert shown[run_id][4] == ("" if run.seed is None else str(run.seed))
        assert shown[run_id][5] == run.code_version


def test_a_csv_holds_what_the_page_shows(seen: Seen, written: Path) -> None:
    csv_rows = pd.read_csv(written / "files" / "recall.csv")
    shown = seen.tables["recall"][1:]
    expected = [f"{row.recall:.3f} [{row.recall_low:.3f}, {row.recall_high:.3f}]" for row in csv_rows.itertuples()]
    assert [row[1] for row in shown] == expected


@pytest.mark.parametrize("name", ["genres", "embeddings", "separability", "classifiers", "findings", "recall", "runs"])
def test_latex_says_the_same_as_the_page(name: str, seen: Seen, written: Path) -> None:
    text = (written / "files" / f"{name}.tex").read_text()
    body = text[text.index("\\midrule") + 8 : text.index("\\bottomrule")].strip()
    rows = [[plain(cell) for cell in re.split(r" & ", line)] for line in body.split(" \\\\\n")]
    rows[-1][-1] = rows[-1][-1].removesuffix(" \\\\")
    assert rows == [[cell.replace("−", "-") for cell in row] for row in seen.tables[name][1:]]


def plain(cell: str) -> str:
    """A cell of LaTeX as text."""
    words = {
        r"\textbackslash ": "\\",
        r"\textbackslash{}": "\\",
        r"\textasciitilde ": "~",
        r"\textasciicircum ": "^",
        **{f"\\{mark}": mark for mark in "&%$#_{}"},
    }
    pattern = "|".join(map(re.escape, words))
    return re.sub(pattern, lambda found: words[found.group()], cell.removesuffix(" \\\\"))


def test_a_csv_can_be_read_whatever_the_names(written: Path, full: Workspace) -> None:
    with (written / "files" / "genres.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with full.read() as con:
        stored = dict(con.sql("SELECT genre, count(*) FROM covers GROUP BY genre").fetchall())
    assert {row["genre"]: int(row["covers"]) for row in rows} == stored


def test_without_covers_there_is_no_picture_and_the_verb_says_what_it_wrote(full: Workspace, tmp_path: Path) -> None:
    bare, folder = tmp_path / "bare.html", tmp_path / "files"
    words = ["report", str(bare), "--no-covers", "--files", str(folder), "--workspace", str(full.folder)]
    done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert f"bare.html: {bare.stat().st_size / 1e6:.1f} MB" in done.stdout
    assert f"files: {len(list(folder.iterdir()))} files" in done.stdout
    page = bare.read_text()
    assert "data:image" not in page
    assert not [tag for tag, _ in Seen(page).tags if tag in ("img", "image", "picture")]


def test_with_covers_there_are_those_of_every_genre(seen: Seen, full: Workspace) -> None:
    titles = [a["alt"] for tag, a in seen.tags if tag == "img" and a["alt"]]
    with full.read() as con:
        genres = [genre for (genre,) in con.sql("SELECT DISTINCT genre FROM covers").fetchall()]
    assert all(any(title.endswith(f"({genre})") for title in titles) for genre in genres)


@pytest.mark.parametrize(
    ("steps", "missing"),
    [
        ((), ["genrescope analyze", "genrescope train"]),
        (("embed", "analyze"), ["genrescope train"]),
        (("embed", "train"), ["genrescope analyze"]),
    ],
)
def test_what_is_missing_is_named_with_its_command(
    steps: tuple[str, ...], missing: list[str], partly: Callable[..., Workspace], tmp_path: Path
) -> None:
    write_report(partly(*steps), tmp_path / "report.html", folder=tmp_path / "files")
    text = Seen((tmp_path / "report.html").read_text()).text
    assert [word for word in ("genrescope analyze", "genrescope train") if f"'{word}' makes it" in text] == missing
    assert (tmp_path / "files" / "genres.csv").exists()


def test_covers_whose_files_have_gone_are_left_out(partly: Callable[..., Workspace], tmp_path: Path) -> None:
    workspace = partly()
    for file in (workspace.folder / "thumbnails").rglob("*.webp"):
        file.unlink()
    write_report(workspace, tmp_path / "report.html")
    assert "<img" not in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("name", "words"), [("report.pdf", "end the file's name in .html"), ("nowhere/report.html", "there is no folder")]
)
def test_a_place_that_cannot_be_is_refused_before_any_work(
    full: Workspace, name: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(GenrescopeError, match=words):
        write_report(full, tmp_path / name)


def test_a_folder_that_is_a_file_is_one_line(full: Workspace, tmp_path: Path) -> None:
    (tmp_path / "files").touch()
    with pytest.raises(GenrescopeError, match="cannot make the folder"):
        write_report(full, tmp_path / "report.html", covers=False, folder=tmp_path / "files")


def test_an_empty_workspace_is_one_line(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(GenrescopeError, match="genrescope import"):
        write_report(workspace, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_intervals_hold_their_values(written: Path) -> None:
    table = pd.read_csv(written / "files" / "findings.csv")
    assert len(table) == 8
    assert np.all((table.low <= table.value) & (table.value <= table.high))


def test_what_run_does_not_make_has_its_own_commands(seen: Seen) -> None:
    lines = [line.strip(" \\") for line in seen.text.splitlines()]
    assert "--classifier logistic" in lines
    assert "--classifier knn" not in lines
    assert "genrescope train --classifier knn --embedding near --workspace study" in lines
    assert "genrescope train --classifier logistic --embedding near --split grouped --workspace study" in lines
    assert "genrescope split --name grouped --test-share 0.2 --seed 42 --workspace study" in lines


def test_commands_that_train_alike_are_one_and_votes_come_last() -> None:
    train, vote = "genrescope train --classifier {} --embedding {} --split a", "genrescope vote knn@x knn@y"
    lines = [train.format("knn", "x"), train.format("1nn", "x"), vote, "genrescope embed --encoder y"]
    lines += [train.format("knn", "y"), train.format("knn", "x"), train.format("knn", "'my own'")]
    assert _together(lines) == [
        train.format("1nn", "x"),
        "genrescope embed --encoder y",
        "genrescope train --classifier knn --embedding x --embedding y --split a",
        train.format("knn", "'my own'"),
        vote,
    ]
