"""Probes against scikit-learn: scores, AUCs, and permutations with every probe fitted anew."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from analysis.separability.pure import probes
from analysis.separability.pure.probes import auc, permuted_aucs, probe_scores, stretch


def once(n):
    return np.ones((1, n), np.uint8)


def test_auc_equals_scikit_learns_with_ties_and_weights():
    rng = np.random.default_rng(0)
    target = rng.random(200) < 0.3
    scores = np.round(rng.normal(size=200) + target, 1)
    weights = rng.integers(0, 4, size=(5, 200)).astype(np.uint8)
    found = auc(scores, target, np.zeros(200, int), weights)
    expected = [metrics.roc_auc_score(target, scores, sample_weight=row) for row in weights]
    np.testing.assert_allclose(found, expected)


def test_auc_compares_within_folds_only():
    rng = np.random.default_rng(0)
    target, fold = rng.random(200) < 0.3, rng.integers(4, size=200)
    scores = rng.normal(size=200) + target
    per_fold = [metrics.roc_auc_score(target[fold == f], scores[fold == f]) for f in range(4)]
    pairs = [np.sum(target[fold == f]) * np.sum(~target[fold == f]) for f in range(4)]
    assert auc(scores, target, fold, once(200))[0] == pytest.approx(np.average(per_fold, weights=pairs))
    shifted = auc(scores + 10 * fold, target, fold, once(200))[0]
    assert shifted == pytest.approx(np.average(per_fold, weights=pairs))
    assert np.isnan(auc(scores, np.zeros(200, bool), fold, once(200))[0])


def test_scores_are_those_of_a_discriminant_that_has_not_seen_the_fold(gaussians, monkeypatch):
    """Without a ridge the probe is scikit-learn's LDA: its least squares solution ranks alike for two genres."""
    monkeypatch.setattr(probes, "RIDGE", 1e-9)
    vectors, codes = gaussians(apart=1, classes=2)
    fold = np.arange(120) % 3
    scores = probe_scores(vectors, codes, fold, classes=2)
    for held_out in range(3):
        test = fold == held_out
        reference = LinearDiscriminantAnalysis(solver="lsqr").fit(vectors[~test], codes[~test])
        margin = scores[test, 1] - scores[test, 0]
        assert np.corrcoef(margin, reference.decision_function(vectors[test]))[0, 1] > 0.99999


def test_a_ridge_as_large_as_can_be_compares_with_the_means(gaussians, monkeypatch):
    monkeypatch.setattr(probes, "RIDGE", 1e9)
    vectors, codes = gaussians(apart=1)
    fold = np.arange(180) % 3
    scores = probe_scores(vectors, codes, fold, classes=3)
    test = fold == 0
    scaled = (vectors - vectors[~test].mean(axis=0)) / vectors[~test].std(axis=0)
    means = np.stack([scaled[~test & (codes == code)].mean(axis=0) for code in range(3)])
    for code in range(3):
        assert np.corrcoef(scores[test, code], scaled[test] @ means[code])[0, 1] > 0.99999


def test_a_genre_that_training_lacks_has_no_score(gaussians):
    vectors, codes = gaussians(apart=1, n=10)
    codes[:2], fold = 3, np.arange(30) % 3
    fold[:2] = 0
    scores = probe_scores(vectors, codes, fold, classes=4)
    assert np.isnan(scores[fold == 0, 3]).all()
    assert np.isfinite(scores[fold != 0]).all()


def test_without_other_folds_there_are_no_scores(gaussians):
    vectors, codes = gaussians(apart=1, n=10)
    assert np.isnan(probe_scores(vectors, codes, np.zeros(30, int), classes=3)).all()


def test_permuted_aucs_are_those_of_probes_fitted_to_the_permuted_genres(gaussians):
    vectors, codes = gaussians(apart=0.7, n=20)
    fold = np.arange(60) % 4
    permuted = np.stack([codes, *(np.random.default_rng(seed).permutation(codes) for seed in range(5))])
    found = permuted_aucs(vectors, permuted, fold, classes=3)
    for row, labels in zip(found, permuted, strict=True):
        scores = probe_scores(vectors, labels, fold, classes=3)
        expected = [auc(scores[:, code], labels == code, fold, once(60))[0] for code in range(3)]
        np.testing.assert_allclose(row, expected, atol=1e-6)


def test_permuted_aucs_do_not_depend_on_the_size_of_a_block(gaussians, monkeypatch):
    vectors, codes = gaussians(apart=0.7, n=20)
    permuted = np.stack([np.random.default_rng(seed).permutation(codes) for seed in range(7)])
    whole = permuted_aucs(vectors, permuted, np.arange(60) % 4, classes=3)
    monkeypatch.setattr(probes, "BLOCK_CELLS", 400)
    np.testing.assert_allclose(permuted_aucs(vectors, permuted, np.arange(60) % 4, classes=3), whole, atol=1e-6)


def test_a_bootstrap_is_stretched_the_more_the_less_a_probe_knows():
    replicates = np.array([[0.4, 0.9], [0.6, 1.0]])
    np.testing.assert_allclose(stretch(replicates[:, 0], 0.5), 0.5 + np.sqrt(2) * np.array([-0.1, 0.1]))
    np.testing.assert_allclose(stretch(replicates[:, 1], 1.0), replicates[:, 1])
