"""The study's findings: genres told best and worst, and those said wrongly, and the older protocol beside ours."""

from collections.abc import Callable

import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.classifiers.training import train
from analysis.evaluation.predictions import read_predictions
from analysis.evaluation.scores import score, value_of
from analysis.report.findings import best_classifier, findings, in_words
from analysis.report.study import read_study
from data.errors import GenrescopeError
from data.store.runs import find_runs, get_run, latest_run
from data.store.workspace import Workspace
from genrescope import cli

pytestmark = pytest.mark.slow

TOP = "the best classifier here"


@pytest.fixture(scope="module")
def found(full: Workspace) -> pd.DataFrame:
    """The findings of the best classifier."""
    return findings(full)


def test_the_protocols_are_those_of_their_runs(full: Workspace, found: pd.DataFrame) -> None:
    found = found.set_index("finding")
    runs = {run.inputs[1]: run for run in find_runs(full, "classifier", name="1nn")}
    divisions = {get_run(full, run_id).kind: run for run_id, run in runs.items()}
    for finding, kind, measure in (
        ("the older study's protocol", "split", "accuracy"),
        ("the same with groups kept apart", "folds", "accuracy"),
        ("and every genre counting the same", "folds", "balanced_accuracy"),
    ):
        row = found.loc[finding]
        expected = value_of(score(read_predictions(full, divisions[kind])), measure)
        assert (row.value, row.low, row.high) == expected
        assert row.measure == measure


def test_the_older_protocol_is_a_random_split_of_a_fifth(full: Workspace, found: pd.DataFrame) -> None:
    split = latest_run(full, "split", name="random")
    assert split.params == {"kind": "random", "test_share": 0.2}


def test_ours_is_the_highest_out_of_fold(full: Workspace, found: pd.DataFrame) -> None:
    row = found.iloc[-1]
    others = [run for run in find_runs(full, "classifier") if run.results["split"] == "folds"]
    assert row.value == pytest.approx(max(run.results["balanced_accuracy"] for run in others))
    assert row.division == "out of fold"


def test_an_embedding_can_be_named(full: Workspace) -> None:
    assert best_classifier(full, embedding="near").results["embedding"] == "near"
    with pytest.raises(GenrescopeError, match="genrescope train --embedding nowhere"):
        best_classifier(full, embedding="nowhere")


def test_of_a_classifier_trained_again_the_newest_counts_as_in_the_report(partly: Callable[..., Workspace]) -> None:
    workspace = partly("embed", "train")
    (first,) = find_runs(workspace, "classifier")
    with workspace.write() as con:
        con.execute("UPDATE runs SET results = json_merge_patch(results, '{\"balanced_accuracy\": 1.0}')")
    again = train(
        workspace, "logistic", find_runs(workspace, "embedding")[0], get_run(workspace, first.inputs[1]), seed=7
    )
    assert best_classifier(workspace) == again
    assert [each.run for each in read_study(workspace).judged if each.run.name == "logistic"] == [again]


def test_the_older_classifier_is_the_best_one_where_it_is(partly: Callable[..., Workspace]) -> None:
    workspace = partly("embed", "train")
    with workspace.write() as con:  # what it found there is worse than the nearest neighbour that it will train
        con.execute("UPDATE runs SET results = json_merge_patch(results, '{\"balanced_accuracy\": 0.01}')")
    found = findings(workspace)
    (apart, best) = (found[found.finding == name].iloc[0] for name in ("and every genre counting the same", TOP))
    assert (best.classifier, best.value) == (apart.classifier, apart.value) == ("1nn on far", apart.value)
    assert set(found[found.genre.notna()].classifier) == {"1nn on far"}


def test_it_trains_nothing_twice_and_the_verb_shows_every_value(full: Workspace, found: pd.DataFrame) -> None:
    before = len(find_runs(full))
    done = CliRunner().invoke(cli, ["findings", "--workspace", str(full.folder)], catch_exceptions=False)
    assert len(find_runs(full)) == before
    for row in found.itertuples():
        assert f"{row.value:.3f} [{row.low:.3f}, {row.high:.3f}]" in done.stdout


def test_without_a_classifier_it_says_what_to_do(partly: Callable[..., Workspace]) -> None:
    with pytest.raises(GenrescopeError, match="genrescope train"):
        findings(partly())


def test_a_genre_is_called_best_only_where_no_other_may_be() -> None:
    row = pd.Series({"finding": "recognised best", "genre": "Folk", "not_told_apart": ""})
    assert in_words(row) == "Folk is recognised best."
    row.not_told_apart = "Punk, Jazz"
    assert in_words(row) == "Folk has the highest recall, but Punk and Jazz cannot be told apart from it."
