"""Genres told best and worst, by hand and against the scores."""

import numpy as np
import pandas as pd
import pytest

from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import score
from analysis.evaluation.told import genres_told


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
    table, scores = of(genres_told(predictions, fewest=20), "recall"), score(predictions)
    for row in scores[scores.metric == "recall"].itertuples():
        assert tuple(table.loc[row.genre, ["value", "low", "high"]]) == pytest.approx((row.value, row.low, row.high))


def test_called_wrongly_by_hand() -> None:
    predictions = drawn([0.9, 0.5, 0.3], covers=40)
    table = of(genres_told(predictions, fewest=20), "called_wrongly")
    for code, genre in enumerate("abc"):
        others = predictions.truth != code
        assert table.value[genre] == pytest.approx(np.mean(predictions.predicted[others] == code))


def test_places_are_sure_where_genres_are_far_apart() -> None:
    table = of(genres_told(drawn([0.9, 0.5, 0.2]), fewest=20), "recall")
    assert table.index.tolist() == ["a", "b", "c"]
    assert table.rank_low.tolist() == table.rank_high.tolist() == [1, 2, 3]
    assert (table.not_told_apart == "").all()


def test_genres_alike_are_named_as_such() -> None:
    table = of(genres_told(drawn([0.6, 0.6, 0.1]), fewest=20), "recall")
    assert table.not_told_apart[["a", "b", "c"]].tolist() == ["b", "a", ""]
    assert table.rank_high[["a", "b"]].tolist() == [2, 2]


def test_groups_and_not_covers_make_a_genre_large_enough() -> None:
    predictions = drawn([0.9, 0.5, 0.2], covers=40)
    groups = np.where(predictions.truth == 1, predictions.cover_ids // 4 + 1000, predictions.cover_ids)
    grouped = Predictions(**{**vars(predictions), "groups": groups})
    assert set(genres_told(grouped, fewest=20).genre) == {"a", "c"}
    assert set(genres_told(grouped, fewest=10).genre) == {"a", "b", "c"}


def test_repeats_count_in_the_mean() -> None:
    once = drawn([0.9, 0.5])
    columns = ("cover_ids", "truth", "predicted", "probabilities", "groups")
    thrice = {name: np.repeat(getattr(once, name), 3, axis=0) for name in columns}
    repeated = Predictions(**thrice, repeat=np.tile(np.arange(3), len(once.truth)), classes=once.classes)
    first, second = (genres_told(each, fewest=20) for each in (once, repeated))
    pd.testing.assert_frame_equal(first, second)
