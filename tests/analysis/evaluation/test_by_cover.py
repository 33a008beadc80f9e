"""Which covers, against loops over them."""

import numpy as np

from analysis.evaluation.by_cover import only_right, times_told
from analysis.evaluation.predictions import Predictions, verdicts


def judged(ids: list[int], *, seed: int, repeats: int = 3) -> Predictions:
    """Covers judged several times at random; the genre of a cover is its id modulo 3."""
    dice = np.random.default_rng(seed)
    cover_ids = np.repeat(ids, repeats)
    probabilities = dice.dirichlet([1, 1, 1], len(cover_ids))
    return Predictions(
        cover_ids=cover_ids,
        repeat=np.tile(np.arange(repeats), len(ids)),
        truth=cover_ids % 3,
        predicted=probabilities.argmax(axis=1),
        probabilities=probabilities,
        classes=["A", "B", "C"],
        groups=cover_ids,
    )


def test_times_are_those_of_the_verdict() -> None:
    rows = judged([*range(3, 40, 2)], seed=2)
    found = verdicts(rows)
    for cover_id, predicted, times in zip(found.cover_ids, found.predicted, times_told(rows, found), strict=True):
        assert times == sum(rows.predicted[rows.cover_ids == cover_id] == predicted)


def test_only_right_is_of_covers_both_judged_the_widest_apart_first() -> None:
    winner, loser = (verdicts(judged([*ids], seed=seed)) for ids, seed in ((range(90), 3), (range(30, 120), 4)))
    expected = {}
    for cover_id in range(30, 90):
        row, other = (int(np.flatnonzero(side.cover_ids == cover_id)[0]) for side in (winner, loser))
        if winner.predicted[row] == cover_id % 3 != loser.predicted[other]:
            lead = winner.probabilities[row, cover_id % 3] - loser.probabilities[other, cover_id % 3]
            expected[cover_id] = (-lead, loser.predicted[other])
    cover_ids, taken_for = only_right(winner, loser)
    assert cover_ids.tolist() == sorted(expected, key=lambda cover_id: expected[cover_id])
    assert taken_for.tolist() == [expected[cover_id][1] for cover_id in cover_ids.tolist()]
    assert len(cover_ids) > 5
