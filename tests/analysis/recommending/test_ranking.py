"""Rocchio and maximal marginal relevance, by hand and by brute force."""

import numpy as np
import pytest

from analysis.geometry.cosine import normalize
from analysis.recommending.ranking import AWAY, NEARNESS, POOL, chosen, diverse, nearest_to, one_each, taste


def test_taste_by_hand() -> None:
    liked = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    np.testing.assert_allclose(taste(liked, np.empty((0, 3))), [2**-0.5, 2**-0.5, 0])
    away = taste(liked, np.array([[0, 0, 1.0]]))
    np.testing.assert_allclose(away, np.array([0.5, 0.5, -AWAY]) / np.linalg.norm([0.5, 0.5, -AWAY]))
    assert not taste(np.array([[1.0, 0], [-1.0, 0]]), np.empty((0, 2))).any()


def test_the_nearest_are_those_of_brute_force() -> None:
    dice = np.random.default_rng(0)
    unit = normalize(dice.normal(size=(300, 8)).astype(np.float32))
    wanted, allowed = unit[5].astype(float), dice.random(300) < 0.7
    near, nearness = nearest_to(unit, wanted, allowed, count=20)
    expected = [row for row in np.argsort(-(unit @ unit[5])) if allowed[row]][:20]
    assert near.tolist() == expected
    np.testing.assert_allclose(nearness, unit[near] @ wanted, atol=1e-5)
    everybody, _ = nearest_to(unit, wanted, allowed, count=300)
    assert sorted(everybody) == np.flatnonzero(allowed).tolist()
    assert not len(nearest_to(unit, wanted, np.zeros(300, bool), count=5)[0])


def test_diversity_by_hand_on_five_covers() -> None:
    # Two are all but the same, the nearest; the third is somewhat less near and of another direction.
    pool = normalize(np.array([[1, 0.5, 0], [1, 0.51, 0], [1, -0.55, 0], [0.5, 0.9, 0], [-1, 0, 0]], np.float32))
    nearness = pool @ np.array([1.0, 0.0, 0.0])
    listed = diverse(pool, nearness, k=4).tolist()
    assert listed[0] == 0
    second = [NEARNESS * nearness[i] - (1 - NEARNESS) * float(pool[i] @ pool[0]) for i in range(1, 5)]
    assert listed[1] == 1 + int(np.argmax(second))
    assert listed[1] == 2
    assert sorted(diverse(pool, nearness, k=9)) == [0, 1, 2, 3, 4]


def test_diversity_by_brute_force() -> None:
    dice = np.random.default_rng(1)
    pool = normalize(dice.normal(size=(30, 6)).astype(np.float32))
    nearness = np.sort(pool @ pool[3])[::-1]
    listed: list[int] = []
    for _ in range(8):
        worth = {}
        for i in set(range(30)) - set(listed):
            likest = max((float(pool[i] @ pool[j]) for j in listed), default=0.0)
            worth[i] = NEARNESS * nearness[i] - (1 - NEARNESS) * likest
        listed.append(max(worth, key=lambda i: worth[i]))
    assert diverse(pool, nearness, k=8).tolist() == listed


def test_of_a_group_only_the_nearest_and_more_are_looked_at_where_groups_are_few() -> None:
    assert one_each(np.array([4, 2, 4, 7, 2])).tolist() == [0, 1, 3]
    unit = normalize(np.random.default_rng(2).normal(size=(40, 5)).astype(np.float32))
    near, nearness = nearest_to(unit, unit[0].astype(float), np.ones(40, bool), count=40)
    groups = np.zeros(40, int)
    groups[near[30:]] = np.arange(1, 11)
    listed = chosen(unit, near, nearness, groups, k=3)
    assert len(listed) == 3
    assert POOL * 3 < 30, "the first of these are all of one group"
    assert len(set(groups[listed])) == 3


@pytest.mark.parametrize("k", [1, 5])
def test_an_empty_pool_gives_an_empty_list(k: int) -> None:
    unit = np.eye(3, dtype=np.float32)
    assert not len(chosen(unit, np.empty(0, int), np.empty(0), np.arange(3), k=k))
