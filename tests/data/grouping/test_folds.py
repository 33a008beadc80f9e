"""Folds: groups whole, genres shared out fairly, the same for the same seed."""

from collections.abc import Callable

import numpy as np
import pytest

from data.errors import GenrescopeError
from data.grouping.folds import deal_folds, make_folds, read_folds
from data.grouping.groups import make_groups, read_group_ids
from data.store.workspace import Workspace

Enter = Callable[..., None]


def counts(fold: np.ndarray, genres: np.ndarray, folds: int) -> np.ndarray:
    """Covers of each genre (columns) in each fold (rows)."""
    table = np.zeros((folds, genres.max() + 1), int)
    np.add.at(table, (fold, genres), 1)
    return table


@pytest.mark.parametrize("folds", [2, 5, 10])
@pytest.mark.parametrize("seed", range(3))
def test_covers_on_their_own_are_shared_out_to_within_one(folds: int, seed: int) -> None:
    genres = np.random.default_rng(seed).choice(4, 503, p=[0.6, 0.3, 0.08, 0.02])
    table = counts(deal_folds(genres, np.arange(503), folds=folds, seed=seed), genres, folds)
    assert (table.max(axis=0) - table.min(axis=0) <= 1).all()
    assert table.sum(axis=1).max() - table.sum(axis=1).min() <= 4  # a cover for each genre


@pytest.mark.parametrize("seed", range(5))
def test_groups_stay_whole_and_singles_even_genres_out(seed: int) -> None:
    """A third of the covers are in groups of 2 to 6, some of several genres: singles make up for them."""
    dice = np.random.default_rng(seed)
    genres, groups = dice.integers(0, 5, 900), np.arange(900)
    at = 0
    while at < 300:
        size = int(dice.integers(2, 7))
        groups[at : at + size] = at
        at += size
    fold = deal_folds(genres, groups, folds=5, seed=seed)
    assert all(len(set(fold[groups == group])) == 1 for group in np.unique(groups))
    table = counts(fold, genres, 5)
    assert (table.max(axis=0) - table.min(axis=0) <= 1).all()


def test_groups_of_one_size_are_shared_out_to_within_one_group() -> None:
    """Artists of four covers each, in one genre each, no cover on its own: 23 and 31 artists in five folds."""
    groups = np.repeat(np.arange(54), 4)
    genres = (groups >= 23).astype(int)
    for seed in range(5):
        table = counts(deal_folds(genres, groups, folds=5, seed=seed), genres, 5)
        assert (table.max(axis=0) - table.min(axis=0) <= 4).all()


def test_the_same_seed_deals_alike_and_another_differently() -> None:
    genres, groups = np.arange(200) % 3, np.arange(200) // 2
    first, again, other = (deal_folds(genres, groups, folds=5, seed=seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).mean() > 0.5


def test_every_group_may_come_into_any_fold() -> None:
    genres, groups = np.arange(60) % 3, np.arange(60) // 2
    dealt = np.stack([deal_folds(genres, groups, folds=3, seed=seed) for seed in range(60)])
    for fold in range(3):
        assert ((dealt == fold).sum(axis=0) > 5).all()  # 20 expected, standard deviation 3.7


def test_names_of_groups_and_empty_genres_do_not_matter() -> None:
    genres = np.array([0, 0, 3, 3, 3, 3])
    fold = deal_folds(genres, np.array([900, 900, -7, 5, 6, 8]), folds=2, seed=0)
    assert fold[0] == fold[1]
    assert counts(fold, genres, 2)[:, 3].tolist() == [2, 2]


def test_folds_are_stored_and_read_back(workspace: Workspace, enter: Enter) -> None:
    genres = ["Jazz"] * 20 + ["Pop"] * 12 + ["Lonely"] * 3
    enter(genres, contents=[number // 2 for number in range(35)])
    groups = make_groups(workspace)
    run = make_folds(workspace, groups, folds=4, repeats=3, seed=7)
    fold, group_ids = read_folds(workspace, run), read_group_ids(workspace, groups)
    assert (fold.shape, fold.dtype) == ((3, 35), np.int16)
    assert all(len(set(row[group_ids == group])) == 1 for row in fold for group in set(group_ids))
    assert set(fold.ravel()) == {0, 1, 2, 3}
    assert (fold[0] != fold[1]).any()
    assert (fold[1] != fold[2]).any()
    codes = np.unique(genres, return_inverse=True)[1]
    assert fold[2].tolist() == deal_folds(codes, group_ids, folds=4, seed=[7, 2]).tolist()
    assert run.results == {"folds": 4, "repeats": 3, "too_small": ["Lonely"]}
    assert make_folds(workspace, groups, folds=4, repeats=3, seed=7) == run
    assert make_folds(workspace, groups, folds=4, repeats=3, seed=8).run_id != run.run_id


@pytest.mark.parametrize(("folds", "repeats"), [(1, 3), (5, 0)])
def test_folds_that_judge_nobody_are_refused(workspace: Workspace, enter: Enter, folds: int, repeats: int) -> None:
    enter(["Jazz"] * 4)
    with pytest.raises(GenrescopeError, match="two folds and one repeat or more"):
        make_folds(workspace, make_groups(workspace), folds=folds, repeats=repeats)
