"""What lies behind the answer in the app: learning curves, agreement, and the map coloured by it."""

import json

import numpy as np
import pytest

from analysis.behind.agreement.agreement import measure_agreement, read_agreements
from analysis.behind.learning_curves.learning_curve import measure_learning_curve
from analysis.geometry.neighbors import build_neighbors
from dashboard.pages.separability import PATH
from dashboard.parts.behind.agreeing import agreeing
from dashboard.parts.behind.growth import growth
from dashboard.parts.drawn.coloring import COLORINGS, coloring
from dashboard.reading import chains
from dashboard.state.view import view
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.store.runs import finish_run, start_run
from embeddings.vectors import append_vectors
from tests.analysis.conftest import fill


@pytest.fixture(scope="module")
def behind(new_workspace):
    """Two embeddings, the second noise; with curves and agreement; and how it all looked before these."""
    workspace = new_workspace()
    first = fill(workspace)
    noise = start_run(workspace, "embedding", name="noise", params={}, inputs=first.inputs)
    append_vectors(workspace, noise, np.arange(120), np.random.default_rng(0).normal(size=(120, 8)))
    noise = finish_run(workspace, noise, results={"dimension": 8, "covers": 120, "left_out": 0})
    graphs = [build_neighbors(workspace, run) for run in (first, noise)]
    here = view(workspace, PATH, f"?embedding={first.run_id}")
    before = json.dumps([part.to_plotly_json() for part in (*growth(here), *agreeing(here))], default=str)
    folds = make_folds(workspace, make_groups(workspace))
    measure_learning_curve(workspace, first, folds)
    compared = measure_agreement(workspace, *graphs, make_groups(workspace))
    return workspace, first, noise, compared, before


def shown(parts) -> str:
    return json.dumps([part.to_plotly_json() for part in parts], default=lambda part: part.to_plotly_json())


def test_without_runs_it_names_the_commands(behind):
    assert "genrescope learning-curve" in behind[-1]
    assert "genrescope agreement" in behind[-1]


def test_curves_and_sentences(behind):
    workspace, first, *_ = behind
    text = shown(growth(view(workspace, PATH, f"?embedding={first.run_id}")))
    assert text.count('"markers"') == 4
    assert "Jazz: " in text


def test_agreement_links_to_the_map(behind):
    workspace, first, noise, *_ = behind
    text = shown(agreeing(view(workspace, PATH, f"?embedding={first.run_id}")))
    assert f"color=agreement&beside={noise.run_id}" in text or f"beside={noise.run_id}" in text
    assert "Linear CKA" in text


def test_the_map_is_coloured_by_it(behind):
    workspace, first, noise, compared, _ = behind
    assert "agreement" in COLORINGS
    here = view(workspace, "/map", f"?embedding={first.run_id}&color=agreement&beside={noise.run_id}")
    ids, shares = read_agreements(workspace, compared)
    found = coloring(here, chains.chosen(workspace, first.run_id), None, ids)
    np.testing.assert_array_equal(found.codes, 1 + np.digitize(shares, (0.001, 0.25, 0.5, 0.75)))
    assert len(found.legend) == 5
    assert "noise" in found.note
