"""Best and worst are said where the ranks show them, and hardly ever where all genres are told alike."""

import dataclasses

import numpy as np
import pytest

from analysis.evaluation.extremes import best_and_worst
from analysis.evaluation.predictions import Predictions

GENRES = ["Folk", "Jazz", "Metal", "Pop"]
LIKE_EACH = 60


def told(*rates: float, seed: int = 1) -> Predictions:
    """LIKE_EACH covers of each genre, told right with these probabilities, else taken for the next genre."""
    dice = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(rates)), LIKE_EACH)
    right = dice.random(len(truth)) < np.repeat(rates, LIKE_EACH)
    ids = np.arange(len(truth))
    predicted = np.where(right, truth, (truth + 1) % len(rates))
    return Predictions(
        cover_ids=ids,
        repeat=np.zeros_like(ids),
        truth=truth,
        predicted=predicted,
        probabilities=np.eye(len(rates))[predicted],
        classes=GENRES[: len(rates)],
        groups=ids,
    )


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ((0.9, 0.5, 0.5, 0.1), ("Folk", "Pop")),
        ((0.1, 0.5, 0.9, 0.5), ("Metal", "Folk")),
        ((0.9, 0.5, 0.5, 0.5), ("Folk", None)),
        ((0.5, 0.5, 0.1, 0.5), (None, "Metal")),
        ((0.9,), (None, None)),
    ],
)
def test_only_what_stands_apart_from_all_others_is_said(
    rates: tuple[float, ...], expected: tuple[str | None, str | None]
) -> None:
    assert best_and_worst(told(*rates)) == expected


def test_alike_genres_are_seldom_told_apart() -> None:
    """Of 100 collections where all genres are told alike, a claim about any in 5, by chance up to 11 (99 %)."""
    found = [best_and_worst(told(0.5, 0.5, 0.5, 0.5, seed=seed), resamples=200) for seed in range(100)]
    assert sum(each != (None, None) for each in found) <= 11


def test_genres_too_small_for_a_claim_take_no_part() -> None:
    found = told(0.9, 0.5, 0.5, 0.1)
    assert best_and_worst(found, too_small=["Pop"]) == ("Folk", None)
    one_artist = np.where(found.truth == 0, 0, found.groups)
    assert best_and_worst(dataclasses.replace(found, groups=one_artist))[0] is None
