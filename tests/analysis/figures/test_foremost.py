"""A few of many genres: the strongest pairs, those that are sought, and parts of a tree."""

import numpy as np

from analysis.figures.dendrogram import forks_of, forks_within, nearest_kin
from analysis.figures.foremost import found_in, strongest


def test_the_strongest_pairs_come_first():
    strength = np.full((6, 6), np.nan)
    strength[4, 1], strength[0, 3], strength[2, 5] = 9, 5, 1
    assert strongest(strength, count=4) == [1, 4, 0, 3]
    assert strongest(strength, count=3) == [1, 4, 0]
    strength[1, 4] = 2  # the larger of the two counts
    strength[np.diag_indices(6)] = 100  # and none of a genre with itself
    assert strongest(strength, count=4) == [1, 4, 0, 3]


def test_what_is_wanted_brings_only_its_own_pairs():
    strength = np.full((6, 6), np.nan)
    strength[4, 1], strength[0, 3], strength[2, 5] = 9, 5, 1
    assert strongest(strength, count=4, wanted=[5]) == [5, 2]
    assert strongest(np.full((4, 4), np.nan), count=3) == [0, 1, 2]


def test_names_are_found_whatever_their_case():
    assert found_in(" JAZZ", ["Acid jazz", "Rock", "Jazz"]) == [0, 2]
    assert found_in("", ["Rock"]) == [0]


def test_a_part_of_a_tree_keeps_its_forks_in_place():
    """Genres 0 to 5, in this order: 2 and 3 meet first, then 0 and 1, then these four, then 4 and 5, then all."""
    linkage = [[2, 3, 0.1, 2], [0, 1, 0.2, 2], [6, 7, 0.3, 4], [4, 5, 0.4, 2], [8, 9, 0.9, 6]]
    forks = forks_of(linkage, [4, 5, 0, 1, 2, 3], [0.5] * 4 + [None])
    rows = nearest_kin(forks, count=4)
    assert rows == [2, 3, 4, 5]
    drawn = forks_within(forks, rows)
    assert [fork.below for fork in drawn] == [(2, 3), (0, 1), (0, 1, 2, 3)]
    assert [fork.row for fork in drawn] == [2.5, 0.5, 1.5]
    assert nearest_kin(forks, count=2, wanted=[0]) == [0, 1], "rows, of which the first two are genres 4 and 5"
