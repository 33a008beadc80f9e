"""Every classifier on planted gaussians, kNN against scikit-learn's own, calibration against known temperatures."""

import warnings

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, recall_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.estimator_checks import check_estimator

from analysis.classifiers.estimators import knn, mlp
from analysis.classifiers.estimators.calibration import Calibrated
from analysis.classifiers.estimators.knn import FaissKNN, vote, worth
from analysis.classifiers.estimators.linear_svm import LinearSVM
from analysis.classifiers.estimators.mlp import MLP
from analysis.classifiers.estimators.rbf_svm import RBFSVM
from analysis.classifiers.estimators.temperature import best_shift, best_temperature, hold_out
from analysis.classifiers.registry import CLASSIFIERS, get_recipe, make_classifier
from data.errors import GenrescopeError

GENRES = np.array(["Folk", "Jazz", "Pop"])
SHARES = np.array([0.8, 0.15, 0.05])


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


@pytest.mark.parametrize(
    "estimator",
    [FaissKNN(), LinearSVM(), Calibrated(LinearSVM()), Calibrated(LinearSVC(), weighted=True), MLP(epochs=20)],
)
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
    probabilities = vote(np.array([[0, 1, 0, 1, 0]]), np.array([[0.9, 0.8, 0.7, 0.6, 0.5]]), worth=np.ones(3))
    assert probabilities[0] == pytest.approx([10 / 18, 7 / 18, 1 / 18], abs=1e-3)


def test_weighted_votes_by_hand():
    """Of 10 training covers 8 are Folk, 2 Jazz: votes are as 1 to 2, so two Folk draw with one Jazz."""
    counts = worth(np.array([0, 0, 0, 1, 0, 0, 1, 0, 0, 0]), weighted=True)
    assert counts[1] == pytest.approx(2 * counts[0])
    assert 8 * counts[0] + 2 * counts[1] == pytest.approx(10)
    probabilities = vote(np.array([[0, 0, 1]]), np.full((1, 3), 0.5), worth=counts)
    assert probabilities[0] == pytest.approx([0.5, 0.5])
    assert worth(np.array([0, 0, 1]), weighted=False).tolist() == [1, 1]


@pytest.mark.parametrize("weighting", [None, "balanced"])
@pytest.mark.parametrize("genres", [2, 5])
def test_the_linear_svm_is_scikit_learns(weighting, genres):
    """Theirs penalises the intercept, which a large scaling makes up for."""
    rng = np.random.default_rng(11)
    codes = rng.choice(genres, size=300, p=np.arange(1, genres + 1) / (genres * (genres + 1) / 2))
    vectors = rng.normal(size=(300, 20)) + np.eye(20)[codes]
    ours = LinearSVM(C=0.01, class_weight=weighting, tol=1e-9).fit(vectors, codes)
    expected = []
    for code in range(genres) if genres > 2 else [1]:
        weights = compute_sample_weight(weighting, codes)
        theirs = LinearSVC(C=0.01, dual=False, tol=1e-9, intercept_scaling=1e4, max_iter=100_000)
        expected.append(theirs.fit(vectors, codes == code, sample_weight=weights).decision_function(vectors))
    np.testing.assert_allclose(ours.decision_function(vectors), np.squeeze(np.transpose(expected)), atol=1e-5)


def test_a_warm_start_changes_the_way_not_the_end():
    vectors, genres = gaussians()
    cold = LinearSVM(C=0.1, tol=1e-8).fit(vectors.astype(float), genres)
    warm = LinearSVM(C=10.0, tol=1e-8, warm_start=True).fit(vectors.astype(float), genres)
    warm.set_params(C=0.1).fit(vectors.astype(float), genres)
    np.testing.assert_allclose(warm.coef_, cold.coef_, atol=1e-4)


def test_a_draw_goes_to_the_more_similar_neighbours_and_never_outvotes():
    codes = np.array([[0, 0, 1, 1], [1, 1, 0, 0], [0, 1, 0, 0]])
    similarities = np.array([[0.5, 0.4, 0.9, 0.8], [0.5, 0.4, 0.9, 0.8], [-1.0, 1.0, -1.0, -1.0]])
    assert vote(codes, similarities, worth=np.ones(2)).argmax(axis=1).tolist() == [1, 0, 0]


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
    found, loss = best_temperature(margins, truth, np.ones(len(truth)))
    assert found == pytest.approx(temperature, rel=0.05)
    assert loss == pytest.approx(log_loss(truth, softmax(margins / temperature, axis=1)), abs=1e-3)


