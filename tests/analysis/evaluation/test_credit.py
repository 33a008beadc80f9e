"""Credit for any of a cover's genres: by hand on five covers, and what guessing reaches."""

import numpy as np
import pytest

from analysis.evaluation.credit import any_chance
from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import score, value_of

MEMBER = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 1, 0], [1, 0, 1]], bool)
TRUTH, SAID = np.array([0, 0, 1, 1, 2]), np.array([1, 0, 2, 0, 2])


def judged(member: np.ndarray | None) -> Predictions:
    ids = np.arange(5)
    probabilities = np.eye(3)[SAID] * 0.7 + 0.1
    return Predictions(ids, 0 * ids, TRUTH, SAID, probabilities, ["a", "b", "c"], ids, member=member)


def test_any_genre_of_a_cover_is_right() -> None:
    found = score(judged(MEMBER), resamples=200)
    # Right by credit: cover 0 (said b, has a and b), 1, 2 (said c, has b and c), 4; strictly 1 and 4 only.
    assert value_of(found, "accuracy")[0] == pytest.approx(2 / 5)
    value, low, high = value_of(found, "accuracy_any")
    assert value == pytest.approx(4 / 5)
    assert 0 < low < value < high < 1
    assert [value_of(found, "recall_any", genre)[0] for genre in "abc"] == pytest.approx([1, 1 / 2, 1])
    value, low, high = value_of(found, "balanced_accuracy_any")
    assert value == pytest.approx(2.5 / 3)
    assert low < value < high


def test_without_covers_of_several_genres_there_is_no_credit() -> None:
    assert not any(name.endswith("_any") for name in score(judged(None), resamples=2).metric)
    assert any_chance(judged(None)) is None
    strict, credited = (score(judged(member), resamples=20) for member in (None, MEMBER))
    same = credited[~credited.metric.str.endswith("_any")].reset_index(drop=True)
    assert same.equals(strict)


def test_guessing_is_the_best_constant_answer() -> None:
    found = any_chance(judged(MEMBER))
    assert found is not None
    assert found.majority == pytest.approx(3 / 5)  # a and b have three covers each
    # Saying b: of a's covers one of two, of b's both, of c's none; saying a: 1, 0 and 1, the best.
    assert found.balanced == pytest.approx((1 + 0 + 1) / 3)
    one_each = any_chance(judged(np.eye(3, dtype=bool)[TRUTH]))
    assert one_each is not None
    assert (one_each.majority, one_each.balanced) == pytest.approx((2 / 5, 1 / 3))
