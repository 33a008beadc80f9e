"""Measures of lists: by scikit-learn, by hand on five covers, and at their limits."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import ndcg_score

from analysis.geometry.cosine import normalize
from analysis.recommending.measures import (
    RELEVANT,
    coverage,
    diversity,
    measure,
    novelty,
    relevance,
    relevant_groups,
)
from analysis.statistics.intervals import share_interval


def test_by_hand_on_five_covers() -> None:
    codes = np.array([0, 0, 0, 1, 1])  # three of one genre, two of another; cover 2 is a copy of cover 1
    groups = np.array([0, 1, 1, 3, 4])
    listed = np.array([[3, 1], [0, 4], [3, 4], [4, 0], [0, -1]])
    assert relevant_groups(codes, groups).tolist() == [1, 1, 1, 1, 1]
    found = dict(zip(RELEVANT, relevance(listed, codes, groups).sum(axis=2), strict=True))
    np.testing.assert_allclose(found["precision"], [0.5, 0.5, 0, 0.5, 0])
    np.testing.assert_allclose(found["recall"], [1, 1, 0, 1, 0])
    np.testing.assert_allclose(found["mrr"], [0.5, 1, 0, 1, 0])
    np.testing.assert_allclose(found["ndcg"], [1 / np.log2(3), 1, 0, 1, 0])
    assert coverage(listed, groups) == 1
    assert coverage(listed[:1], groups) == 0.5
    times = np.array([3, 1, 0, 2, 3])  # lists that each of them stands in
    bits = -np.log2(np.maximum(times, 1) / 5)
    np.testing.assert_allclose(
        novelty(listed).sum(axis=1),
        [bits[[3, 1]].mean(), bits[[0, 4]].mean(), bits[[3, 4]].mean(), bits[[4, 0]].mean(), bits[0]],
    )


def test_ndcg_is_scikit_learns() -> None:
    dice = np.random.default_rng(0)
    n, k = 60, 8
    codes, groups = dice.integers(4, size=n), np.arange(n)
    scores = dice.random((n, n))
    np.fill_diagonal(scores, -1)
    listed = np.argsort(-scores, axis=1)[:, :k]
    ours = relevance(listed, codes, groups)[RELEVANT.index("ndcg")].sum(axis=1)
    for row in range(n):
        others = np.arange(n) != row
        right = (codes == codes[row])[others].astype(float)
        assert ours[row] == pytest.approx(ndcg_score([right], [scores[row][others]], k=k))


def test_diversity_by_brute_force() -> None:
    unit = normalize(np.random.default_rng(1).normal(size=(20, 4)).astype(np.float32))
    listed = np.array([[1, 5, 9], [0, 3, -1], [7, -1, -1]])
    pairs = [1 - float(unit[a] @ unit[b]) for a, b in ((1, 5), (1, 9), (5, 9))]
    found = diversity(listed, unit).sum(axis=1)
    assert found[0] == pytest.approx(np.mean(pairs), abs=1e-6)
    assert found[1] == pytest.approx(1 - float(unit[0] @ unit[3]), abs=1e-6)
    assert np.isnan(found[2])


def test_nobody_is_counted_to_whom_nothing_is_relevant() -> None:
    codes, groups = np.array([0, 0, 1, 1, 2]), np.array([0, 0, 2, 3, 4])
    table = relevance(np.array([[2], [2], [3], [2], [0]]), codes, groups).sum(axis=2)
    assert np.isnan(table[:, [0, 1, 4]]).all(), "their own group has their code, nobody else"
    np.testing.assert_allclose(table[:, 2:4], 1)


def test_all_lists_alike_have_no_novelty() -> None:
    listed = np.tile([0, 1], (8, 1))
    np.testing.assert_allclose(novelty(listed).sum(axis=1), 0)
    assert coverage(listed, np.arange(8)) == 0.25


def rows(size: int) -> dict[tuple[str, str], np.ndarray]:
    """Measures of lists that are right in seven of ten cases, where groups are of `size` covers that are all alike."""
    dice = np.random.default_rng(3)
    n = 120
    groups = np.arange(n) // size
    codes = (groups % 2).astype(int)
    right = np.repeat(dice.random(n // size) < 0.7, size)
    far = [np.flatnonzero((codes == c) & (groups > 1)) for c in (0, 1)]
    listed = np.array([[far[c if hit else 1 - c][0]] for c, hit in zip(codes, right, strict=True)])
    unit = normalize(dice.normal(size=(n, 4)).astype(np.float32))
    lists = {"own": listed, "other": listed[::-1].copy()}
    table = measure(lists, unit, codes, groups, genres=codes.astype(str), units=groups, resamples=400, seed=1)
    table["genre"] = table.genre.astype(object).where(table.genre.notna(), "")
    return {(row.metric, row.genre): np.array([row.value, row.low, row.high]) for row in table.itertuples()}


def test_rows_intervals_and_differences() -> None:
    alone, together = rows(1), rows(6)
    own, other, above = (alone[name, ""] for name in ("precision@own", "precision@other", "precision_above@other"))
    assert above[0] == pytest.approx(own[0] - other[0])
    assert ("precision_above@own", "") not in alone
    assert {genre for name, genre in alone if name == "ndcg@own"} == {"", "0", "1"}
    assert {name for name, _ in alone if name.startswith(("coverage", "hubs"))} == {
        "coverage@own",
        "coverage@other",
        "hubs@own",
        "hubs@other",
    }
    # A bootstrap over groups of six covers that are alike: intervals as wide as of a sixth of the covers.
    width = together["precision@own", ""][2] - together["precision@own", ""][1]
    assert width > 1.8 * (own[2] - own[1])


def test_only_covers_to_which_something_is_relevant_make_an_interval_narrow() -> None:
    """Of 200 covers 20 have another of their artist, and always find it: evidence of 20 covers, not of 200."""
    n, dice = 200, np.random.default_rng(0)
    codes = np.where(np.arange(n) < 20, np.arange(n) // 2, np.arange(n))
    listed = np.where(np.arange(n) < 20, np.arange(n) ^ 1, (np.arange(n) + 1) % n)[:, None]
    unit = normalize(dice.normal(size=(n, 4)).astype(np.float32))
    every = np.full(n, "Folk")
    table = measure({"own": listed}, unit, codes, np.arange(n), genres=every, units=codes, resamples=100, seed=1)
    found = table[table.genre.isna()].set_index("metric")
    (low,), _ = share_interval(np.ones(1), np.ones((100, 1)), 10)
    assert found.loc["precision@own", "value"] == 1
    assert found.loc["precision@own", "low"] == pytest.approx(low, abs=1e-6)
    assert low < 0.8


def test_recall_is_known_as_well_as_precision() -> None:
    """Where each cover has as many to find both are the same share of the best list; others of 0 to 1 are wider."""
    dice, n, k = np.random.default_rng(5), 120, 4
    codes = np.arange(n) % 2
    listed = np.array([dice.choice(np.delete(np.arange(n), row), k, replace=False) for row in range(n)])
    unit = normalize(dice.normal(size=(n, 4)).astype(np.float32))
    one = np.full(n, "Folk")
    table = measure({"own": listed}, unit, codes, np.arange(n), genres=one, units=np.arange(n), resamples=200, seed=1)
    found = table[table.genre.isna()].set_index("metric")[["value", "low", "high"]]
    np.testing.assert_allclose(found.loc["recall@own"], found.loc["precision@own"] * k / (n // 2 - 1), atol=1e-6)


def test_what_is_known_of_a_recommender_is_the_same_beside_another() -> None:
    dice, n, k = np.random.default_rng(6), 90, 4
    codes, unit = np.arange(n) % 3, normalize(dice.normal(size=(n, 4)).astype(np.float32))
    one, other = (
        np.array([dice.choice(np.delete(np.arange(n), row), k, replace=False) for row in range(n)]) for _ in range(2)
    )
    likes = np.where(dice.random((n, k)) < 0.5, one // 3 * 3 + codes[:, None], one)  # every second of the own genre

    def rows(lists: dict[str, np.ndarray]) -> pd.DataFrame:
        table = measure(
            lists, unit, codes, np.arange(n), genres=codes.astype(str), units=np.arange(n), resamples=300, seed=1
        )
        return table[table.metric.str.endswith("@likes") & ~table.metric.str.contains("_above")].set_index("metric")

    alone, beside = rows({"likes": likes}), rows({"other": other, "likes": likes})
    np.testing.assert_allclose(alone[["value", "low", "high"]], beside[["value", "low", "high"]], atol=1e-9)
