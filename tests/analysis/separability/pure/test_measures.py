"""Rows of purity, separability and clusters: what is measured, in which range, and against which chance."""

import numpy as np
import pytest

from analysis.geometry.neighbors import neighbor_graph
from analysis.separability.pure.evidence import gather
from analysis.separability.pure.measures import cluster_rows, purity_rows, separability_rows
from analysis.separability.pure.purity import above_chance, expected_purity, genre_purity
from data.grouping.folds import deal_folds


def evidence_of(codes, groups, *, folds=5, resamples=100, permutations=99):
    fold = deal_folds(codes, groups, folds=folds, seed=0)
    names = np.array([f"genre {code}" for code in codes])
    return gather(names, groups, fold, folds=folds, resamples=resamples, permutations=permutations, seed=1)


@pytest.fixture(scope="module")
def unequal():
    """Evidence of artists of 2, 3 and 4 covers, by genre, and lists of 10 neighbours outside a cover's group."""
    groups = np.repeat(np.arange(24), np.tile([2, 3, 4], 8))
    codes, dice = groups % 3, np.random.default_rng(3)
    vectors = dice.normal(size=(24, 8))[groups] + dice.normal(size=(72, 8)) + 0.5 * np.eye(8)[codes]
    return evidence_of(codes, groups), neighbor_graph(vectors.astype(np.float32), groups, k=10)[0]


def own(rows, metric):
    return rows[(rows.metric == metric) & rows.genre.notna()].set_index("genre")


def test_each_permutation_has_its_own_chance(unequal):
    """By hand: how many permutations reach the purity above chance, each over the chance of its own genres."""
    evidence, neighbors = unequal
    once = np.ones((1, len(evidence.codes)), np.uint8)

    def above(labels):
        purity = genre_purity(neighbors, labels[None], once, classes=3)[0]
        return above_chance(purity, expected_purity(labels[None], evidence.groups, classes=3)[0])

    reached = sum(above(labels) >= above(evidence.codes) - 1e-12 for labels in evidence.permuted)
    rows = purity_rows(evidence, neighbors)
    np.testing.assert_allclose(own(rows, "purity_above_chance").p_value, (reached + 1) / 100)
    assert own(rows, "purity").p_value.isna().all()
    sizes = np.array([np.bincount(labels, minlength=3) for labels in evidence.permuted])
    assert sizes.std(axis=0)[0] > 0.5  # else the chance would be one and the same


def test_purity_above_chance_has_the_interval_of_purity_in_its_own_range(unequal):
    """Also at the least that there can be: a genre without one neighbour alike, beside one with another chance."""
    evidence, neighbors = unequal
    for lists in (neighbors, np.where(evidence.codes[neighbors] == evidence.codes[:, None], -1, neighbors)):
        rows = purity_rows(evidence, lists)
        chance = expected_purity(evidence.codes[None], evidence.groups, classes=3)[0]
        for column in ("value", "low", "high"):
            expected = above_chance(own(rows, "purity")[column].to_numpy(), chance)
            np.testing.assert_allclose(own(rows, "purity_above_chance")[column], expected, atol=1e-9)
        average = rows[(rows.metric == "purity_above_chance") & rows.genre.isna()].iloc[0]
        assert average.low >= above_chance(np.zeros(3), chance).mean() - 1e-9


def test_where_artists_sizes_decide_the_genre_nothing_is_found(gaussians):
    """However far apart: no permutation can tell the covers' genre from their artists' number of covers."""
    vectors, codes = gaussians(apart=5, classes=2)
    groups = np.where(codes == 0, np.arange(120), 60 + np.arange(120) // 5)
    evidence = evidence_of(codes, groups)
    rows = [separability_rows(evidence, vectors)[0], purity_rows(evidence, neighbor_graph(vectors, groups, k=10)[0])]
    for table, metric in zip(rows, ("separability", "purity_above_chance"), strict=True):
        found = own(table[table.other_genre.isna()], metric)
        assert (found.value > 0.9).all()
        assert (found.p_value == 1).all()


def test_a_genre_of_one_group_has_no_purity_and_is_in_no_average(gaussians):
    """Its covers are no neighbours of each other, so that 0 is all it could reach."""
    vectors, codes = gaussians(apart=3, n=30)
    groups = np.arange(90)
    groups[60:] = 60
    rows = purity_rows(evidence_of(codes, groups), neighbor_graph(vectors, groups, k=10)[0])
    for metric in ("purity", "purity_above_chance"):
        assert np.isnan(own(rows, metric).value["genre 2"])
        average = rows[(rows.metric == metric) & rows.genre.isna()].value.item()
        assert average == pytest.approx(own(rows, metric).value[:2].mean())


def test_agreement_with_clusters_stays_in_its_range():
    rng = np.random.default_rng(0)
    codes, clusters = rng.integers(2, size=24), rng.integers(2, size=24)
    rows = cluster_rows(evidence_of(codes, np.arange(24)), clusters).set_index("metric")
    assert (rows.loc[["homogeneity", "completeness", "v_measure"], "low"] >= 0).all()
    assert -0.5 <= rows.low["ari"] < rows.value["ari"]


def test_how_many_folds_there_are_is_told_and_not_guessed(gaussians):
    """Four groups of a genre in five folds, the last of them empty: too few, as five folds are what was asked for."""
    vectors, codes = gaussians(apart=3, n=40)
    codes[:4] = 3
    fold = np.arange(120) % 4
    names = np.array([f"genre {code}" for code in codes])
    for folds, known in ((5, False), (4, True)):
        evidence = gather(names, np.arange(120), fold, folds=folds, resamples=20, permutations=19, seed=1)
        rows, _ = separability_rows(evidence, vectors)
        assert np.isfinite(own(rows[rows.other_genre.isna()], "separability").value["genre 3"]) == known
        assert rows[rows.other_genre == "genre 3"].value.notna().all() == known
