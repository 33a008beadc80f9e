"""The whole chain as a user types it, on generated covers, each verb a process of its own."""

import html
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import duckdb
import pytest

from genrescope import STAGES, ByStage, cli

ROOT = Path(__file__).resolve().parents[2]


def genrescope(*words: str | Path, status: int = 0, **environment: str) -> str:
    """Run the command line; returns standard output and error together, after checking the exit status."""
    done = subprocess.run(
        [sys.executable, ROOT / "genrescope.py", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == status, done.stdout
    assert "Traceback" not in done.stdout, done.stdout
    assert "Warning" not in done.stdout, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that `sample` and `run` made."""
    folder = tmp_path_factory.mktemp("study")
    genrescope("sample", folder / "covers", "--covers", "120")
    genrescope("run", folder / "covers" / "truth.csv", "--workspace", folder / "workspace", "--encoder", "color")
    return folder / "workspace"


@pytest.mark.slow
def test_run_leaves_nothing_to_do_but_look(study: Path) -> None:
    found = json.loads(genrescope("status", "--workspace", study, "--json"))
    assert found["covers"] == 120
    assert found["next"] == ["genrescope serve"]
    assert {run["state"] for run in found["runs"]} == {"finished"}
    kinds = {run["kind"] for run in found["runs"]}
    assert kinds == {
        *("collection", "duplicates", "groups", "folds", "embedding"),
        *("neighbors", "projection", "clustering", "stability", "separability", "kinship", "classifier", "sets"),
        *("curve", "labels", "oddities", "membership"),
    }


@pytest.mark.slow
def test_run_again_finds_everything(study: Path) -> None:
    before = json.loads(genrescope("status", "--workspace", study, "--json"))
    said = genrescope("run", study.parent / "covers" / "truth.csv", "--workspace", study, "--encoder", "color")
    assert json.loads(genrescope("status", "--workspace", study, "--json")) == before
    assert "| color" in said


@pytest.mark.slow
def test_the_commands_of_a_report_make_the_same_runs_anew(study: Path, tmp_path: Path) -> None:
    genrescope("report", tmp_path / "report.html", "--workspace", study)
    block = html.unescape((tmp_path / "report.html").read_text().partition("<pre>")[2].partition("</pre>")[0])
    _, run, report = block.replace("\\\n", " ").strip().split("\n")
    places = {"SOURCE": str(study.parent / "covers" / "truth.csv"), "study": str(tmp_path / "again")}
    places["report.html"] = str(tmp_path / "again.html")
    for line in (run, report):
        genrescope(*[places.get(word, word) for word in shlex.split(line)][1:])
    first, second = (
        json.loads(genrescope("status", "--workspace", each, "--json")) for each in (study, places["study"])
    )
    assert {run["run_id"] for run in first["runs"]} == {run["run_id"] for run in second["runs"]}


@pytest.mark.slow
def test_the_workspace_may_come_from_the_environment(study: Path) -> None:
    assert "120 covers" in genrescope("status", GENRESCOPE_WORKSPACE=str(study))


@pytest.mark.slow
def test_audit_answers_programs_and_people(study: Path) -> None:
    found = json.loads(genrescope("audit", "--workspace", study, "--json"))
    assert found["covers"] == 120
    assert "120" in genrescope("audit", "--workspace", study)


@pytest.mark.slow
@pytest.mark.parametrize(
    "table", ["covers", "map", "predictions", "metrics", "vectors", "neighbors", "groups", "folds", "curves"]
)
def test_tables_leave_the_workspace(study: Path, tmp_path: Path, table: str) -> None:
    genrescope("export", table, tmp_path / "x.parquet", "--workspace", study)
    rows = duckdb.sql(f"SELECT * FROM '{tmp_path}/x.parquet'")
    assert len(rows.fetchall()) > 20
    assert table in ("metrics", "curves") or "path" in rows.columns


VERBS = [
    "sample",
    "import",
    "relocate",
    "audit",
    "split",
    "embed",
    "analyze",
    "train",
    "compare",
    "status",
    "export",
    "run",
    "serve",
]


@pytest.mark.parametrize("verb", VERBS)
def test_help_teaches_every_verb(verb: str) -> None:
    said = genrescope(verb, "--help")
    assert "Example" in said, f"{verb} shows no example"
    assert "--workspace" in said or verb == "sample"


def test_help_lists_the_verbs_by_stage_in_the_order_of_the_work() -> None:
    said = genrescope("--help")
    signs = ["Covers:", "  import ", "  audit ", "Embeddings:", "  embed ", "Analysis:", "  analyze ", "Classifiers:"]
    signs += ["  train ", "  compare ", "Results:", "  export ", "App:", "  serve "]
    places = [said.index(f"\n{sign}") for sign in signs]
    assert places == sorted(places)
    assert "..." not in said.partition("--help")[2], "a verb's line is cut off"


def test_every_verb_has_a_stage() -> None:
    staged = [verb for verbs in STAGES.values() for verb in verbs]
    assert len(staged) == len(set(staged))
    assert set(cli.commands) <= set(staged)


def test_the_readme_goes_through_the_verbs_in_the_order_of_the_help() -> None:
    row = re.compile(r"^\| *(?:[a-z ]+)? *\| `([a-z-]+)[^`]*` \|", re.MULTILINE)
    told = row.findall((ROOT / "README.md").read_text())
    assert told == cli.list_commands(click.Context(cli))


def test_a_verb_of_no_stage_is_listed_at_the_end() -> None:
    group = ByStage(commands=[click.Command("serve", help="Serve."), click.Command("odd", help="Be odd.")])
    said = group.get_help(click.Context(group))
    assert said.index("App:") < said.index("serve  Serve.") < said.index("More:") < said.index("odd    Be odd.")
    assert said.count("serve") == 1


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, genrescope; print([m for m in ('numpy', 'pandas', 'duckdb', 'torch', 'dash') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["status"], "no workspace in"),
        (["import", "nowhere"], "there is no"),
        (["embed", "--encoder", "resnet19"], "no workspace in"),
        (["export", "map", "x.csv"], "no workspace in"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, words: list[str], told: str) -> None:
    said = genrescope(*words, "--workspace", tmp_path / "none", status=1)
    assert told in said
    assert len(said.strip().splitlines()) == 1


def test_an_unknown_option_is_a_usage_error(tmp_path: Path) -> None:
    assert "No such option" in genrescope("status", "--nonsense", status=2)


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "genrescope.py", "status", "--workspace", tmp_path, "--debug"],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert "Traceback" in done.stderr
    assert done.returncode != 0
