"""Metrics against scikit-learn and by hand, intervals against theory, and speed."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.utils.class_weight import compute_sample_weight

from analysis.evaluation.predictions import Predictions, sums_by_cover, verdicts
from analysis.evaluation.scores import (
    balanced_accuracy,
    chance,
    confusion,
    most_confused_pairs,
    recall_by_genre,
    score,
    value_of,
)

GENRES = ["Blues", "Folk", "Jazz", "Metal", "Pop"]


def predictions_of(truth, probabilities, *, predicted=None, groups=None, classes=None) -> Predictions:
    probabilities = np.asarray(probabilities, dtype=float)
    return Predictions(
        cover_ids=np.arange(len(truth)),
        repeat=np.zeros(len(truth), dtype=int),
        truth=np.asarray(truth),
        predicted=probabilities.argmax(axis=1) if predicted is None else np.asarray(predicted),
        probabilities=probabilities,
        classes=classes or GENRES[: probabilities.shape[1]],
        groups=np.arange(len(truth)) if groups is None else np.asarray(groups),
    )


@pytest.fixture
def noisy() -> Predictions:
    """400 covers of five unequal genres, right about half of the time."""
    rng = np.random.default_rng(7)
    truth = rng.choice(5, size=400, p=[0.4, 0.3, 0.15, 0.1, 0.05])
    scores = rng.normal(size=(400, 5)) + 1.5 * np.eye(5)[truth]
    return predictions_of(truth, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True))


def overall(predictions: Predictions, metric: str) -> float:
    return value_of(score(predictions, resamples=0), metric)[0]


def test_metrics_equal_scikit_learns(noisy):
    truth, predicted = noisy.truth, noisy.predicted
    average = {"zero_division": 0}
    expected = {
        "accuracy": metrics.accuracy_score(truth, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, predicted),
        "macro_f1": metrics.f1_score(truth, predicted, average="macro", **average),
        "weighted_f1": metrics.f1_score(truth, predicted, average="weighted", **average),
        "macro_precision": metrics.precision_score(truth, predicted, average="macro", **average),
        "top3": metrics.top_k_accuracy_score(truth, noisy.probabilities, k=3),
        "log_loss": metrics.log_loss(truth, noisy.probabilities),
        "balanced_log_loss": metrics.log_loss(
            truth, noisy.probabilities, sample_weight=compute_sample_weight("balanced", truth)
        ),
    }
    table = score(noisy, resamples=0)
    for metric, value in expected.items():
        assert value_of(table, metric)[0] == pytest.approx(value, abs=1e-12), metric


def test_per_genre_metrics_equal_scikit_learns(noisy):
    table = score(noisy, resamples=0)
    expected = metrics.precision_recall_fscore_support(noisy.truth, noisy.predicted, zero_division=0)
    for metric, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        found = [value_of(table, metric, genre)[0] for genre in GENRES]
        np.testing.assert_allclose(found, values, err_msg=metric)


def test_genres_that_never_occur_or_are_never_predicted():
    """Jazz is neither true nor predicted, Metal only predicted, Folk only true: means are over those that are true."""
    truth, predicted = np.array([0, 0, 1, 1, 0]), np.array([0, 3, 0, 0, 0])
    found = predictions_of(truth, np.eye(4)[predicted], classes=GENRES[:4])
    f1 = metrics.f1_score(truth, predicted, labels=[0, 1], average="macro", zero_division=0)
    assert overall(found, "macro_f1") == pytest.approx(f1)
    assert overall(found, "balanced_accuracy") == pytest.approx((2 / 3 + 0) / 2)
    assert value_of(score(found), "precision", "Jazz")[0] == 0
    assert not score(found)[lambda table: ~table.metric.isin(["support", "refinement"])].isna()["low"].any()


def test_log_loss_of_an_impossible_truth_is_clipped():
    found = predictions_of([0, 1], [[1.0, 0.0], [1.0, 0.0]])
    assert overall(found, "log_loss") == pytest.approx(metrics.log_loss([0, 1], found.probabilities, labels=[0, 1]))


def test_calibration_error_by_hand():
    """Of each genre two covers, so that all weigh 1/4: .9 twice, one right, and .62 twice, both right.

    The bins' sums of gaps are (.9 - 1) + .9 and 2 (.62 - 1), over 4; from their squares goes, within each genre, the
    variance of the sums: twice that of two gaps, which in either bin are the cover's own and 0.
    """
    top = np.array([0.9, 0.62, 0.9, 0.62])
    found = predictions_of([0, 0, 1, 1], np.array([[0.9, 0.1], [0.62, 0.38], [0.9, 0.1], [0.38, 0.62]]))
    assert top.tolist() == found.probabilities.max(axis=1).tolist()
    gaps = np.array([[-0.1, 0.9], [-0.38, -0.38]]) / 4  # bin by genre
    noise = [2 * np.var([gap, 0.0], ddof=1) for gap in gaps.ravel()]
    squares = gaps.sum(axis=1) ** 2 - np.reshape(noise, (2, 2)).sum(axis=1)
    expected = np.sqrt(max((squares / 0.5).sum(), 0.0))
    assert overall(found, "calibration_error") == pytest.approx(expected)


def test_covers_of_one_bin_offset_each_other_in_the_calibration_error():
    """Said with .79 to .8, and four of five right in either genre: that is what was said, so nothing is off."""
    top = np.tile([0.79, 0.795, 0.8, 0.79, 0.795], 20)
    said = np.arange(100) // 50
    truth = np.where(np.arange(100) % 5 == 4, 1 - said, said)
    found = predictions_of(truth, np.where(np.eye(2)[said] > 0, top[:, None], 1 - top[:, None]))
    assert overall(found, "calibration_error") < 0.01


def test_ties_at_the_third_place_count_by_their_expectation():
    """One genre ahead, four tied for the two places left; and a truth that is ahead or certain to be out."""
    tied = [0.6, 0.1, 0.1, 0.1, 0.1]
    assert overall(predictions_of([2], [tied]), "top3") == pytest.approx(2 / 4)
    assert overall(predictions_of([0], [tied]), "top3") == 1
    assert overall(predictions_of([4], [[0.3, 0.25, 0.25, 0.1, 0.1]]), "top3") == 0


def test_confusion_matrix_has_the_truth_in_rows():
    found = confusion(predictions_of([0, 0, 1, 2, 2], np.eye(3)[[0, 1, 1, 0, 0]]))
    assert found.tolist() == [[1, 1, 0], [0, 1, 0], [2, 0, 0]]


def test_interval_of_accuracy_agrees_with_the_binomial(noisy):
    value, low, high = value_of(score(noisy, resamples=4000), "accuracy")
    half = 1.96 * np.sqrt(value * (1 - value) / 400)
    assert low == pytest.approx(value - half, abs=0.008)
    assert high == pytest.approx(value + half, abs=0.008)


def test_a_genre_of_one_group_leaves_the_mean_open():
    """Of 1,000 covers told right and one told wrong: its recall is anywhere, the mean of both between 0.5 and 1."""
    truth = np.append(np.zeros(1000, int), 1)
    table = score(predictions_of(truth, np.eye(2)[np.zeros(1001, int)]))
    value, low, high = value_of(table, "balanced_accuracy")
    assert (value, low) == pytest.approx((0.5, 0.5), abs=0.01)
    assert 0.95 < high <= 1
    assert value_of(table, "accuracy")[2] - value_of(table, "accuracy")[1] < 0.02


def test_copies_are_no_further_evidence(noisy):
    """Each cover four times over, copies grouped: the same interval as once; ungrouped it would be half as wide."""
    four = {
        name: np.repeat(getattr(noisy, name), 4, axis=0) for name in ("truth", "predicted", "probabilities", "groups")
    }
    four |= {"cover_ids": np.arange(1600), "repeat": np.zeros(1600, int)}
    _, low, high = value_of(score(noisy), "accuracy")
    _, grouped_low, grouped_high = value_of(score(dataclasses.replace(noisy, **four)), "accuracy")
    loose = dataclasses.replace(noisy, **four | {"groups": np.arange(1600)})
    _, loose_low, loose_high = value_of(score(loose), "accuracy")
    assert (grouped_low, grouped_high) == pytest.approx((low, high), abs=1e-9)
    assert (loose_high - loose_low) == pytest.approx((high - low) / 2, rel=0.15)


def repeated(once: Predictions, *others: Predictions) -> Predictions:
    """The repeats as they are stored: by cover, then by repeat."""
    repeats = [once, *others]
    order = np.lexsort((np.repeat(np.arange(len(repeats)), len(once.truth)), np.tile(once.cover_ids, len(repeats))))
    parts = {
        name: np.concatenate([getattr(repeat, name) for repeat in repeats])[order]
        for name in ("cover_ids", "truth", "predicted", "probabilities", "groups")
    }
    return dataclasses.replace(once, repeat=np.tile(np.arange(len(repeats)), len(once.truth)), **parts)


@pytest.fixture
def thrice(noisy) -> Predictions:
    """The 400 covers judged three times by classifiers that agree on some."""
    rng = np.random.default_rng(8)
    others = []
    for _ in range(2):
        probabilities = noisy.probabilities * np.exp(rng.normal(size=noisy.probabilities.shape))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        others.append(dataclasses.replace(noisy, probabilities=probabilities, predicted=probabilities.argmax(axis=1)))
    return repeated(noisy, *others)


def repeat_of(predictions: Predictions, repeat: int) -> Predictions:
    rows = predictions.repeat == repeat
    names = ("cover_ids", "repeat", "truth", "predicted", "probabilities", "groups")
    return dataclasses.replace(predictions, **{name: getattr(predictions, name)[rows] for name in names})


def test_a_share_over_repeats_is_the_mean_of_its_values_in_each(thrice):
    table, single = score(thrice, resamples=0), [score(repeat_of(thrice, i), resamples=0) for i in range(3)]
    for metric in ("accuracy", "balanced_accuracy", "top3", "log_loss", "balanced_log_loss"):
        expected = np.mean([value_of(one, metric)[0] for one in single])
        assert value_of(table, metric)[0] == pytest.approx(expected, abs=1e-12), metric
    assert len({value_of(one, "accuracy")[0] for one in single}) == 3
    for genre in GENRES:
        recalls = [value_of(one, "recall", genre)[0] for one in single]
        assert value_of(table, "recall", genre)[0] == pytest.approx(np.mean(recalls))


def test_support_and_confusion_count_covers_not_predictions(thrice):
    table, matrix = score(thrice, resamples=0), confusion(thrice)
    assert [value_of(table, "support", genre)[0] for genre in GENRES] == np.bincount(thrice.truth[::3]).tolist()
    assert matrix.sum() == pytest.approx(400)
    np.testing.assert_allclose(matrix, np.mean([confusion(repeat_of(thrice, i)) for i in range(3)], axis=0))


def test_the_same_answer_three_times_is_no_further_evidence(noisy):
    pd.testing.assert_frame_equal(score(noisy), score(repeated(noisy, noisy, noisy)))


def test_verdicts_are_means_over_the_repeats(thrice):
    found, single = verdicts(thrice), [repeat_of(thrice, i) for i in range(3)]
    mean = np.mean([one.probabilities for one in single], axis=0)
    np.testing.assert_allclose(found.probabilities, mean)
    assert (found.predicted == mean.argmax(axis=1)).all()
    assert (found.right == np.sum([one.predicted == one.truth for one in single], axis=0)).all()
    assert set(found.right) == {0, 1, 2, 3}
    assert found.repeats == 3
    assert (found.cover_ids == np.arange(400)).all()
    assert (found.truth == single[0].truth).all()
    assert (found.groups == single[0].groups).all()


def test_balanced_accuracy_needs_no_probabilities(thrice):
    thrice = dataclasses.replace(thrice, classes=[*thrice.classes, "Zydeco"])  # which no cover has
    table = score(dataclasses.replace(thrice, probabilities=np.pad(thrice.probabilities, ((0, 0), (0, 1)))))
    told = dataclasses.replace(thrice, probabilities=np.empty((len(thrice.truth), 0)))
    assert balanced_accuracy(told) == pytest.approx(value_of(table, "balanced_accuracy"), abs=1e-12)


@pytest.mark.parametrize("order", ["as stored", "by repeat", "one is missing"])
def test_sums_by_cover_are_those_of_each_covers_rows(thrice, order):
    rows = np.lexsort((thrice.repeat, thrice.cover_ids)) if order != "by repeat" else np.argsort(thrice.repeat)
    rows = rows[1:] if order == "one is missing" else rows
    told = dataclasses.replace(thrice, cover_ids=thrice.cover_ids[rows])
    for values in (np.random.default_rng(0).random((len(rows), 3), np.float32), np.arange(len(rows))[:, None]):
        found = sums_by_cover(values, told)
        expected = [values[told.cover_ids == cover].astype(float).sum(axis=0) for cover in np.unique(told.cover_ids)]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        assert found.dtype == (np.float64 if values.dtype == np.float32 else values.dtype)


def test_the_verdict_of_one_repeat_is_what_was_predicted():
    """Also where the stored probabilities are equal and would give another genre."""
    found = verdicts(predictions_of([0, 1], [[0.5, 0.5], [0.5, 0.5]], predicted=[1, 1]))
    assert found.predicted.tolist() == [1, 1]
    assert found.right.tolist() == [0, 1]


def test_same_seed_same_interval(noisy):
    assert score(noisy).equals(score(noisy))
    assert not score(noisy).equals(score(noisy, seed=1))


def test_overall_rows_have_no_genre(noisy):
    table = score(noisy, resamples=10)
    assert list(table.columns) == ["metric", "genre", "value", "low", "high"]
    assert all(genre is None for genre in table[table.metric == "accuracy"].genre)
    assert list(table[table.metric == "recall"].genre) == GENRES


def test_recall_by_genre_and_most_confused_pairs():
    matrix = np.array([[6, 4, 0], [1, 9, 10], [0, 0, 0]])
    assert recall_by_genre(matrix).tolist() == [0.6, 0.45, 0]
    pairs = most_confused_pairs(matrix, ["Blues", "Folk", "Jazz"])
    assert pairs.values.tolist() == [["Folk", "Jazz", 10, 0.5], ["Blues", "Folk", 4, 0.4], ["Folk", "Blues", 1, 0.05]]
    assert len(most_confused_pairs(matrix, ["Blues", "Folk", "Jazz"], count=2)) == 2


def test_chance():
    balanced = np.repeat(GENRES, 10)
    assert chance(balanced, balanced).majority == pytest.approx(0.2)
    assert chance(balanced, balanced).shares == pytest.approx(0.2)
    assert chance(balanced, balanced).balanced == pytest.approx(0.2)
    # Guessing Folk is right for a quarter; guessing by shares for 0.75 * 0.25 + 0.25 * 0.75.
    skewed = chance(np.array(["Folk"] * 3 + ["Jazz"]), np.array(["Folk"] + ["Jazz"] * 3))
    assert (skewed.majority, skewed.shares) == pytest.approx((0.25, 0.375))
