"""Trees of genres: against scipy by hand, planted kin with high support, none without structure."""

from itertools import combinations

import numpy as np
import pytest

from analysis.separability.pure.trees import clades_of, grow, heights, sentence_of, sides_of
from analysis.validation.simulations.kinship import grown, planted

# a and b near, c and d near, e far from all.
PAIRS = {"ab": 0.1, "ac": 0.5, "ad": 0.5, "ae": 0.8, "bc": 0.5, "bd": 0.5, "be": 0.8, "cd": 0.2, "ce": 0.8, "de": 0.8}
VALUES = np.array(list(PAIRS.values()))


def noisy(spread: float, *, count: int = 200) -> np.ndarray:
    return VALUES + spread * np.random.default_rng(1).normal(size=(count, len(VALUES)))


def test_a_tree_is_read_off_the_pairs_by_hand() -> None:
    tree = grow(VALUES, noisy(0.01))
    assert [set(clade) for clade in clades_of(tree.linkage)] == [{0, 1}, {2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3, 4}]
    assert tree.linkage[:, 2] == pytest.approx([0.1, 0.2, 0.5, 0.8])
    assert tree.support[:3] == pytest.approx([1, 1, 1])
    assert np.isnan(tree.support[3])
    assert tree.cophenetic == pytest.approx(1)
    places = tree.order.tolist()
    assert abs(places.index(0) - places.index(1)) == abs(places.index(2) - places.index(3)) == 1
    assert "a and b (100%); c and d (100%); a, b, c and d (100%)" in sentence_of(tree, list("abcde"))


def test_support_is_the_share_of_replicates_with_the_same_set() -> None:
    """Half of the replicates have a beside c instead: the set a and b hangs together in the others only."""
    other = VALUES.copy()
    other[list(PAIRS).index("ac")] = 0.01
    replicates = np.concatenate([np.tile(VALUES, (30, 1)), np.tile(other, (10, 1))])
    assert grow(VALUES, replicates).support[0] == pytest.approx(0.75)


def test_the_height_of_a_fork_is_the_mean_across_it_with_an_interval() -> None:
    tree = grow(VALUES, noisy(0.05))
    rows = heights(tree, list("abcde"), VALUES, noisy(0.05), np.full(5, 40.0))
    top = rows[(rows.metric == "fork_height")].iloc[-1]
    assert {top.genre, top.other_genre} == {"e", "a, b, c, d"}
    assert top.value == pytest.approx(0.8)
    assert top.low < 0.8 < top.high
    assert len(rows) == 2 * 4
    assert [len(one) + len(other) for one, other in sides_of(tree.linkage)] == [2, 2, 4, 5]


def test_planted_kin_are_found_with_high_support() -> None:
    tree = grown(planted(50), seed=3)
    found = dict(zip(map(frozenset, clades_of(tree.linkage)), tree.support, strict=True))
    assert found[frozenset({0, 1})] > 0.95
    assert found[frozenset({2, 3})] > 0.95


def test_without_structure_no_kin_are_claimed() -> None:
    tree = grown(planted(40, apart=2.0, kin=2.0), seed=2)
    assert np.nanmax(tree.support) < 0.95
    assert sentence_of(tree, list("abcde")) == "No genres are shown to be nearer kin than others."


def test_pairs_told_worse_than_chance_and_pairs_all_alike() -> None:
    tree = grow(np.array([-0.2, -0.1, 0.0]), np.zeros((5, 3)))
    assert (tree.linkage[:, 2] >= 0).all()
    assert np.isnan(tree.cophenetic)
    assert sentence_of(None, ["a", "b"]) == "There are too few genres for a tree."
    assert len(list(combinations(range(3), 2))) == 3
