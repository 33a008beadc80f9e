"""Networks out of fold, alone and in a vote with a classifier on an embedding."""

import numpy as np
import pytest

from analysis.classifiers.training import train
from analysis.classifiers.voting import vote
from analysis.evaluation.predictions import read_predictions
from analysis.networks.kept import networks_of, predict_images
from analysis.predicting.fitted import classify
from data.intake.images import load_cover
from data.store.covers import collection, read_covers
from data.store.runs import Run, get_run
from data.store.workspace import Workspace
from embeddings.embed import embed

Voted = tuple[Workspace, Run, Run, Run]


@pytest.fixture(scope="module")
def voted(out_of_fold: tuple[Workspace, Run]) -> Voted:
    """The network, a classifier on colour that judged the same folds, and their vote."""
    workspace, network = out_of_fold
    other = train(workspace, "logistic", embed(workspace, "color"), get_run(workspace, network.inputs[1]))
    return workspace, network, other, vote(workspace, [network, other])


def test_a_vote_is_the_mean_of_a_network_and_a_classifier_on_an_embedding(voted: Voted) -> None:
    workspace, network, other, run = voted
    found, a, b = (read_predictions(workspace, each) for each in (run, network, other))
    assert run.results["embedding"] == "fastai:test_resnet@covers,logistic@color"
    assert found.cover_ids.tolist() == list(range(72))
    np.testing.assert_allclose(found.probabilities, at(run, (a.probabilities + b.probabilities) / 2), atol=1e-5)
    assert run.results["balanced_accuracy"] > 0.6  # colour alone tells these genres


def at(run: Run, mean: np.ndarray) -> np.ndarray:
    """The mean at the one temperature that all folds of so well told genres have: 1 / members, the least."""
    assert [fit["temperature"] for fit in run.results["fitted"]] == [0.5, 0.5]
    return mean**2 / (mean**2).sum(axis=1, keepdims=True)


def test_a_vote_with_a_network_looks_at_further_images(voted: Voted) -> None:
    workspace, network, other, run = voted
    covers = read_covers(workspace, collection(workspace))
    images = [load_cover(path) for path in covers.path[:3]]
    expected = predict_images(networks_of(workspace, network), images, list(network.results["classes"]))
    expected = (expected + classify(workspace, other, images)) / 2
    np.testing.assert_allclose(classify(workspace, run, images), at(run, expected), atol=1e-5)
