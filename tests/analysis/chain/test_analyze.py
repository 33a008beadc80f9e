"""analyze as a function and as a command."""

import logging

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.chain.analyze import analyze, current_embeddings
from analysis.chain.analyze_command import analyze_command
from data.errors import GenrescopeError, RunNotFound
from data.store.runs import find_runs, finish_run, start_run
from embeddings.vectors import append_vectors

KINDS = ("neighbors", "projection", "clustering", "stability", "separability")


def test_analyze_makes_every_run_once(embedded, caplog):
    workspace, _ = embedded
    with caplog.at_level(logging.INFO):
        (run,) = analyze(workspace)
    lines = [record.getMessage() for record in caplog.records if record.name == "analysis.chain.analyze"]
    steps = ("neighbours", "map", "clusters", "stability", "separability")
    assert [line.split(":")[0] for line in lines] == [f"gaussians {step}" for step in steps]
    made = {kind: find_runs(workspace, kind) for kind in KINDS}
    assert all(len(runs) == 1 and runs[0].name == "gaussians" for runs in made.values())
    assert analyze(workspace) == [run]
    assert {kind: find_runs(workspace, kind) for kind in KINDS} == made


def test_command_shows_the_league_and_each_genre(embedded):
    workspace, embedding = embedded
    other = start_run(workspace, "embedding", name="noise", params={}, inputs=embedding.inputs)
    append_vectors(workspace, other, np.arange(120), np.random.default_rng(0).normal(size=(120, 8)))
    finish_run(workspace, other)
    assert [run.name for run in current_embeddings(workspace)] == ["gaussians", "noise"]
    result = CliRunner().invoke(analyze_command, ["--workspace", str(workspace.folder)], catch_exceptions=False)
    assert result.exit_code == 0
    league, *tables = result.stdout.strip().split("\n\n")
    assert [line.split()[0] for line in league.splitlines()] == ["embedding", "gaussians", "noise"]
    assert [line.split()[0] for line in tables[0].splitlines()] == ["gaussians", "Folk", "Jazz", "Pop"]
    assert "0.9" in tables[0]
    assert "*" in tables[0]


def test_command_takes_the_embeddings_it_is_told(embedded):
    workspace, embedding = embedded
    arguments = ["--workspace", str(workspace.folder), "--embedding", embedding.run_id]
    assert CliRunner().invoke(analyze_command, arguments, catch_exceptions=False).exit_code == 0
    with pytest.raises(RunNotFound, match="gaussians"):
        CliRunner().invoke(analyze_command, [*arguments, "--embedding", "nonesuch"], catch_exceptions=False)


def test_without_vectors_the_message_says_so(embedded):
    workspace, embedding = embedded
    empty = finish_run(workspace, start_run(workspace, "embedding", name="empty", params={}, inputs=embedding.inputs))
    with pytest.raises(GenrescopeError, match="empty holds no vectors"):
        analyze(workspace, embeddings=[empty])
