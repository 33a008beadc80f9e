"""Separability as a whole: what is known of simulated genres is found, stored and found again."""

import numpy as np
import pytest

from analysis.geometry.clustering import cluster
from analysis.geometry.neighbors import build_neighbors, neighbor_graph
from analysis.separability.pure.agreement import SCORES
from analysis.separability.pure.evidence import CLAIM_GROUPS, FEWEST_PERMUTATIONS, PERMUTED_CELLS, gather
from analysis.separability.pure.probes import RIDGE
from analysis.separability.pure.sensitivity import DEALS, KS
from analysis.separability.separability import METHOD, measure_separability, read_metrics, separability
from analysis.statistics.intervals import UNSEEN
from analysis.statistics.resampling import LIKE_SIZE, PARTNERS
from data.grouping.folds import deal_folds, make_folds
from data.grouping.groups import make_groups


def measured(vectors, codes, groups=None, *, resamples=200, permutations=200):
    groups = np.arange(len(codes)) if groups is None else groups
    rows, _ = neighbor_graph(vectors, groups, k=20)
    names = np.array([f"genre {code}" for code in codes])
    dense = np.unique(codes, return_inverse=True)[1]
    fold = np.stack([deal_folds(dense, groups, folds=5, seed=repeat) for repeat in range(2)])
    evidence = gather(names, groups, fold, folds=5, resamples=resamples, permutations=permutations, seed=1)
    return separability(evidence, vectors, rows, codes % 3)


def value(table, metric, genre=None, other=None, column="value"):
    of_genre = table.genre.isna() if genre is None else table.genre == genre
    of_other = table.other_genre.isna() if other is None else table.other_genre == other
    return table[(table.metric == metric) & of_genre & of_other][column].item()


def test_genres_far_apart_are_told_apart(gaussians):
    table, said = measured(*gaussians(apart=8))
    for metric, at_least in {
        "purity": 0.99,
        "purity_above_chance": 0.99,
        "silhouette": 0.6,
        "separability": 0.98,
    }.items():
        for genre in (None, "genre 0", "genre 1", "genre 2"):
            assert value(table, metric, genre) > at_least
    assert value(table, "separability", "genre 0", "genre 2") > 0.98
    tested = table[table.genre.notna() & table.p_value.notna()]
    assert set(tested.metric) == {"separability", "purity_above_chance"}
    assert (tested.p_adjusted < 0.05).all()
    for score in SCORES:
        assert value(table, score) == pytest.approx(1)
        assert value(table, score, column="p_value") < 0.01
    assert not table.duplicated(["metric", "genre", "other_genre"]).any()
    assert said["sentence"].endswith("cannot be told apart by how well they separate.")


def test_no_interval_has_width_zero_even_where_nothing_goes_wrong(gaussians):
    table, _ = measured(*gaussians(apart=20, n=30))
    known = table[table.value.notna()]
    assert (known.value > 0.99).any()
    assert (known.high - known.low > 0.001).all()
    assert (known.low <= known.value + 1e-9).all()
    assert (known.value <= known.high + 1e-9).all()


def test_genres_alike_are_not(gaussians):
    table, said = measured(*gaussians(apart=0))
    assert value(table, "purity") == pytest.approx(1 / 3, abs=0.06)
    assert value(table, "purity_above_chance") == pytest.approx(0, abs=0.1)
    assert value(table, "separability") == pytest.approx(0, abs=0.2)
    assert (table[table.genre.notna()].p_adjusted.dropna() > 0.05).all()
    assert "None is shown to separate by more than chance." in said["sentence"]


def test_sizes_do_not_decide_who_is_best():
    """A genre of 800 covers with the lowest purity above chance would be last by lift, which is capped at 1 / share."""
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1, 2], [400, 40, 80])
    vectors = (np.array([4, 0.3, 0.6])[codes][:, None] * np.eye(8)[codes] + rng.normal(size=(520, 8))).astype(
        np.float32
    )
    table, said = measured(vectors, codes)
    ranked = [value(table, "separability", f"genre {code}") for code in range(3)]
    assert int(np.argmax(ranked)) == 0
    assert said["leaders"] == ["genre 0"]


def test_ranks_hold_the_true_order():
    codes = np.repeat(np.arange(4), 80)
    vectors = np.array([4, 2, 0, 0])[codes][:, None] * np.eye(8)[codes] + np.random.default_rng(2).normal(size=(320, 8))
    table, said = measured(vectors.astype(np.float32), codes)
    own = table[(table.metric == "separability") & table.genre.notna() & table.other_genre.isna()]
    assert own.rank_low.tolist()[:2] == [1, 2]
    assert own.rank_high.tolist()[:2] == [1, 2]
    assert (own.rank_low[2:] <= 3).all()
    assert (own.rank_high[2:] == 4).all()
    assert said["sentence"].startswith("genre 0 separates best;")
    assert set(said["last"]) == {"genre 2", "genre 3"}


