"""Membership in each of a cover's genres, against probes of single genres, and where the truth is known."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from analysis.separability.memberships import membership
from analysis.separability.pure.evidence import gather, gather_members
from analysis.separability.pure.measures import purity_rows, separability_rows
from analysis.separability.pure.probes import permuted_aucs, probe_scores
from analysis.validation.simulations.membership import symmetric

NAMES = np.array(list("abcde"))


def folds_of(count: int) -> np.ndarray:
    return np.stack([np.random.default_rng(seed).permutation(count) % 5 for seed in range(2)])


def measured(vectors: np.ndarray, member: np.ndarray, *, groups: np.ndarray | None = None, permutations: int = 0):
    groups = np.arange(len(member)) if groups is None else groups
    options = {"folds": 5, "resamples": 60, "permutations": permutations, "seed": 1}
    evidence = gather_members(NAMES[: member.shape[1]], member, groups, folds_of(len(member)), **options)
    neighbors = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:31]
    return membership(evidence, vectors, neighbors)


def test_five_symmetric_genres_separate_alike_however_they_are_spelt() -> None:
    """Two labels each; by the first label in the alphabet the last genre would have no cover at all."""
    vectors, member = symmetric(30, 2.5, np.random.default_rng(2))
    rows, _ = measured(vectors, member)
    own = rows[(rows.metric == "membership_separability") & rows.genre.notna() & rows.other_genre.isna()]
    assert own.genre.tolist() == list("abcde")
    assert own.value.min() > 0.5
    assert np.ptp(own.value) < 0.2
    purity = rows[(rows.metric == "membership_purity_above_chance") & rows.genre.notna()]
    assert purity.value.min() > 0.1
    assert np.ptp(purity.value) < 0.2


def test_with_one_genre_a_cover_membership_is_separability() -> None:
    vectors, member = symmetric(12, 2.0, np.random.default_rng(3))
    first = member.argmax(axis=1)
    single = np.eye(5, dtype=bool)[first]
    groups, fold = np.arange(len(first)), folds_of(len(first))
    plain = gather(NAMES[first], groups, fold, folds=5, resamples=20, permutations=9, seed=1)
    of_sets = gather_members(NAMES[:4], single[:, :4], groups, fold, folds=5, resamples=20, permutations=9, seed=1)
    neighbors = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:11]
    for rows in (lambda evidence: separability_rows(evidence, vectors)[0], lambda e: purity_rows(e, neighbors)):
        np.testing.assert_allclose(rows(plain).value.to_numpy(), rows(of_sets).value.to_numpy(), atol=1e-6)


def test_scores_of_sets_are_those_of_each_genre_alone() -> None:
    vectors, member = symmetric(10, 1.5, np.random.default_rng(4))
    sets, codes = np.unique(member, axis=0, return_inverse=True)
    fold = folds_of(len(member))[0]
    together = probe_scores(vectors, codes.ravel(), fold, classes=5, sets=sets)
    aucs = permuted_aucs(vectors, codes.reshape(1, -1), fold, classes=5, sets=sets)[0]
    for genre in range(5):
        alone = probe_scores(vectors, member[:, genre].astype(int), fold, classes=2)[:, 1]
        np.testing.assert_allclose(together[:, genre], alone, atol=1e-5)
        within = [roc_auc_score(member[fold == f, genre], alone[fold == f]) for f in range(5)]
        pairs = [member[fold == f, genre].sum() * (~member[fold == f, genre]).sum() for f in range(5)]
        assert aucs[genre] == pytest.approx(np.average(within, weights=pairs), abs=1e-6)


def test_covers_in_both_genres_of_a_pair_are_left_out() -> None:
    dice = np.random.default_rng(5)
    member = np.repeat(np.array([[1, 0], [0, 1], [1, 1]], bool), 20, axis=0)
    vectors = dice.normal(size=(60, 6)).astype(np.float32)
    vectors[:20, 0] += 6
    vectors[20:40, 0] -= 6
    value = {}
    for shift in (0, 50):  # wherever those in both lie, on this axis of no use
        moved = vectors.copy()
        moved[40:, 1] += shift
        rows, _ = measured(moved, member)
        value[shift] = rows[rows.other_genre.notna()].value.iloc[0]
    assert value[0] > 0.95
    assert value[50] > 0.95


def test_nothing_is_found_where_nothing_is() -> None:
    vectors, member = symmetric(12, 0.0, np.random.default_rng(6))
    rows, claimed = measured(vectors, member, permutations=99)
    own = rows[(rows.metric == "membership_separability") & rows.genre.notna() & rows.other_genre.isna()]
    assert (own.p_value > 0.02).all()
    assert "shown to separate by more than chance" in claimed["sentence"]


def test_a_genre_that_every_cover_has_is_not_measured() -> None:
    member = np.ones((40, 2), bool)
    member[:20, 1] = False
    rows, _ = measured(np.random.default_rng(7).normal(size=(40, 4)).astype(np.float32), member)
    own = rows[(rows.metric == "membership_separability") & rows.other_genre.isna()].set_index("genre")
    assert np.isnan(own.value["a"])
    assert np.isfinite(own.value["b"])
    assert len(list(combinations(range(2), 2))) == rows.other_genre.notna().sum()
