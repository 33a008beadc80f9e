"""The run that compares two embeddings, the covers that one alone sees right, and the verb."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.behind.agreement.agreement import measure_agreements, read_agreement_metrics, read_agreements
from analysis.behind.agreement.words import judges, seen_by_one, seen_in_words, sentences
from analysis.chain.export import read_table
from analysis.classifiers.training import train
from analysis.evaluation.predictions import read_predictions, verdicts
from data.errors import GenrescopeError
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.store.covers import collection
from data.store.runs import find_runs, finish_run, start_run
from embeddings.vectors import append_vectors, read_vectors
from genrescope import cli


@pytest.fixture(scope="module")
def compared(shared_embedded):
    """Gaussians beside themselves, turned, and beside noise that has two covers fewer; a classifier on two of them."""
    workspace, embedding = shared_embedded
    cover_ids, vectors = read_vectors(workspace, embedding)
    dice = np.random.default_rng(5)
    turn = np.linalg.qr(dice.normal(size=(16, 16)))[0]
    inputs = [collection(workspace).run_id]
    for name, other in (("turned", vectors @ turn), ("noise", dice.normal(size=(len(vectors) - 2, 20)))):
        run = start_run(workspace, "embedding", name=name, params={}, inputs=inputs)
        append_vectors(workspace, run, cover_ids[: len(other)], other)
        finish_run(workspace, run, results={"dimension": other.shape[1], "covers": len(other), "left_out": 0})
        if name == "noise":
            folds = make_folds(workspace, make_groups(workspace))
            for each in (embedding, run):
                train(workspace, "knn", each, folds)
    runs = measure_agreements(workspace)
    return workspace, {run.name: run for run in runs}


def test_the_same_turned_and_noise(compared):
    workspace, runs = compared
    assert set(runs) == {"gaussians,turned", "gaussians,noise", "noise,turned"}
    same, noise = runs["gaussians,turned"].results, runs["gaussians,noise"].results
    assert same["shared_neighbors"] == pytest.approx(1, abs=0.01)
    assert same["cka"] == pytest.approx(1, abs=1e-3)
    assert noise["covers"] == 117
    assert noise["shared_neighbors"] == pytest.approx(noise["shared_by_chance"], abs=0.03)
    assert abs(noise["cka"]) < 0.1
    cover_ids, shares = read_agreements(workspace, runs["gaussians,turned"])
    assert 7 not in cover_ids
    assert len(shares) == 119


def test_rows_by_genre_and_sentences(compared):
    workspace, runs = compared
    metrics = read_agreement_metrics(workspace, runs["gaussians,noise"])
    assert set(metrics.genre.dropna()) == {"Folk", "Jazz", "Pop"}
    near = metrics[metrics.metric == "shared_neighbors"]
    assert ((near.low <= near.value) & (near.value <= near.high)).all()
    said = sentences(runs["gaussians,noise"], metrics)
    assert said[0].startswith("Of a cover's 10 nearest in gaussians, ")
    assert said[1].startswith("Linear CKA is ")


def test_covers_that_one_sees_right(compared):
    workspace, runs = compared
    first, second = judges(workspace, runs["gaussians,noise"])
    assert (first.results["embedding"], second.results["embedding"]) == ("gaussians", "noise")
    table = seen_by_one(workspace, runs["gaussians,noise"])
    right = [verdicts(read_predictions(workspace, run)) for run in (first, second)]
    ids = np.intersect1d(right[0].cover_ids, right[1].cover_ids)
    told = [dict(zip(each.cover_ids.tolist(), (each.predicted == each.truth).tolist(), strict=True)) for each in right]
    expected = {cover for cover in ids.tolist() if told[0][cover] and not told[1][cover]}
    assert set(table[table.right_in == "gaussians"].cover_id) == expected
    assert (table.taken_for != table.genre).all()
    assert f"{len(expected)} covers are seen right in gaussians only" in seen_in_words(runs["gaussians,noise"], table)
    assert seen_by_one(workspace, runs["gaussians,turned"]).empty
    assert seen_in_words(runs["gaussians,turned"], seen_by_one(workspace, runs["gaussians,turned"])) == ""


def test_it_is_found_again_whatever_the_order(compared):
    workspace, runs = compared
    embeddings = [run for run in find_runs(workspace, "embedding") if run.name != "noise"]
    for pair in (embeddings, embeddings[::-1]):
        assert measure_agreements(workspace, embeddings=pair)[0].run_id == runs["gaussians,turned"].run_id
    with pytest.raises(GenrescopeError, match="two embeddings"):
        measure_agreements(workspace, embeddings=embeddings[:1])


def test_tables_and_verb(compared):
    workspace, runs = compared
    assert len(read_table(workspace, "agreements", run="gaussians,noise")) == 117
    assert set(read_table(workspace, "agreement_scores").metric) == {"shared_neighbors", "shared_by_chance", "cka"}
    folder = str(workspace.folder)
    command = ["agreement", "gaussians", "noise", "--workspace", folder]
    answer = CliRunner().invoke(cli, command, catch_exceptions=False)
    (found,) = json.loads(CliRunner().invoke(cli, [*command, "--json"], catch_exceptions=False).output)
    assert found["run"] == runs["gaussians,noise"].run_id
    assert answer.output.strip() == " ".join(found["sentences"])
