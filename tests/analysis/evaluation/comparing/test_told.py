"""Genres told best and worst, by hand and against the scores."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analysis.evaluation.comparing.told import _sizes, best_and_worst, genres_told
from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import score
from analysis.statistics.intervals import effective_size


def drawn(recalls: list[float], *, covers: int = 200, seed: int = 3) -> Predictions:
    """Predictions of genres a, b, ... with about these recalls; what is told wrong is said to be the next genre."""
    truth = np.repeat(np.arange(len(recalls)), covers)
    right = np.random.default_rng(seed).random(len(truth)) < np.array(recalls)[truth]
    predicted = np.where(right, truth, (truth + 1) % len(recalls))
    probabilities = np.full((len(truth), len(recalls)), 0.1)
    probabilities[np.arange(len(truth)), predicted] = 0.8
    ids = np.arange(len(truth))
    return Predictions(ids, np.zeros_like(ids), truth, predicted, probabilities, list("abcdef"[: len(recalls)]), ids)


def of(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    return table[table.measure == measure].set_index("genre")


def test_recall_is_that_of_the_scores() -> None:
    predictions = drawn([0.9, 0.5, 0.3])
    table, scores = of(genres_told(predictions), "recall"), score(predictions)
    for row in scores[scores.metric == "recall"].itertuples():
        assert tuple(table.loc[row.genre, ["value", "low", "high"]]) == pytest.approx((row.value, row.low, row.high))


def test_called_wrongly_by_hand() -> None:
    predictions = drawn([0.9, 0.5, 0.3], covers=40)
    table = of(genres_told(predictions), "called_wrongly")
    for code, genre in enumerate("abc"):
        others = predictions.truth != code
        assert table.value[genre] == pytest.approx(np.mean(predictions.predicted[others] == code))


def test_effective_sizes_are_kishs_genre_by_genre() -> None:
    """Groups of several genres, judged twice."""
    dice = np.random.default_rng(2)
    ids = np.repeat(np.arange(90), 2)
    truth, groups = dice.integers(0, 4, 90)[ids], dice.integers(100, 125, 90)[ids]
    given = Predictions(ids, np.tile([0, 1], 90), truth, truth, np.empty((180, 0)), list("abcd"), groups)
    counts, own, others = _sizes(given)
    for code in range(4):
        inside = truth == code
        assert counts[code] == len(set(groups[inside]))
        assert own[code] == pytest.approx(effective_size(groups[inside]))
        assert others[code] == pytest.approx(effective_size(groups[~inside]))


def test_places_are_sure_where_genres_are_far_apart() -> None:
    table = of(genres_told(drawn([0.9, 0.5, 0.2])), "recall")
    assert table.index.tolist() == ["a", "b", "c"]
    assert table.rank_low.tolist() == table.rank_high.tolist() == [1, 2, 3]
    assert (table.not_told_apart == "").all()


def test_genres_alike_are_named_as_such() -> None:
    table = of(genres_told(drawn([0.6, 0.6, 0.1])), "recall")
    assert table.not_told_apart[["a", "b", "c"]].tolist() == ["b", "a", ""]
    assert table.rank_high[["a", "b"]].tolist() == [2, 2]


def test_groups_and_not_covers_make_a_genre_large_enough() -> None:
    predictions = drawn([0.9, 0.5, 0.2], covers=40)
    groups = np.where(predictions.truth == 1, predictions.cover_ids // 4 + 1000, predictions.cover_ids)
    grouped = Predictions(**{**vars(predictions), "groups": groups})
    assert set(genres_told(grouped).genre) == {"a", "c"}
    assert set(genres_told(predictions).genre) == {"a", "b", "c"}
    assert set(genres_told(predictions, too_small=["a"]).genre) == {"b", "c"}


def test_repeats_count_in_the_mean() -> None:
    once = drawn([0.9, 0.5])
    columns = ("cover_ids", "truth", "predicted", "probabilities", "groups")
    thrice = {name: np.repeat(getattr(once, name), 3, axis=0) for name in columns}
    repeated = Predictions(**thrice, repeat=np.tile(np.arange(3), len(once.truth)), classes=once.classes)
    first, second = (genres_told(each) for each in (once, repeated))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ((0.9, 0.5, 0.5, 0.1), ("a", "d")),
        ((0.1, 0.5, 0.9, 0.5), ("c", "a")),
        ((0.9, 0.5, 0.5, 0.5), ("a", None)),
        ((0.5, 0.5, 0.1, 0.5), (None, "c")),
        ((0.9,), (None, None)),
    ],
)
def test_only_what_stands_apart_from_all_others_is_said(
    rates: tuple[float, ...], expected: tuple[str | None, str | None]
) -> None:
    assert best_and_worst(drawn(list(rates), covers=60, seed=1)) == expected


def test_alike_genres_are_seldom_told_apart() -> None:
    """Of 100 collections where all genres are told alike, a claim about any in 5, by chance up to 11 (99 %)."""
    found = [best_and_worst(drawn([0.5] * 4, covers=60, seed=seed), resamples=200) for seed in range(100)]
    assert sum(each != (None, None) for each in found) <= 11


def test_genres_too_small_for_a_claim_take_no_part() -> None:
    found = drawn([0.9, 0.5, 0.5, 0.1], covers=60, seed=1)
    assert best_and_worst(found, too_small=["d"]) == ("a", None)
    one_artist = np.where(found.truth == 0, 0, found.groups)
    assert best_and_worst(dataclasses.replace(found, groups=one_artist))[0] is None
