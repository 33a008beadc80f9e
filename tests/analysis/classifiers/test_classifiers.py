"""Every classifier on planted gaussians, kNN against scikit-learn's own, calibration against known temperatures."""

import warnings

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

from analysis.classifiers.calibration import Calibrated, best_temperature
from analysis.classifiers.knn import FaissKNN, vote
from analysis.classifiers.mlp import MLP
from analysis.classifiers.registry import CLASSIFIERS, get_recipe, make_classifier
from data.errors import GenrescopeError

GENRES = np.array(["Folk", "Jazz", "Pop"])


def gaussians(count: int = 60, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (3 * count, 16) of three well separated genres and their genres."""
    rng = np.random.default_rng(seed)
    centres = 4 * np.eye(16)[:3]
    codes = np.repeat([0, 1, 2], count)
    return (centres[codes] + rng.normal(size=(3 * count, 16))).astype(np.float32), GENRES[codes]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_separable_genres_are_learnt(name):
    vectors, genres = gaussians()
    others, truth = gaussians(seed=1)
    classifier = make_classifier(name).fit(vectors, genres)
    probabilities = classifier.predict_proba(others)
    assert np.mean(classifier.predict(others) == truth) > 0.95
    assert list(classifier.classes_) == list(GENRES)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (classifier.predict(others) == GENRES[probabilities.argmax(axis=1)]).all()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_genres_with_hardly_any_cover_do_no_harm(name):
    """One genre with a single training cover, one with two."""
    vectors, genres = gaussians()
    genres = genres.astype(object)
    genres[0], genres[60:62] = "Ska", "Zydeco"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier = make_classifier(name).fit(vectors, genres)
    assert list(classifier.classes_) == [*GENRES, "Ska", "Zydeco"]
    assert np.isfinite(classifier.predict_proba(vectors)).all()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_two_genres(name):
    vectors, genres = (part[:120] for part in gaussians())
    classifier = make_classifier(name).fit(vectors, genres)
    assert classifier.predict_proba(vectors).shape == (120, 2)
    assert np.mean(classifier.predict(vectors) == genres) > 0.95


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_same_seed_same_probabilities(name):
    vectors, genres = gaussians()
    first, second = (make_classifier(name, seed=3).fit(vectors, genres).predict_proba(vectors) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_an_unknown_classifier_is_refused_with_the_known_ones():
    with pytest.raises(GenrescopeError, match=r"no classifier 'svm': choose from knn, .*linear-svm"):
        get_recipe("svm")


@pytest.mark.parametrize("estimator", [FaissKNN(), Calibrated(LinearSVC()), MLP(epochs=20)])
def test_scikit_learns_contract(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_estimator(estimator, on_skip=None)


def test_neighbours_equal_scikit_learns():
    rng = np.random.default_rng(5)
    vectors, queries = rng.normal(size=(300, 20)).astype(np.float32), rng.normal(size=(50, 20)).astype(np.float32)
    genres = rng.choice(GENRES, size=300)
    ours = FaissKNN(k=7).fit(vectors, genres)
    theirs = KNeighborsClassifier(7, metric="cosine").fit(vectors, genres)
    similarities, rows = ours.kneighbors(queries)
    distances, expected = theirs.kneighbors(queries)
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_allclose(similarities, 1 - distances, atol=1e-5)
    # Where scikit-learn sees a draw it takes the first genre; elsewhere the votes decide alike.
    votes = np.sort(theirs.predict_proba(queries), axis=1)
    clear = votes[:, -1] > votes[:, -2]
    assert clear.sum() > 20
    assert (ours.predict(queries) == theirs.predict(queries))[clear].all()


def test_vote_by_hand():
    """Five neighbours and a sixth vote spread over three genres: (3 + 1/3) / 6, (2 + 1/3) / 6 and (1/3) / 6."""
    probabilities = vote(np.array([[0, 1, 0, 1, 0]]), np.array([[0.9, 0.8, 0.7, 0.6, 0.5]]), classes=3)
    assert probabilities[0] == pytest.approx([10 / 18, 7 / 18, 1 / 18], abs=1e-3)


def test_a_draw_goes_to_the_more_similar_neighbours_and_never_outvotes():
    codes = np.array([[0, 0, 1, 1], [1, 1, 0, 0], [0, 1, 0, 0]])
    similarities = np.array([[0.5, 0.4, 0.9, 0.8], [0.5, 0.4, 0.9, 0.8], [-1.0, 1.0, -1.0, -1.0]])
    assert vote(codes, similarities, classes=2).argmax(axis=1).tolist() == [1, 0, 0]


def test_with_fewer_training_covers_than_k_all_vote():
    classifier = FaissKNN(k=10).fit(np.eye(3, dtype=np.float32), GENRES)
    assert classifier.predict(np.eye(3)).tolist() == list(GENRES)
    assert classifier.kneighbors(np.eye(3))[1].shape == (3, 3)


def test_a_vector_of_zeros_is_similar_to_nothing():
    similarities, _ = FaissKNN(k=2).fit(np.eye(3, dtype=np.float32), GENRES).kneighbors(np.zeros((1, 3)))
    assert similarities.tolist() == [[0, 0]]


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_a_planted_temperature_is_found(temperature):
    rng = np.random.default_rng(2)
    margins = 3 * rng.normal(size=(20_000, 4))
    draws = margins / temperature + rng.gumbel(size=margins.shape)  # the largest follows softmax(margins / temperature)
    truth = draws.argmax(axis=1)
    found, loss = best_temperature(margins, truth)
    assert found == pytest.approx(temperature, rel=0.05)
    assert loss == pytest.approx(log_loss(truth, softmax(margins / temperature, axis=1)), abs=1e-3)


def test_calibration_changes_no_prediction():
    vectors, genres = gaussians()
    others, _ = gaussians(seed=1)
    expected = make_pipeline(StandardScaler(), LinearSVC(C=0.01)).fit(vectors, genres).predict(others)
    assert (Calibrated(LinearSVC(), C=[0.01]).fit(vectors, genres).predict(others) == expected).all()


def test_two_genres_get_the_logistic_function_of_their_margin():
    vectors, genres = (part[:120] for part in gaussians())
    fitted = Calibrated(LogisticRegression()).fit(vectors, genres)
    expected = expit(fitted.decision_function(vectors) / fitted.temperature_)
    np.testing.assert_allclose(fitted.predict_proba(vectors)[:, 1], expected, rtol=1e-5)


def test_covers_of_a_genre_too_rare_to_hold_out_leave_the_first_c_and_temperature_one():
    fitted = Calibrated(LogisticRegression(), C=[0.1, 1.0]).fit(np.eye(3), GENRES)
    assert (fitted.C_, fitted.temperature_) == (0.1, 1.0)


def test_noise_calls_for_a_small_c_and_order_for_a_large_one():
    rng = np.random.default_rng(6)
    vectors = rng.normal(size=(150, 30))
    choices = {"C": [1e-4, 1e-2, 1.0]}
    noise = Calibrated(LogisticRegression(), **choices).fit(vectors, rng.choice(GENRES, size=150))
    order = Calibrated(LogisticRegression(), **choices).fit(vectors, GENRES[vectors[:, :3].argmax(axis=1)])
    assert noise.C_ == 1e-4
    assert order.C_ == 1.0


def test_calibration_keeps_duplicates_on_one_side():
    """Random genres, each cover three times: whoever holds out copies of training covers believes them learnable."""
    rng = np.random.default_rng(4)
    vectors, genres = np.repeat(rng.normal(size=(60, 100)), 3, axis=0), np.repeat(rng.choice(GENRES, size=60), 3)
    loose = Calibrated(LogisticRegression()).fit(vectors, genres)
    grouped = Calibrated(LogisticRegression()).fit(vectors, genres, groups=np.repeat(np.arange(60), 3))
    assert grouped.temperature_ > 5 * loose.temperature_


def test_the_network_stops_by_covers_whose_copies_it_has_not_seen():
    """The same as above: with copies held out apart, going on learning by heart looks worth while."""
    rng = np.random.default_rng(4)
    vectors, genres = np.repeat(rng.normal(size=(60, 100)), 3, axis=0), np.repeat(rng.choice(GENRES, size=60), 3)
    loose = MLP().fit(vectors, genres).predict_proba(vectors).max(axis=1).mean()
    grouped = MLP().fit(vectors, genres, groups=np.repeat(np.arange(60), 3)).predict_proba(vectors).max(axis=1).mean()
    assert grouped < 0.7 < 0.9 < loose