def test_calibration_changes_no_prediction():
    vectors, genres = gaussians()
    others, _ = gaussians(seed=1)
    expected = make_pipeline(StandardScaler(), LinearSVC(C=0.01)).fit(vectors, genres).predict(others)
    assert (Calibrated(LinearSVC(), C=[0.01]).fit(vectors, genres).predict(others) == expected).all()


@pytest.fixture(scope="module")
def unbalanced() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """12,000 covers of three overlapping gaussians with shares .8, .15 and .05, and their log densities (n, 3)."""
    rng = np.random.default_rng(9)
    codes = rng.choice(3, size=12_000, p=SHARES)
    vectors = 1.2 * np.eye(8)[codes] + rng.normal(size=(12_000, 8))
    densities = -((vectors[:, None] - 1.2 * np.eye(8)[:3]) ** 2).sum(axis=2) / 2
    return vectors, codes, densities


@pytest.mark.parametrize("estimator", [LogisticRegression(), LinearSVM()])
@pytest.mark.parametrize("weighted", [True, False])
def test_weighted_probabilities_are_those_of_equally_frequent_genres(unbalanced, estimator, weighted):
    """Against Bayes' rule with the known densities: equal shares before looking if weighted, else the real ones."""
    vectors, codes, densities = unbalanced
    fitted = Calibrated(estimator, weighted=weighted).fit(vectors[:9000], GENRES[codes[:9000]])
    found, prior = fitted.predict_proba(vectors[9000:]), np.zeros(3) if weighted else np.log(SHARES)
    expected = softmax(densities[9000:] + prior, axis=1)
    # The squared hinge is no likelihood: its probabilities are right on average rather than one by one.
    assert np.abs(found - expected).mean() < (0.04 if isinstance(estimator, LogisticRegression) else 0.08)
    weights = compute_sample_weight("balanced" if weighted else None, codes[9000:])
    np.testing.assert_allclose(
        np.average(found, axis=0, weights=weights), [1 / 3] * 3 if weighted else SHARES, atol=0.05
    )
    real = found * SHARES / (found * SHARES).sum(axis=1, keepdims=True)
    if weighted:
        assert log_loss(codes[9000:], real) < log_loss(codes[9000:], found) - 0.1


def test_a_planted_shift_is_found_and_one_of_an_unseen_genre_is_not_invented():
    rng = np.random.default_rng(3)
    margins, shift = 2 * rng.normal(size=(20_000, 4)), np.array([0.8, -0.4, -0.4, 0.0])
    truth = ((margins + shift) / 2 + rng.gumbel(size=margins.shape))[:, :3].argmax(axis=1)
    found = best_shift(margins[:, :3], truth, np.ones(len(truth)))
    np.testing.assert_allclose(found, shift[:3], atol=0.1)
    assert best_shift(margins, truth, np.ones(len(truth)))[3] == 0
    assert abs(best_shift(margins[:3], truth[:3], np.ones(3))).max() < 3


def test_a_shift_makes_a_tilted_svm_say_small_genres(unbalanced):
    """Its margins are those of the collection's shares, whatever the weights: its probabilities then are not."""
    vectors, codes, _ = unbalanced
    losses = {}
    for shifted in (True, False):
        fitted = Calibrated(RBFSVM(gamma=4.0), C=[1.0], weighted=True, shifted=shifted).fit(
            vectors[:2500], codes[:2500]
        )
        weights = compute_sample_weight("balanced", codes[9000:])
        found = fitted.predict_proba(vectors[9000:])
        losses[shifted] = log_loss(codes[9000:], found, sample_weight=weights)
        assert (fitted.predict(vectors[9000:]) == found.argmax(axis=1)).all()
        assert (fitted.decision_function(vectors[9000:]).argmax(axis=1) == found.argmax(axis=1)).all()
    assert losses[True] < losses[False] - 0.02


@pytest.mark.parametrize("k", [1, 10])
def test_votes_say_how_often_they_are_right(unbalanced, k):
    vectors, codes = unbalanced[0][:3000], unbalanced[1][:3000]
    fitted = FaissKNN(k=k).fit(vectors[:2000], codes[:2000])
    found = fitted.predict_proba(vectors[2000:])
    votes = vote(fitted.codes_[fitted.kneighbors(vectors[2000:])[1]], np.zeros((1000, k)), worth=fitted.worth_)
    # Ten votes are not far off here, one is.
    assert log_loss(codes[2000:], found) < log_loss(codes[2000:], votes) + (0.02 if k > 1 else -0.02)
    assert found.max(axis=1).mean() == pytest.approx((found.argmax(axis=1) == codes[2000:]).mean(), abs=0.04)


