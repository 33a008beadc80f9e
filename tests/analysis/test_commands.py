"""The command that is told of a classifier run finds it."""

import shlex

import pytest
from click.testing import CliRunner

from analysis.classifiers.training import train
from analysis.classifiers.voting import vote
from analysis.commands import command_of
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split
from data.store.kept import replace_kept
from data.store.runs import Run, find_runs, finish_run, start_run
from data.store.workspace import Workspace
from genrescope import cli

Known = tuple[Workspace, dict[str, Run]]


@pytest.fixture(scope="module")
def known(shared_embedded: tuple[Workspace, Run]) -> Known:
    """Classifiers on folds and hold-outs that are not the usual ones."""
    workspace, embedding = shared_embedded
    folds = make_folds(workspace, make_groups(workspace), folds=3, repeats=2, seed=7)
    usual = make_folds(workspace, make_groups(workspace), folds=3, repeats=1)
    split, hidden = make_split(workspace), make_split(workspace, seed=5)
    runs = {
        "dealt otherwise": train(workspace, "knn", embedding, folds, seed=7),
        "hold-out": train(workspace, "1nn", embedding, hidden),
        "hidden": train(workspace, "1nn", embedding, split),
        "member": train(workspace, "knn", embedding, usual),
        "other member": train(workspace, "1nn", embedding, usual),
    }
    runs["vote"] = vote(workspace, [runs["member"], runs["other member"]])
    return workspace, runs


@pytest.mark.parametrize("which", ["dealt otherwise", "hold-out", "hidden", "member", "vote"])
def test_it_finds_the_run_and_completes_it(known: Known, which: str) -> None:
    workspace, runs = known
    before = [run.run_id for run in find_runs(workspace)]
    replace_kept(workspace, runs[which], [])
    words = [*shlex.split(command_of(workspace, runs[which]))[1:], "--workspace", str(workspace.folder)]
    done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert [run.run_id for run in find_runs(workspace)] == before
    with workspace.read() as con:
        assert con.execute("SELECT count(*) FROM kept WHERE run_id = ?", [runs[which].run_id]).fetchall() == [(1,)]


def test_what_is_usual_goes_without_saying(known: Known) -> None:
    workspace, runs = known
    words = command_of(workspace, runs["dealt otherwise"])
    assert words.endswith("--folds 3 --repeats 2 --seed 7")
    assert "--group-by" not in words
    assert command_of(workspace, runs["hold-out"]).endswith("--split grouped")
    assert command_of(workspace, runs["hidden"]).endswith(f"--split {runs['hidden'].inputs[1]}")


def test_an_embedding_that_a_newer_one_of_its_name_hides_is_called_by_its_id(known: Known) -> None:
    workspace, runs = known
    newer = start_run(workspace, "embedding", name=runs["member"].results["embedding"], params={"newer": True})
    assert f"--embedding {newer.name}" in command_of(workspace, runs["member"])  # unfinished, it hides nothing
    finish_run(workspace, newer)
    assert f"--embedding {runs['member'].inputs[0]}" in command_of(workspace, runs["member"])
