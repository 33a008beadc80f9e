"""Every classifier run has its fitted classifier beside it: a new one, one of before, one that cannot be read."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from analysis.classifiers.divisions import read_division
from analysis.classifiers.keeping import restore
from analysis.classifiers.registry import make_classifier
from analysis.classifiers.training import learnt_from, train
from analysis.evaluation.predictions import read_predictions
from data.errors import GenrescopeError
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split, read_split
from data.store.kept import Kept, kept_run_ids, read_kept, replace_kept
from data.store.runs import Run, get_run
from data.store.workspace import Workspace

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def divided(shared_embedded: tuple[Workspace, Run]) -> tuple[Workspace, Run, Run, Run]:
    """A workspace, its embedding, folds and a hold-out."""
    workspace, embedding = shared_embedded
    return workspace, embedding, make_folds(workspace, make_groups(workspace)), make_split(workspace)


def test_of_folds_one_fitted_on_all_covers_is_kept(divided: tuple[Workspace, Run, Run, Run]) -> None:
    workspace, embedding, folds, _ = divided
    run = train(workspace, "logistic", embedding, folds)
    training = learnt_from(workspace, embedding, folds)
    assert len(training.cover_ids) == 119
    expected = make_classifier("logistic").fit(training.vectors, training.genres, groups=training.groups)
    (kept,) = read_kept(workspace, run)
    found = restore(run, kept, training.vectors)
    np.testing.assert_array_equal(found.predict_proba(training.vectors), expected.predict_proba(training.vectors))
    assert found.C_ == expected.C_


def test_of_a_hold_out_the_one_that_was_judged_is_kept(divided: tuple[Workspace, Run, Run, Run]) -> None:
    workspace, embedding, _, split = divided
    run = train(workspace, "linear-svm", embedding, split)
    training = learnt_from(workspace, embedding, split)
    assert set(training.cover_ids) == set(read_split(workspace, split)[0]) - {7}
    covers, (part,) = read_division(workspace, embedding, split)
    said = restore(run, read_kept(workspace, run)[0], training.vectors).predict_proba(covers.vectors[part.test])
    np.testing.assert_allclose(said, read_predictions(workspace, run).probabilities, atol=1e-6)


def test_a_run_of_before_gets_its_classifier_and_stays_the_same(divided: tuple[Workspace, Run, Run, Run]) -> None:
    workspace, embedding, folds, _ = divided
    run = train(workspace, "knn", embedding, folds)
    before, kept = read_predictions(workspace, run).probabilities, read_kept(workspace, run)
    with workspace.write() as con:
        con.execute("DELETE FROM kept WHERE run_id = ?", [run.run_id])
    with pytest.raises(GenrescopeError, match=r"nothing is kept of classifier .* train it again"):
        read_kept(workspace, run)
    assert train(workspace, "knn", embedding, folds) == run == get_run(workspace, run.run_id)
    np.testing.assert_array_equal(read_predictions(workspace, run).probabilities, before)
    assert read_kept(workspace, run)[0].description == kept[0].description


def test_what_can_no_longer_be_read_is_made_anew_by_train(divided: tuple[Workspace, Run, Run, Run]) -> None:
    workspace, embedding, folds, _ = divided
    run = train(workspace, "1nn", embedding, folds)
    (kept,) = read_kept(workspace, run)
    older = {**kept.description, "versions": {"genrescope": "0.0.1"}}
    replace_kept(workspace, run, [Kept(kept.format, older, b"of a format of before")])
    train(workspace, "1nn", embedding, folds)
    assert read_kept(workspace, run)[0].description == kept.description
    # What is older and says the same is left as it is.
    replace_kept(workspace, run, [Kept(kept.format, older, kept.content)])
    train(workspace, "1nn", embedding, folds)
    assert read_kept(workspace, run)[0].description == older


FULL = """
import os, resource, sys
from data.store.kept import KEPT, Kept, kept_rows
from data.store.runs import finish_run, start_run
from data.store.workspace import open_workspace
workspace = open_workspace(sys.argv[1])
run = start_run(workspace, "classifier", name="large", params={})
room = workspace.database.stat().st_size + 100_000
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
finish_run(workspace, run, tables={KEPT: kept_rows([Kept("skops", {}, os.urandom(2 * room))])})
"""


def test_a_full_disk_is_said_in_one_line_and_nothing_is_lost(divided: tuple[Workspace, Run, Run, Run]) -> None:
    workspace, embedding, folds, _ = divided
    run = train(workspace, "knn", embedding, folds)
    done = subprocess.run(
        [sys.executable, "-c", FULL, workspace.folder], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert "WorkspaceError: " in done.stderr
    assert "make room on its disk" in done.stderr.strip().splitlines()[-1]
    assert run.run_id in kept_run_ids(workspace)
    assert train(workspace, "knn", embedding, folds) == run