def test_duplicates_of_one_genre_are_no_evidence():
    """Covers in fives of one genre, near-duplicates, but the genres alike: five times too sure if counted singly."""
    rng = np.random.default_rng(0)
    groups = np.arange(300) // 5 * 5
    vectors = (rng.normal(size=(300, 16))[groups] + 0.05 * rng.normal(size=(300, 16))).astype(np.float32)
    codes = groups // 5 % 3
    table, _ = measured(vectors, codes, groups)
    assert value(table, "purity") == pytest.approx(1 / 3, abs=0.1)
    tested = table[table.metric.isin(["purity_above_chance", "separability"]) & table.genre.notna()].p_adjusted.dropna()
    assert len(tested) == 6
    assert (tested > 0.05).all()
    assert value(measured(vectors, codes)[0], "purity") > 0.45


def test_small_genres_are_measured_as_far_as_they_go(gaussians):
    vectors, codes = gaussians(apart=3)
    codes[:4], codes[4] = 3, 4
    codes[5:15] = 5
    table, said = measured(vectors, codes)
    assert np.isfinite(value(table, "purity", "genre 3"))
    assert np.isnan(value(table, "separability", "genre 3"))
    assert np.isnan(value(table, "separability", "genre 1", "genre 3"))
    assert np.isfinite(value(table, "separability", "genre 5"))
    assert value(table, "separability", "genre 5", column="rank_low") == 0
    assert said["too_small"] == ["genre 3", "genre 4", "genre 5"]
    for metric in ("purity", "silhouette", "separability"):
        assert np.isnan(value(table, metric, "genre 4"))
        assert np.isfinite(value(table, metric))
    assert len(table[table.other_genre.notna()]) == 15


@pytest.mark.parametrize("codes", [[0] * 12, [0, 1], [0]])
def test_next_to_nothing_is_measured_without_an_error(codes):
    vectors = np.random.default_rng(0).normal(size=(len(codes), 4)).astype(np.float32)
    table, said = measured(vectors, np.array(codes))
    assert np.isnan(value(table, "separability"))
    assert said["sentence"].startswith("There are no two genres")


def test_the_same_seed_gives_the_same_table(gaussians):
    vectors, codes = gaussians(apart=1, n=30)
    first, second = (measured(vectors, codes)[0] for _ in range(2))
    assert first.equals(second)


def test_separability_is_stored_and_found_again(embedded, monkeypatch):
    workspace, embedding = embedded
    neighbors = build_neighbors(workspace, embedding)
    clustering = cluster(workspace, neighbors)
    folds = make_folds(workspace, make_groups(workspace))
    options = {"resamples": 100, "permutations": 100}
    run = measure_separability(workspace, neighbors, clustering, folds, **options)
    table = read_metrics(workspace, run)
    assert set(table.genre.dropna()) == {"Folk", "Jazz", "Pop"}
    assert run.results["separability"] == pytest.approx(value(table, "separability"))
    assert run.results["covers"] == 119
    assert run.results["permutations"] == 100
    assert [found["grouping"] for found in run.results["ignoring"]] == ["files", "picture"]
    assert value(table, "separability", "Folk", "Pop") > 0.8
    with workspace.read() as con:
        curve = con.execute("SELECT x, genre, value FROM curves WHERE curve = 'purity_by_k'").fetchall()
    assert {x for x, _, _ in curve} == {1, 2, 5, 10, 20, 40}
    monkeypatch.setattr("analysis.separability.separability.separability", None)
    assert measure_separability(workspace, neighbors, clustering, folds, **options) == run


def test_what_decides_the_figures_is_counted():
    """Who changes one of these numbers makes other figures of the same inputs: count METHOD up, then this line."""
    decisive = (RIDGE, CLAIM_GROUPS, PERMUTED_CELLS, FEWEST_PERMUTATIONS, PARTNERS, LIKE_SIZE, UNSEEN, KS, DEALS)
    assert (METHOD, *decisive) == (2, 8.0, 20, 200_000_000, 99, 10, 2.0, 0.1, (1, 2, 5, 10, 20, 40), 10)


def test_another_method_is_another_run(embedded, monkeypatch):
    workspace, embedding = embedded
    neighbors = build_neighbors(workspace, embedding)
    inputs = (neighbors, cluster(workspace, neighbors), make_folds(workspace, make_groups(workspace)))
    first = measure_separability(workspace, *inputs, resamples=20, permutations=20)
    monkeypatch.setattr("analysis.separability.separability.METHOD", 99)
    second = measure_separability(workspace, *inputs, resamples=20, permutations=20)
    assert (first.params["method"], second.params["method"]) == (2, 99)
    assert first.run_id != second.run_id