def test_votes_are_calibrated_on_covers_of_other_groups():
    """Random genres, each cover three times: whoever asks the copies believes that everything is known."""
    rng = np.random.default_rng(4)
    vectors, genres = np.repeat(rng.normal(size=(60, 100)), 3, axis=0), np.repeat(rng.choice(GENRES, size=60), 3)
    loose = FaissKNN(k=1).fit(vectors, genres).predict_proba(vectors).max(axis=1).mean()
    grouped = FaissKNN(k=1).fit(vectors, genres, groups=np.repeat(np.arange(60), 3)).predict_proba(vectors).max(axis=1)
    assert grouped.mean() < 0.5 < 0.9 < loose


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [True, False])
def test_the_temperature_is_that_of_the_held_out_covers(unbalanced, weighted):
    """Found again among a thousand, with scikit-learn's log loss; weighting it or not makes a difference here."""
    vectors, codes = unbalanced[0][:3000] ** 3, unbalanced[1][:3000]
    fitted = Calibrated(LinearSVM(), C=[0.01], weighted=weighted).fit(vectors, codes)
    held_out = hold_out(codes, np.arange(3000), folds=fitted.folds, seed=fitted.seed)
    estimator = LinearSVM(C=0.01, class_weight="balanced" if weighted else None)
    scaled = fitted.scaler_.transform(vectors)
    margins = estimator.fit(scaled[~held_out], codes[~held_out]).decision_function(scaled[held_out])
    candidates = np.geomspace(0.05, 5, 1000)
    best = {}
    for balanced in ("balanced", None):
        weights = compute_sample_weight(balanced, codes[held_out])
        losses = [log_loss(codes[held_out], softmax(margins / T, axis=1), sample_weight=weights) for T in candidates]
        best[balanced] = candidates[np.argmin(losses)]
    assert fitted.temperature_ == pytest.approx(best["balanced" if weighted else None], rel=0.01)
    assert abs(best["balanced"] / best[None] - 1) > 0.05


@pytest.mark.parametrize("name", ["logistic", "linear-svm", "rbf-svm", "mlp"])
def test_weighted_classifiers_predict_small_genres(unbalanced, name):
    vectors, codes, _ = unbalanced
    recall = {}
    for weighted in (True, False):
        recipe = get_recipe(name)
        estimator = recipe.build(seed=1, **{**recipe.params, "weighted": weighted})
        predicted = estimator.fit(vectors[:2000], codes[:2000]).predict(vectors[9000:])
        recall[weighted] = recall_score(codes[9000:], predicted, average=None)
    assert recall[True][2] > recall[False][2] + 0.2
    assert recall[True].mean() > recall[False].mean() + 0.05


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_on_equal_shares_weighting_changes_nothing(name):
    vectors, genres = gaussians()
    recipe = get_recipe(name)
    weighted, plain = (recipe.build(seed=1, **{**recipe.params, "weighted": on}).fit(vectors, genres) for on in (1, 0))
    # Of the covers by which the network's temperature is chosen not quite as many are of each genre.
    np.testing.assert_allclose(weighted.predict_proba(vectors), plain.predict_proba(vectors), atol=0.01)


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


def test_a_genre_with_too_few_groups_is_all_learnt_and_its_groups_with_it():
    """Three Ska covers, one of them in a group with Folk: none of these is held out, a quarter of the others is."""
    genres = np.repeat(GENRES, 60).astype(object)
    genres[60:63] = "Ska"
    groups = np.arange(180)
    groups[:5] = groups[60]
    _, codes = np.unique(genres.astype(str), return_inverse=True)
    mask = hold_out(codes, groups, folds=4, seed=42)
    assert not mask[60:63].any()
    assert not mask[:5].any()
    assert mask.sum() == pytest.approx(172 / 4, abs=5)


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


def test_what_decides_answers_has_not_changed_behind_the_method():
    """Whoever changes one of these counts its method up: else runs of before are taken for what is computed now."""
    told = {
        "calibrated": (Calibrated(None).folds, make_classifier("logistic").estimator.max_iter),
        "linear-svm": LinearSVM().tol,
        "mlp": (mlp.HELD_OUT, mlp.BATCH, mlp.MLP().epochs, mlp.MLP().patience),
        "knn": (knn.TIE_BREAK, knn.SPARE, knn.ASKED, knn.OWN),
    }
    expected = {"calibrated": (4, 1000), "linear-svm": 1e-3, "mlp": (0.15, 128, 50, 5), "knn": (1e-3, 16, 2000, 64)}
    methods = {name: recipe.method for name, recipe in CLASSIFIERS.items()}
    assert (set(methods.values()), methods["rbf-svm"], told) == ({2, 3}, 3, expected)
