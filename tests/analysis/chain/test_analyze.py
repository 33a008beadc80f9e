"""analyze as a function and as a command."""

import json
import logging

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.chain.analyze import analyze
from analysis.chain.analyze_command import analyze_command, report_lines
from analysis.separability.kinship import current_kinship, kin
from analysis.separability.pure.sensitivity import ignoring_sentences
from analysis.separability.separability import read_metrics
from data.errors import GenrescopeError, RunNotFound
from data.store.runs import find_runs, finish_run, latest_run, start_run
from embeddings.vectors import append_vectors, current_embeddings

KINDS = ("neighbors", "projection", "clustering", "stability", "separability", "kinship")


def add_noise(workspace, like):
    """A second embedding, in which all genres are alike."""
    run = start_run(workspace, "embedding", name="noise", params={}, inputs=like.inputs)
    if not run.finished:
        append_vectors(workspace, run, np.arange(120), np.random.default_rng(0).normal(size=(120, 8)))
    return finish_run(workspace, run)


def invoke(workspace, *words):
    result = CliRunner().invoke(analyze_command, ["--workspace", str(workspace.folder), *words], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_analyze_makes_every_run_once(analyzed, caplog):
    workspace, embedding = analyzed
    made = {kind: find_runs(workspace, kind) for kind in KINDS}
    assert all(len([run for run in runs if run.name == "gaussians"]) == 1 for runs in made.values())
    with caplog.at_level(logging.INFO):
        (run,) = analyze(workspace, embeddings=[embedding])
    lines = [record.getMessage() for record in caplog.records if record.name == "analysis.chain.analyze"]
    steps = ("neighbours", "map", "clusters", "separability", "kinship", "stability")
    assert [line.split(":")[0] for line in lines] == [f"gaussians {step}" for step in steps]
    assert run in made["separability"]
    assert {kind: find_runs(workspace, kind) for kind in KINDS} == made


@pytest.mark.slow
def test_command_shows_the_league_then_each_answer_with_its_genres(analyzed):
    workspace, embedding = analyzed
    noise = add_noise(workspace, embedding)
    assert [run.name for run in current_embeddings(workspace)] == ["gaussians", "noise"]
    league, *answers = invoke(workspace).strip().split("\n\n")
    assert [line.split()[0] for line in league.splitlines()] == ["embedding", "gaussians", "noise"]
    assert [answer.split(":")[0] for answer in answers] == ["gaussians", "noise"]
    said, head, *rows = answers[0].splitlines()
    assert said == f"gaussians: {latest_run(workspace, 'separability', name='gaussians').results['sentence']}"
    assert head.split()[:3] == ["genre", "place", "separability"]
    table = read_metrics(workspace, latest_run(workspace, "separability", name="gaussians"))
    own = table[(table.metric == "separability") & table.genre.notna() & table.other_genre.isna()].set_index("genre")
    assert [row.split()[0] for row in rows[:3]] == own.value.sort_values(ascending=False).index.tolist()
    for row in rows[:3]:
        one = own.loc[row.split()[0]]
        assert f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]*" in row
    assert "*" not in answers[1]
    assert "None is shown to separate by more than chance." in answers[1]
    assert latest_run(workspace, "separability", name="noise").inputs[0] in {
        run.run_id for run in find_runs(workspace, "neighbors") if noise.run_id in run.inputs
    }


def test_membership_is_measured_only_where_covers_have_several_genres(analyzed):
    workspace, embedding = analyzed
    (run,) = analyze(workspace, embeddings=[embedding])
    assert find_runs(workspace, "membership") == []
    (facts,) = json.loads(invoke(workspace, "--embedding", embedding.run_id, "--json"))
    assert "membership" not in facts
    tree = current_kinship(workspace, run)
    assert facts["kinship"]["sentence"] == tree.results["sentence"]
    assert set(tree.results["genres"]) == set(tree.results["names"])
    table = kin(workspace, tree)
    assert table.height.tolist() == pytest.approx(sorted(value for value, *_ in tree.results["heights"]))
    assert table.support.isna().sum() == 1


def test_command_says_what_copies_counted_as_independent_would_show(analyzed):
    """Of three copies among 119 covers nothing: they change less than other folds do. Of more, what there is to say."""
    workspace, embedding = analyzed
    assert "counted as independent" not in invoke(workspace, "--embedding", embedding.run_id)
    run = latest_run(workspace, "separability", name="gaussians")
    files, picture = run.results["ignoring"]
    assert (files["grouping"], picture["grouping"]) == ("files", "picture")
    files["separability"] = picture["separability"] + 0.2
    (said,) = ignoring_sentences([files, picture])
    assert said in report_lines([(run, read_metrics(workspace, run))])


def test_command_answers_programs_and_takes_the_embeddings_it_is_told(analyzed):
    workspace, embedding = analyzed
    add_noise(workspace, embedding)
    (facts,) = json.loads(invoke(workspace, "--embedding", embedding.run_id, "--json"))
    run = latest_run(workspace, "separability", name="gaussians")
    assert (facts["embedding"], facts["run"], facts["sentence"]) == ("gaussians", run.run_id, run.results["sentence"])
    assert len(facts["metrics"]) == len(read_metrics(workspace, run))
    with pytest.raises(RunNotFound, match="gaussians"):
        invoke(workspace, "--embedding", "gaussians", "--embedding", "nonesuch")


def test_without_vectors_the_message_says_so(embedded):
    workspace, embedding = embedded
    empty = finish_run(workspace, start_run(workspace, "embedding", name="empty", params={}, inputs=embedding.inputs))
    with pytest.raises(GenrescopeError, match="empty holds no vectors"):
        analyze(workspace, embeddings=[empty])
