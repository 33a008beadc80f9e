"""How separability grows with the covers that teach: the parts, the measured values, and what they vary by."""

import numpy as np
import pytest

from analysis.behind.learning_curves.curve import PARTS, deal_parts, measure_curves, steps
from analysis.separability.pure.probes import auc, probe_scores, taught_scores
from data.grouping.folds import deal_folds

CLASSES = 3


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, genres, groups of two, and folds, twice, of 180 covers."""
    dice = np.random.default_rng(3)
    groups = np.arange(180) // 2
    genres = groups % CLASSES
    vectors = (np.eye(24)[genres] * 1.5 + dice.normal(size=(180, 24))).astype(np.float32)
    fold = np.stack([deal_folds(genres, groups, folds=5, seed=[0, repeat]) for repeat in range(2)])
    return vectors, genres, groups, fold


def test_the_last_step_is_the_separability(drawn):
    vectors, genres, groups, fold = drawn
    curves = measure_curves(vectors, genres, groups, fold, classes=CLASSES, seed=0)
    once = np.ones((1, len(genres)), np.uint8)
    for code in range(CLASSES):
        scores = [probe_scores(vectors, genres, row, classes=CLASSES)[:, code] for row in fold]
        expected = np.mean([auc(each, genres == code, row, once) for each, row in zip(scores, fold, strict=True)])
        assert curves.values[-1, code] == pytest.approx(2 * expected - 1, abs=1e-4)
    assert curves.values[-1, -1] == pytest.approx(curves.values[-1, :-1].mean())
    assert (np.diff(curves.values[:, -1]) > 0).all()  # learns
    np.testing.assert_allclose(curves.taught[-1], [24, 24, 24, 72])


@pytest.mark.parametrize("covers", [20, 100])  # fewer and more than dimensions
def test_a_probe_of_few_covers_is_the_same_probe(drawn, covers):
    vectors, genres, _, _ = drawn
    fold = np.where(np.arange(180) < covers, 1, 0)
    expected = probe_scores(vectors, genres, fold, classes=CLASSES)[fold == 0]
    found = taught_scores(vectors[fold == 1], genres[fold == 1], vectors[fold == 0], classes=CLASSES)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_genre_that_nobody_teaches_has_no_score(drawn):
    vectors, _, _, _ = drawn
    found = taught_scores(vectors[:9], np.zeros(9, int), vectors[9:12], classes=2)
    assert np.isfinite(found[:, 0]).all()
    assert np.isnan(found[:, 1]).all()


@pytest.mark.parametrize(("share", "count"), [(1.0, 1), (0.7, 1), (0.5, 2), (0.25, 4), (0.05, PARTS)])
def test_parts_are_disjoint_and_keep_groups_whole(share, count):
    groups = np.repeat(np.arange(120), 3)
    genres = groups % 2
    part = deal_parts(genres, groups, share=share, dice=np.random.default_rng(0))
    assert part.max() == count - 1
    for number in range(count):
        for genre in range(2):
            taught = np.unique(groups[(part == number) & (genres == genre)])
            assert abs(len(taught) - share * 60) <= 1
    assert all(len(set(part[groups == group])) == 1 for group in range(120))


def test_steps_end_where_the_largest_genre_has_five_groups():
    assert steps(np.array([3.0, 40.0]))[-1] == 1
    assert steps(np.array([3.0, 40.0]))[0] * 40 >= 5
    assert steps(np.array([3.0, 40.0]))[0] * 40 < 5 * 2**0.5
    assert not len(steps(np.array([2.0, 4.0])))


def test_a_genre_of_few_groups_begins_later_or_never(drawn):
    vectors, genres, groups, fold = drawn
    few = np.where((genres == 0) & (groups > 27), 1, genres)  # ten groups, eight of them teach
    curves = measure_curves(vectors, few, groups, fold, classes=CLASSES, seed=0)
    measured = np.isfinite(curves.values)
    assert measured[:, 0].sum() == 2
    assert measured[:, 1].all()
    np.testing.assert_allclose(curves.values[:, -1], curves.values[:, 1:3].mean(axis=1))  # not at the first step


def test_nothing_to_measure_does_not_fail():
    vectors = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    fold = np.arange(6)[None] % 5
    curves = measure_curves(vectors, np.zeros(6, int), np.arange(6), fold, classes=1, seed=0)
    assert curves.values.shape == (len(curves.shares), 2)


def test_the_covariance_is_that_of_a_bootstrap(drawn):
    """One value's variance beside that of resampled groups, times 2 less the separability."""
    vectors, genres, groups, fold = drawn
    curves = measure_curves(vectors, genres, groups, fold[:1], classes=CLASSES, seed=0)
    scores = probe_scores(vectors, genres, fold[0], classes=CLASSES)[:, 0]
    from analysis.statistics.resampling import bootstrap_weights

    weights = bootstrap_weights(genres, groups, resamples=3000, seed=0)
    drawn_values = 2 * auc(scores, genres == 0, fold[0], weights) - 1
    expected = drawn_values.var() * (2 - curves.values[-1, 0])
    assert curves.covariance[0][-1, -1] == pytest.approx(expected, rel=0.12)
