"""Likely wrong labels, pure: by hand, by cleanlab's definition, and against planted truth."""

import numpy as np
import pytest

from analysis.behind.labels.doubts import TRUSTED, doubt, estimated_joint, genre_shares, other_genres, wrong_shares
from analysis.behind.labels.words import SOME, WELL
from analysis.validation.simulations.labels import draw, judged
from data.auditing.audit import contradicted

PROBABILITIES = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6], [0.05, 0.9, 0.05]])
TRUTH = np.array([0, 1, 2, 0])


def test_doubts_by_hand() -> None:
    neighbors = np.array([[1, 2], [0, 3], [-1, -1], [1, -1]])
    found = doubt(TRUTH, PROBABILITIES, neighbors, TRUTH)
    assert found.quality == pytest.approx([0.9, 0.7, 0.6, 0.05])
    assert found.place.tolist() == [4, 3, 2, 1]
    assert found.suggested.tolist() == [1, 0, 1, 1]
    assert found.own_share == pytest.approx([0, 0, np.nan, 0], nan_ok=True)
    assert found.suggested_share == pytest.approx([0.5, 1, np.nan, 1], nan_ok=True)
    assert found.agree.tolist() == [True, True, False, True]


def test_shares_leave_missing_neighbours_out() -> None:
    shares = genre_shares(np.array([[0, 1, -1], [2, 2, 0]]), np.array([0, 1, 1]), genres=2)
    assert shares == pytest.approx(np.array([[0.5, 0.5], [1 / 3, 2 / 3]]))


def test_other_genres_are_others_and_as_likely_as_said() -> None:
    truth = np.repeat([0, 1, 2], 2000)
    weights = np.tile([0.5, 0.3, 0.2], (len(truth), 1))
    dice = np.random.default_rng(0)
    plain, kin = other_genres(truth, None, 3, dice), other_genres(truth, weights, 3, dice)
    assert (plain != truth).all()
    assert (kin != truth).all()
    assert (plain[truth == 0] == 1).mean() == pytest.approx(0.5, abs=0.04)
    assert (kin[truth == 0] == 1).mean() == pytest.approx(0.6, abs=0.04)


def test_a_genre_without_covers_and_a_single_one() -> None:
    joint = estimated_joint(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1, 0], [0.8, 0.2, 0], [0, 1, 0], [0.1, 0.9, 0]]))
    assert joint.sum() == pytest.approx(1)
    assert joint[2].tolist() == [0, 0, 0]
    assert np.isnan(wrong_shares(joint)[3])
    alone = doubt(np.zeros(3, int), np.tile([0.7, 0.3], (3, 1)), np.full((3, 1), -1), np.zeros(3, int))
    assert not alone.flagged.any()


def test_planted_labels_are_found_where_genres_separate() -> None:
    vectors, truth, _ = draw(4.5, seed=0, covers=60)
    wrong = np.zeros(len(truth), bool)
    wrong[::17] = True
    found = judged(vectors, np.where(wrong, (truth + 1) % 5, truth), wrong)
    assert found["balanced"] > TRUSTED
    assert found["precision"] > 0.9
    assert found["both_precision"] > 0.9
    assert found["both_recall"] > 0.8
    assert found["check"] > WELL
    assert found["estimate"] == pytest.approx(wrong.mean(), abs=0.03)


def test_where_genres_overlap_the_estimate_misleads_and_the_check_says_so() -> None:
    vectors, truth, _ = draw(1.0, seed=0, covers=60)
    found = judged(vectors, truth, np.zeros(len(truth), bool))
    assert found["balanced"] < TRUSTED
    assert found["estimate"] > 0.3  # and not one label is wrong
    assert found["check"] < SOME


def test_contradicted_by_hand() -> None:
    several, minority = contradicted(np.array([0, 0, 0, 3, 3, 5]), np.array(["a", "b", "b", "a", "c", "a"]))
    assert several.tolist() == [True, True, True, True, True, False]
    assert minority.tolist() == [True, False, False, False, True, False]
