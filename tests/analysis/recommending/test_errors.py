"""What covers add to the error of a mean over lists: by hand, by brute force, by differences, and on drawn labels."""

import numpy as np
import pytest

from analysis.recommending.errors import LEAST, added, added_to_novelty, losses, once, pairs
from analysis.recommending.measures import best_possible, novelty, relevance


def places_of(hits: np.ndarray) -> dict[str, np.ndarray]:
    """As of `relevance`, of lists (n, k) with hits, to whose covers many are relevant."""
    n, k = hits.shape
    codes = np.concatenate([np.zeros(n, int), np.zeros(50, int), np.ones(50, int)])
    listed = np.where(hits, n, n + 50) + np.arange(k)
    listed = np.vstack([listed, np.tile(listed[:1], (100, 1))])
    found = relevance(listed, codes, np.arange(len(codes)))[:, :n]
    return dict(zip(("precision", "recall", "ndcg", "mrr"), found, strict=True)) | {"diversity": np.ones((n, k)) / k}


def test_a_list_keeps_its_precision_without_any_of_its_covers() -> None:
    hits = np.array([[True, False, True, False], [True, True, True, True]])
    lost = losses(places_of(hits), np.full(hits.shape, True))
    np.testing.assert_allclose(lost["precision"], [[1 / 8, -1 / 8, 1 / 8, -1 / 8], [0, 0, 0, 0]])
    np.testing.assert_allclose(lost["recall"], lost["precision"] * 4 / 51)
    np.testing.assert_allclose(lost["ndcg"][1], 0, atol=1e-12)
    discount = 1 / np.log2([2, 3, 4, 5])
    share = (discount[0] + discount[2]) / discount.sum()
    np.testing.assert_allclose(lost["ndcg"][0], (hits[0] - share) * discount / discount.sum())
    np.testing.assert_allclose(lost["diversity"], 0, atol=1e-12)


def test_of_the_own_unit_nobody_is_in_another_s_place() -> None:
    hits = np.array([[True, False, False, True]])
    lost = losses(places_of(hits), np.array([[False, True, True, True]]))
    np.testing.assert_allclose(lost["precision"], [[0, -1 / 12, -1 / 12, 1 / 6]])


def test_mrr_without_a_cover_by_brute_force() -> None:
    hits = np.random.default_rng(1).random((60, 6)) < 0.3

    def mrr(row: np.ndarray) -> float:
        return 1 / (row.argmax() + 1) if row.any() else 0.0

    expected = np.array([[mrr(row) - mrr(np.delete(row, place)) for place in range(6)] for row in hits])
    lost = losses(places_of(hits), np.full(hits.shape, True))["mrr"]
    np.testing.assert_allclose(lost, expected - expected.mean(axis=1, keepdims=True), atol=1e-12)


def test_bits_of_another_list_by_differences() -> None:
    """The mean novelty of some lists, where every list counts w times instead of once: its slope by each w."""
    dice, n, k = np.random.default_rng(2), 30, 4
    listed = np.array([dice.choice(np.delete(np.arange(n), row), k, replace=False) for row in range(n)])
    member = np.arange(n) < 12

    def mean(weights: np.ndarray) -> float:
        times = np.bincount(listed.ravel(), np.repeat(weights, k), minlength=n)
        bits = -np.log2(times[listed] / weights.sum()).mean(axis=1)
        return float(np.average(bits[member], weights=weights[member]))

    step = 1e-5
    slopes = np.array([(mean(1 + step * row) - mean(np.ones(n))) / step for row in np.eye(n)])
    nobody = np.full(listed.shape, -1)
    assert mean(np.ones(n)) == pytest.approx(novelty(listed)[member].sum(axis=1).mean())
    as_listed = added_to_novelty(novelty(listed), listed, member) - slopes
    here, ours = (np.bincount(listed[each].ravel(), minlength=n) for each in (np.full(n, True), member))
    taken = (ours / here)[listed].mean(axis=1) / np.log(2) / member.sum()
    lost = np.where(member[:, None], (novelty(listed) - novelty(listed).mean(axis=1, keepdims=True)) / 12, 0)
    by_hand = np.bincount(listed.ravel(), (lost + taken[:, None] / k).ravel(), minlength=n)
    np.testing.assert_allclose(as_listed - as_listed.mean(), by_hand - by_hand.mean(), atol=1e-4)
    assert (pairs(nobody, np.arange(n)) == -1).all()


def test_who_stands_in_others_lists_adds_to_the_error_by_hand() -> None:
    listed = np.array([[1, 2], [2, 3], [1, 3], [0, -1]])
    values, lost = np.array([0.5, 1.0, 0.0, 9.0]), np.array([[0.25, -0.25], [0, 0], [0.1, -0.1], [9, 9]])
    found = added(values, lost, listed, np.array([True, True, True, False]))
    np.testing.assert_allclose(found, np.array([0, 0.5 + 0.35, -0.5 - 0.25, -0.1]) / 3)


def test_pairs_are_the_same_either_way_round() -> None:
    listed = np.array([[1, 2], [0, 3], [0, -1], [0, 1]])
    found = pairs(listed, np.array([5, 7, 7, 5]))
    assert found.tolist() == [[0, 0], [0, 0], [0, -1], [-1, 0]]
    found = pairs(np.array([[1], [0], [0]]), np.arange(3))
    assert found[0] == found[1] != found[2]


def test_what_two_share_is_counted_once() -> None:
    """Labels that fell by chance on lists of likes: what really varies is half of what both units' sums hold."""
    dice, n, k = np.random.default_rng(3), 400, 5
    listed = np.array([dice.choice(np.delete(np.arange(n), row), k, replace=False) for row in range(n)])
    together, every = pairs(listed, np.arange(n)), np.full(n, True)
    means, sums, kept = [], [], []
    for _ in range(150):
        label = dice.integers(2, size=n)
        hits = (label[listed] == label[:, None]) / k
        lost = hits - hits.mean(axis=1, keepdims=True)
        adds = added(hits.sum(axis=1), lost, listed, every)
        replicates = dice.normal(size=2000) * np.sqrt(np.square(adds).sum())
        means.append(hits.sum(axis=1).mean())
        sums.append(replicates.var())
        kept.append(once(replicates, together, lost).var())
    assert np.mean(sums) / np.var(means) > 1.4
    assert np.mean(kept) / np.var(means) == pytest.approx(1, abs=0.3)


def test_something_is_left_where_all_is_shared() -> None:
    replicates = np.random.default_rng(4).normal(size=100)
    whole = once(replicates, np.array([[0], [0]]), np.array([[9.0], [9.0]]))
    np.testing.assert_allclose(whole, np.sqrt(LEAST) * replicates)
    alone = once(replicates, np.array([[-1], [-1]]), np.array([[9.0], [9.0]]))
    np.testing.assert_allclose(alone, replicates)
    assert not once(np.zeros(5), np.array([[0]]), np.array([[1.0]])).any()


def test_the_best_possible_lists() -> None:
    assert best_possible(np.array([2, 20]), 10) == {"precision": pytest.approx(0.6), "recall": pytest.approx(0.75)}
    assert best_possible(np.array([], int), 10) == {}
