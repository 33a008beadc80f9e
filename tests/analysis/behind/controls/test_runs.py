"""Runs of controls and confounds: found again, read, said, and mistakes in one line."""

import json

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from analysis.behind.controls.confound import measure_confounds, read_confounds
from analysis.behind.controls.control import measure_control, measure_controls, read_controls
from analysis.behind.controls.measured import newest_measured
from analysis.chain.export import read_table
from analysis.geometry.neighbors import build_neighbors
from analysis.separability.separability import measure_separability, read_metrics
from data.errors import GenrescopeError
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.store.covers import collection
from data.store.runs import finish_run, start_run
from embeddings.vectors import append_vectors, current_embeddings, read_vectors
from genrescope import cli


@pytest.fixture(scope="module")
def both(shared_embedded):
    """Two measured embeddings, of which `color` tells nothing, and metadata."""
    workspace, _ = shared_embedded
    run = start_run(workspace, "embedding", name="color", params={}, inputs=[collection(workspace).run_id])
    cover_ids = np.arange(120)
    vectors = np.random.default_rng(2).normal(size=(120, 293)).astype(np.float32)
    append_vectors(workspace, run, cover_ids, vectors[cover_ids % 117])
    finish_run(workspace, run, results={"dimension": 293, "covers": 120, "left_out": 0})
    metadata = [json.dumps({"label": f"label {i % 4}", "title": f"title {i}"}) for i in range(120)]
    with workspace.write() as con:
        con.executemany("UPDATE covers SET metadata = $1 WHERE cover_id = $2", [[m, i] for i, m in enumerate(metadata)])
    measure_all(workspace)
    return workspace


def measure_all(workspace, columns=None) -> None:
    """Measure the separability of both, on clusters that are none: UMAP would take seconds."""
    folds = make_folds(workspace, make_groups(workspace, columns=columns))
    for embedding in current_embeddings(workspace):
        neighbors = build_neighbors(workspace, embedding)
        clustering = start_run(workspace, "clustering", name=embedding.name, params={}, inputs=[neighbors.run_id])
        ids = read_vectors(workspace, embedding)[0]
        rows = pa.table({"cover_id": ids, "cluster": ids % 3, "membership": np.ones(len(ids), np.float32)})
        if not clustering.finished:
            clustering = finish_run(workspace, clustering, tables={"clusters": rows}, results={})
        measure_separability(workspace, neighbors, clustering, folds, resamples=100, permutations=9)


def test_an_encoder_is_held_against_the_control(both):
    (run,) = measure_controls(both)
    assert run.name == "gaussians beyond color"
    assert measure_controls(both) == [run]
    rows = read_controls(both)
    assert set(rows.control) == {"color"}
    assert (rows[(rows.metric == "left") & rows.genre.notna()].p_adjusted < 0.05).all()
    assert run.results["sentences"][0].endswith("beyond color.")
    assert run.results["covers"] == 119  # cover 7 has no vector in the encoder
    exported = read_table(both, "controls")
    assert len(exported) == len(rows)


def test_its_separability_is_that_of_the_analysis(both):
    (run,) = measure_controls(both)
    separability = next(each for each in newest_measured(both) if each.run_id == run.inputs[0])
    known = read_metrics(both, separability)
    expected = known[(known.metric == "separability") & known.other_genre.isna()].set_index("genre").value
    rows = read_controls(both)
    found = rows[rows.metric == "separability"].set_index("genre").value
    for genre in ("Folk", "Jazz", "Pop"):
        assert found[genre] == pytest.approx(expected[genre], abs=1e-9)


def test_confounds_are_found_in_the_files_and_columns(both):
    runs, left_out = measure_confounds(both)
    assert {run.results["confound"] for run in runs} == {"brightness", "palette", "label"}
    assert left_out["title"] == "names covers one by one"
    assert left_out["file"] == "is the same for every cover"
    rows = read_confounds(both)
    assert (rows[(rows.confound == "label") & (rows.metric == "held_out")].value > 0.5).all()
    assert len(read_table(both, "confounds", run=runs[0])) < len(rows)
    assert "no probe has learnt from" in " ".join(run.results["sentence"] for run in runs)


def test_mistakes_are_said(both):
    with pytest.raises(GenrescopeError, match="there is no confound tempo: choose from"):
        measure_confounds(both, names=["tempo"])
    with pytest.raises(GenrescopeError, match="title names covers one by one"):
        measure_confounds(both, names=["title"])
    with pytest.raises(GenrescopeError, match="clip is not analyzed"):
        measure_controls(both, encoders=["clip"])
    with pytest.raises(GenrescopeError, match="clip is not analyzed"):
        measure_confounds(both, encoders=["clip"])
    with pytest.raises(GenrescopeError, match="no two embeddings"):
        measure_controls(both, encoders=["color"], controls=["color"])


def test_verbs(both):
    folder = ["--workspace", str(both.folder)]
    said = CliRunner().invoke(cli, ["controls", *folder])
    assert said.exit_code == 0, said.output
    assert "gaussians beyond color" in said.output
    assert "mean" in said.output
    found = CliRunner().invoke(cli, ["confounds", "--for", "label", "--json", *folder])
    (facts,) = json.loads(found.output)
    assert facts["levels"] == 4
    assert {row["metric"] for row in facts["metrics"]} >= {"left", "alone", "explained", "held_out"}


def test_other_folds_are_no_pair(both):
    runs = {run.name: run for run in newest_measured(both)}
    measure_all(both, columns=["label"])
    other = {run.name: run for run in newest_measured(both)}
    with pytest.raises(GenrescopeError, match="different folds"):
        measure_control(both, runs["gaussians"], other["color"])
