"""The RBF SVM against scikit-learn's own kernel, and what scaling does to it."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from analysis.classifiers.estimators import rbf_svm
from analysis.classifiers.estimators.calibration import Calibrated
from analysis.classifiers.estimators.rbf_svm import RBFSVM


def covers(classes: int, *, n: int = 240) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(classes)
    genres = dice.choice(classes, size=n, p=np.arange(1, classes + 1) / np.arange(1, classes + 1).sum())
    vectors = dice.normal(size=(n, 6)) + 1.5 * np.eye(6)[genres]
    return vectors, np.array([f"genre {i}" for i in range(classes)])[genres]


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("weight", [None, "balanced"])
def test_margins_are_means_of_the_pairs_of_svc(classes: int, whole: bool, weight: str | None, monkeypatch) -> None:
    if not whole:
        monkeypatch.setattr(rbf_svm, "LARGEST", 10)
    vectors, genres = covers(classes)
    ours = RBFSVM(C=2.0, gamma=0.5, class_weight=weight).fit(vectors[:200], genres[:200])
    gamma = 0.5 / (6 * vectors[:200].var())
    theirs = SVC(C=2.0, gamma=gamma, class_weight=weight, decision_function_shape="ovo").fit(
        vectors[:200], genres[:200]
    )
    expected = means_of_pairs(theirs.decision_function(vectors[200:]), classes)
    np.testing.assert_allclose(ours.decision_function(vectors[200:]), expected, atol=2e-3)
    assert (ours.predict(vectors[200:]) == theirs.predict(vectors[200:])).mean() > 0.9


def means_of_pairs(pairs: np.ndarray, classes: int) -> np.ndarray:
    """Each genre's mean margin (m, c) of scikit-learn's margins of pairs, one for two genres."""
    if classes == 2:
        return pairs
    signed = np.zeros((len(pairs), classes, classes))
    signed[:, *np.triu_indices(classes, 1)] = pairs
    return (signed - signed.transpose(0, 2, 1)).sum(axis=2) / (classes - 1)


def test_vectors_all_alike() -> None:
    found = RBFSVM().fit(np.ones((6, 2)), np.array(["a", "b"] * 3))
    assert np.isfinite(found.decision_function(np.ones((1, 2)))).all()


def test_scaled_as_a_whole_columns_keep_their_weight() -> None:
    vectors, genres = covers(3)
    uneven = vectors * np.array([10, 1, 1, 1, 1, 0.1])
    whole = Calibrated(RBFSVM(), C=[1.0], scaling="whole").fit(uneven, genres)
    expected = SVC(C=1.0, gamma="scale", decision_function_shape="ovo").fit(uneven - uneven.mean(axis=0), genres)
    pairs = expected.decision_function(uneven[:20] - uneven.mean(axis=0))
    np.testing.assert_allclose(whole.decision_function(uneven[:20]), means_of_pairs(pairs, 3), atol=2e-3)
    scaled = whole.scaler_.transform(uneven)
    assert scaled.var() == pytest.approx(1)
    np.testing.assert_allclose(scaled.std(axis=0) / scaled[:, 0].std(), uneven.std(axis=0) / uneven[:, 0].std())
    columns = Calibrated(RBFSVM(), C=[1.0]).fit(uneven, genres)
    plain = SVC(C=1.0, gamma="scale", decision_function_shape="ovo").fit(StandardScaler().fit_transform(uneven), genres)
    pairs = plain.decision_function(StandardScaler().fit(uneven).transform(uneven[:20]))
    np.testing.assert_allclose(columns.decision_function(uneven[:20]), means_of_pairs(pairs, 3), atol=2e-3)
