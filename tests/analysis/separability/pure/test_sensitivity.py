"""What the answer depends on: no noise is reported as a finding, and curves read what they say."""

import numpy as np
import pytest

from analysis.geometry.cosine import normalize
from analysis.geometry.neighbors import neighbor_graph
from analysis.separability.pure.evidence import gather
from analysis.separability.pure.measures import separability_rows
from analysis.separability.pure.sensitivity import DEALS, curves_over_k, ignoring, ignoring_sentences
from data.grouping.folds import deal_folds


def gathered(codes, groups, *, repeats=3):
    fold = np.stack([deal_folds(codes, groups, folds=5, seed=repeat) for repeat in range(repeats)])
    names = np.array([f"genre {code}" for code in codes])
    return gather(names, groups, fold, folds=5, resamples=20, permutations=19, seed=1)


def artists(*, alike, covers=180, size=6, d=12, seed=0):
    """Vectors of three genres that are not told apart, codes and groups of covers that have `alike` in common."""
    groups = np.arange(covers) // size
    dice = np.random.default_rng(seed)
    common, single = dice.normal(size=(covers // size, d))[groups], dice.normal(size=(covers, d))
    return (np.sqrt(alike) * common + np.sqrt(1 - alike) * single).astype(np.float32), groups % 3, groups


def test_the_last_grouping_has_the_headline_figure():
    vectors, codes, groups = artists(alike=0.5)
    evidence = gathered(codes, groups)
    near = np.arange(180) // 2
    found = ignoring(evidence, vectors, neighbor_graph(vectors, near, k=20)[0], near, joined="picture+artist")
    assert [one["grouping"] for one in found] == ["files", "picture", "picture+artist"]
    rows, _ = separability_rows(evidence, vectors)
    headline = rows[rows.genre.isna()].value.item()
    assert found[-1]["separability"] == pytest.approx(headline, abs=1e-9)
    assert found[0]["separability"] > headline + 0.1
    assert all(0 < one["separability_sd"] < 0.15 for one in found)


def test_a_mean_over_divisions_and_their_spread():
    vectors, codes, groups = artists(alike=0.5)
    evidence = gathered(codes, groups)
    near = np.arange(180)
    found = ignoring(evidence, vectors, neighbor_graph(vectors, near, k=20)[0], near, joined="picture+artist")[1]
    deals = [deal_folds(evidence.codes, near, folds=5, seed=[0, deal]) for deal in range(DEALS)]
    one = [_headline(gather(codes, near, d, folds=5, resamples=2, permutations=2, seed=1), vectors) for d in deals]
    assert found["separability"] == pytest.approx(np.mean(one))
    assert found["separability_sd"] == pytest.approx(np.std(one, ddof=1))


def _headline(evidence, vectors):
    rows, _ = separability_rows(evidence, vectors)
    return rows[rows.genre.isna()].value.item()


def test_covers_that_are_independent_give_nothing_to_say():
    """Of groups that nothing hangs on the deals differ, and the figures with them: that is noise."""
    said = []
    for seed in range(8):
        vectors, codes, groups = artists(alike=0.0, seed=seed)
        near = np.arange(180)
        found = ignoring(
            gathered(codes, groups), vectors, neighbor_graph(vectors, near, k=20)[0], near, joined="picture+artist"
        )
        assert found[0]["separability"] != found[-1]["separability"]
        said += [text for text in ignoring_sentences(found) if "separability" in text]
    assert said == []


def test_artists_in_common_are_said():
    vectors, codes, groups = artists(alike=0.8)
    near = np.arange(180)
    lists = neighbor_graph(vectors, near, k=20)[0]
    found = ignoring(gathered(codes, groups), vectors, lists, near, joined="picture+artist")
    first, second = ignoring_sentences(found)
    assert first.startswith("Copies counted as independent, separability would be ")
    assert f"right in {found[0]['nearest']:.3f} instead of {found[-1]['nearest']:.3f}" in first
    assert second.startswith("Only pictures kept together, ")


@pytest.mark.parametrize(
    ("other", "sentences"),
    [
        ((0.42, 0.01, 0.5), []),
        ((0.45, 0.01, 0.5), ["Copies counted as independent, separability would be 0.450 instead of 0.400 (sd between "
                             "folds 0.020)."]),
        ((0.42, 0.01, 0.6), ["Copies counted as independent, a nearest neighbour would be right in 0.600 instead of "
                             "0.500."]),
        ((0.45, None, 0.5), ["Copies counted as independent, separability would be 0.450 instead of 0.400 (sd between "
                             "folds 0.020)."]),
        ((None, None, 0.5001), []),
    ],
)  # fmt: skip
def test_a_difference_within_two_standard_deviations_is_none(other, sentences):
    counted = {"grouping": "picture", "separability": 0.4, "separability_sd": 0.02, "nearest": 0.5}
    names = ("separability", "separability_sd", "nearest")
    found = [{"grouping": "files", **dict(zip(names, other, strict=True))}, counted]
    assert ignoring_sentences(found) == sentences


def test_of_one_division_no_spread_is_known():
    vectors, codes, groups = artists(alike=0.5)
    lists = neighbor_graph(vectors, groups, k=20)[0]
    found = ignoring(gathered(codes, groups, repeats=1), vectors, lists, groups, joined="picture")
    assert found[-1]["separability_sd"] is None
    assert found[0]["separability_sd"] > 0


def test_genres_too_small_give_no_figure():
    vectors, codes, groups = artists(alike=0.5, covers=24)  # four groups, of two genres
    lists = neighbor_graph(vectors, groups, k=5)[0]
    found = ignoring(gathered(codes, groups), vectors, lists, groups, joined="picture")
    assert [one["separability"] for one in found] == [None, None]


@pytest.mark.parametrize(("covers", "largest"), [(180, 60), (60, 54)])
def test_corrected_lists_are_read_as_far_as_they_are_corrected(covers, largest):
    """By hand with dense matrices; the artist's covers would fill the graph's 50 places alone, or leave six others."""
    vectors, codes, _ = artists(alike=0.0, covers=covers)
    vectors[:largest] += 3
    groups = np.where(np.arange(covers) < largest, 0, np.arange(covers))
    evidence = gathered(codes, groups)
    table = curves_over_k(evidence, vectors, neighbor_graph(vectors, np.arange(covers), k=50)[0])
    ks = {name: sorted(of_curve.x.unique()) for name, of_curve in table.groupby("curve")}
    assert ks == {"purity_by_k": [1, 2, 5, 10, 20, 40], "purity_by_k_corrected": [1, 2, 5, 10]}
    expected = _corrected_purity(vectors, codes, groups, k=10)
    found = table[(table.curve == "purity_by_k_corrected") & (table.x == 10)].set_index("genre").value
    np.testing.assert_allclose(found, expected, atol=1e-6)


def _corrected_purity(vectors, codes, groups, *, k):
    unit = normalize(vectors.astype(np.float64))
    similarity = unit @ unit.T
    outside = groups[:, None] != groups
    near = [sorted(np.flatnonzero(row), key=lambda other: -similarity[i, other])[:40] for i, row in enumerate(outside)]
    usual = [similarity[i, own[:10]].mean() for i, own in enumerate(near)]
    first = [sorted(own, key=lambda x: usual[x] - 2 * similarity[i, x])[:k] for i, own in enumerate(near)]
    purity = np.array([(codes[own] == codes[i]).mean() for i, own in enumerate(first)])
    chance = (outside & (codes[:, None] == codes)).sum(axis=1) / outside.sum(axis=1)
    of_genre = [codes == code for code in range(3)]
    return [(purity[own].mean() - chance[own].mean()) / (1 - chance[own].mean()) for own in of_genre]
