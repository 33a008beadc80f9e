"""Silhouettes against scikit-learn."""

import numpy as np
from sklearn import metrics

from analysis.geometry.neighbors import normalize
from analysis.separability.pure.silhouette import genre_silhouette, silhouettes


def once(n):
    return np.ones((1, n), np.uint8)


def test_silhouettes_equal_scikit_learns(gaussians):
    vectors, codes = gaussians(apart=0.5)
    vectors[5] = 0
    vectors[8] = vectors[9]
    found = silhouettes(normalize(vectors.astype(np.float64)), codes, classes=3)
    np.testing.assert_allclose(found, metrics.silhouette_samples(vectors, codes, metric="cosine"), atol=1e-7)


def test_weighted_silhouette_is_that_of_repeated_covers(gaussians):
    vectors, codes = gaussians(apart=1, n=20)
    unit = normalize(vectors.astype(np.float64))
    weights = np.random.default_rng(0).integers(0, 4, size=(3, 60)).astype(np.uint8)
    found = genre_silhouette(unit, np.broadcast_to(codes, weights.shape), weights, classes=3)
    for row, often in zip(found, weights, strict=True):
        drawn = np.repeat(np.arange(60), often)
        distances = 1 - unit[drawn] @ unit[drawn].T
        copies = drawn[:, None] == drawn  # copies of a cover are no neighbours of it
        to_genre = np.stack([_mean(distances, (codes[drawn] == genre) & ~copies) for genre in range(3)])
        own = codes[drawn] == np.arange(3)[:, None]
        a, b = to_genre.T[own.T], np.where(own, np.inf, to_genre).min(axis=0)
        expected = (b - a) / np.maximum(a, b)
        np.testing.assert_allclose(row, [expected[mine].mean() for mine in own], atol=1e-9)


def _mean(values, of):
    return (values * of).sum(axis=1) / of.sum(axis=1)


def test_lone_covers_have_no_silhouette(gaussians):
    vectors, codes = gaussians(apart=1, n=5)
    codes[0] = 3
    found = genre_silhouette(normalize(vectors), codes[None], once(15), classes=5)[0]
    assert np.isfinite(found[:3]).all()
    assert np.isnan(found[3:]).all()
    assert np.isnan(genre_silhouette(normalize(vectors), np.zeros((1, 15), int), once(15), classes=1)).all()
