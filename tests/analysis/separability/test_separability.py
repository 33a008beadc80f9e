"""Separability against scikit-learn, by hand, and against what is known of simulated data."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control, kstest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

from analysis.geometry.clustering import cluster
from analysis.geometry.neighbors import build_neighbors, neighbor_graph, normalize
from analysis.separability.agreement import SCORES, agreement, chance_information, contingency
from analysis.separability.probes import _standardize, auc, auc_p_value, deal_folds, out_of_fold_scores
from analysis.separability.purity import expected_purity, genre_purity, independent_neighbors
from analysis.separability.separability import measure_separability, read_metrics, separability
from analysis.separability.silhouette import genre_silhouette, silhouettes
from analysis.statistics.resampling import (
    benjamini_hochberg,
    bootstrap_weights,
    interval,
    permutation_p_values,
    permuted_genres,
    resample,
)


def once(n):
    return np.ones((1, n), np.uint8)


def gaussians(*, apart, n=60, classes=3, d=16, seed=0):
    """Vectors of `classes` genres whose centres are `apart` standard deviations from the origin, and the genres."""
    codes = np.repeat(np.arange(classes), n)
    noise = np.random.default_rng(seed).normal(size=(len(codes), d))
    return (apart * np.eye(d)[codes] + noise).astype(np.float32), codes


def measured(vectors, codes, groups=None, **options):
    groups = np.arange(len(codes)) if groups is None else groups
    rows, _ = neighbor_graph(vectors, groups, k=20)
    names = np.array([f"genre {code}" for code in codes])
    options = {"resamples": 200, "permutations": 200} | options
    return separability(vectors, names, groups, rows, codes % 3, **options)


def value(table, metric, genre=None, other=None, column="value"):
    of_genre = table.genre.isna() if genre is None else table.genre == genre
    of_other = table.other_genre.isna() if other is None else table.other_genre == other
    return table[(table.metric == metric) & of_genre & of_other][column].item()


def test_purity_of_five_covers_by_hand():
    neighbors = np.array([[1, 2], [0, 3], [0, -1], [4, 2], [-1, -1]])
    genres = np.array([[0, 0, 1, 1, 1]])
    # genre 0: cover 0 has one of two alike, cover 1 too; genre 1: none of one, two of two, cover 4 has no neighbour.
    np.testing.assert_allclose(genre_purity(neighbors, genres, once(5), classes=2), [[0.5, 0.5]])
    # Cover 0 drawn twice, cover 2 not at all: cover 0 has one of one alike, cover 1 two of three, cover 3 one of one.
    weights = np.array([[2, 1, 0, 1, 1]], np.uint8)
    np.testing.assert_allclose(genre_purity(neighbors, genres, weights, classes=2), [[(2 * 1 + 2 / 3) / 3, 1]])


def test_expected_purity_is_the_share_among_covers_outside_the_own_group():
    genres, groups = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 2, 3, 4])
    expected = expected_purity(genres, groups, classes=3)
    np.testing.assert_allclose(expected, [(1 / 3 + 1 / 3 + 2 / 4) / 3, 1 / 4, np.nan])


def test_purity_of_random_neighbours_is_the_expected_one():
    rng = np.random.default_rng(0)
    codes, groups = rng.integers(3, size=400), np.arange(400) // 2 * 2
    rows, _ = neighbor_graph(rng.normal(size=(400, 40)).astype(np.float32), groups, k=100)
    found = genre_purity(rows, codes[None], once(400), classes=3)[0]
    np.testing.assert_allclose(found, expected_purity(codes, groups, classes=3), atol=0.02)


def test_neighbours_of_the_own_group_are_passed_over():
    rows = np.array([[1, 2, 3], [0, 3, 2], [3, 0, 1], [2, -1, -1]])
    found = independent_neighbors(rows, np.array([0, 0, 2, 3]), k=2)
    np.testing.assert_array_equal(found, [[2, 3], [3, 2], [3, 0], [2, -1]])


def test_silhouettes_equal_scikit_learns():
    vectors, codes = gaussians(apart=0.5)
    vectors[5] = 0
    vectors[8] = vectors[9]
    found = silhouettes(normalize(vectors.astype(np.float64)), codes, classes=3)
    np.testing.assert_allclose(found, metrics.silhouette_samples(vectors, codes, metric="cosine"), atol=1e-7)


def test_weighted_silhouette_is_that_of_repeated_covers():
    vectors, codes = gaussians(apart=1, n=20)
    unit = normalize(vectors.astype(np.float64))
    weights = np.random.default_rng(0).integers(0, 4, size=(3, 60)).astype(np.uint8)
    found = genre_silhouette(unit, np.broadcast_to(codes, weights.shape), weights, classes=3)
    for row, often in zip(found, weights, strict=True):
        drawn = np.repeat(np.arange(60), often)
        distances = 1 - unit[drawn] @ unit[drawn].T
        copies = drawn[:, None] == drawn  # copies of a cover are no neighbours of it
        to_genre = np.stack([_mean(distances, (codes[drawn] == genre) & ~copies) for genre in range(3)])
        own = codes[drawn] == np.arange(3)[:, None]
        a, b = to_genre.T[own.T], np.where(own, np.inf, to_genre).min(axis=0)
        expected = (b - a) / np.maximum(a, b)
        np.testing.assert_allclose(row, [expected[mine].mean() for mine in own], atol=1e-9)


def _mean(values, of):
    return (values * of).sum(axis=1) / of.sum(axis=1)


def test_lone_covers_have_no_silhouette():
    vectors, codes = gaussians(apart=1, n=5)
    codes[0] = 3
    found = genre_silhouette(normalize(vectors), codes[None], once(15), classes=5)[0]
    assert np.isfinite(found[:3]).all()
    assert np.isnan(found[3:]).all()
    assert np.isnan(genre_silhouette(normalize(vectors), np.zeros((1, 15), int), once(15), classes=1)).all()


def test_auc_equals_scikit_learns_with_ties_and_weights():
    rng = np.random.default_rng(0)
    target = rng.random(200) < 0.3
    scores = np.round(rng.normal(size=200) + target, 1)
    weights = rng.integers(0, 4, size=(5, 200)).astype(np.uint8)
    found = auc(scores, target, np.zeros(200, int), weights)
    expected = [metrics.roc_auc_score(target, scores, sample_weight=row) for row in weights]
    np.testing.assert_allclose(found, expected)


def test_auc_compares_within_folds_only():
    rng = np.random.default_rng(0)
    target, fold = rng.random(200) < 0.3, rng.integers(4, size=200)
    scores = rng.normal(size=200) + target
    per_fold = [metrics.roc_auc_score(target[fold == f], scores[fold == f]) for f in range(4)]
    pairs = [np.sum(target[fold == f]) * np.sum(~target[fold == f]) for f in range(4)]
    assert auc(scores, target, fold, once(200))[0] == pytest.approx(np.average(per_fold, weights=pairs))
    shifted = auc(scores + 10 * fold, target, fold, once(200))[0]
    assert shifted == pytest.approx(np.average(per_fold, weights=pairs))
    assert np.isnan(auc(scores, np.zeros(200, bool), fold, once(200))[0])


def test_folds_keep_groups_whole_and_share_out_genres():
    rng = np.random.default_rng(0)
    groups = np.sort(rng.integers(0, 300, size=400))
    genres = np.array([0, 1, 1, 1, 2])[groups % 5]
    fold = deal_folds(genres, groups, folds=5, seed=1)
    assert all(len(set(fold[groups == group])) == 1 for group in np.unique(groups))
    share = metrics.cluster.contingency_matrix(genres, fold) / np.bincount(genres)[:, None]
    assert share.min() > 0.15
    assert share.max() < 0.25


def test_scores_are_those_of_a_probe_that_has_not_seen_the_fold():
    vectors, codes = gaussians(apart=1)
    target, fold = codes == 0, np.arange(180) % 3
    scores = out_of_fold_scores(vectors, target[:, None], fold)[:, 0]
    scaled = _standardize(vectors, like=vectors[fold != 1])
    probe = LogisticRegression(class_weight="balanced", tol=1e-8, max_iter=1000).fit(
        scaled[fold != 1], target[fold != 1]
    )
    assert np.corrcoef(scores[fold == 1], probe.decision_function(scaled[fold == 1]))[0, 1] > 0.9999
    one_sided = out_of_fold_scores(vectors, (np.arange(180) == 1)[:, None], fold)[:, 0]
    assert np.isnan(one_sided[fold == 1]).all()
    assert np.isfinite(one_sided[fold != 1]).all()


@pytest.mark.parametrize(("genres", "kinds"), [(4, 6), (1, 3), (3, 1), (1, 1)])
def test_agreement_equals_scikit_learns(genres, kinds):
    rng = np.random.default_rng(genres)
    codes, clusters = rng.integers(genres, size=150), rng.integers(kinds, size=150) - 1
    tables = contingency(codes[None], clusters, once(150))
    found = agreement(tables, expected_information=chance_information(tables[0]))[0]
    reference = {
        "ari": metrics.adjusted_rand_score,
        "ami": metrics.adjusted_mutual_info_score,
        "homogeneity": metrics.homogeneity_score,
        "completeness": metrics.completeness_score,
        "v_measure": metrics.v_measure_score,
    }
    np.testing.assert_allclose(found, [reference[name](codes, clusters) for name in SCORES], atol=1e-9)


def test_bootstrap_draws_whole_groups_and_keeps_the_genres_sizes():
    genres, groups = np.repeat([0, 1], [60, 40]), np.arange(100)
    groups[10:14] = 10
    weights = bootstrap_weights(genres, groups, resamples=500, seed=1)
    assert (weights[:, 10:14] == weights[:, 10:11]).all()
    assert (weights[:, 60:].sum(axis=1) == 40).all()
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.2)
    assert weights[:, 0].var() == pytest.approx(1, abs=0.2)


def test_interval_covers_the_truth_in_95_of_100_cases():
    rng = np.random.default_rng(2)
    covered = 0
    for simulation in range(200):
        group_values = rng.random(80) < 0.3
        groups = np.repeat(np.arange(80), rng.integers(1, 4, size=80))
        values = group_values[groups].astype(float)
        weights = bootstrap_weights(np.zeros(len(groups), int), groups, resamples=300, seed=simulation)
        replicates = (weights @ values / weights.sum(axis=1))[:, None]
        low, high = interval(np.array([values.mean()]), replicates)
        covered += low[0] <= 0.3 <= high[0]
    assert 0.90 <= covered / 200 <= 0.99


def test_interval_takes_off_the_bias_and_stays_in_range():
    spread = np.random.default_rng(0).normal(0, 0.1, size=(1000, 1))
    low, high = interval(np.array([2.0]), 2.2 + spread)
    np.testing.assert_allclose([low[0], high[0]], [2 - 0.196, 2 + 0.196], atol=0.02)
    low, high = interval(np.array([0.95]), np.clip(0.9 + spread, 0, 1))
    assert low[0] < 0.9
    assert high[0] == 1
    assert np.isnan(interval(np.array([0.5]), np.empty((0, 1)))).all()


def test_purity_intervals_cover_the_truth():
    found = []
    for seed in range(60):
        vectors, codes = gaussians(apart=2, n=50, classes=2, d=8, seed=seed)
        rows, _ = neighbor_graph(vectors, np.arange(100), k=10)
        genres = resample(codes, np.arange(100), resamples=200, permutations=0, seed=seed)
        values, replicates, _ = (genre_purity(rows, *variant, classes=2) for variant in genres.variants)
        low, high = interval(values[0], replicates)
        found.append((values[0, 0], low[0], high[0]))
    values, low, high = np.array(found).T
    assert ((low <= values.mean()) & (values.mean() <= high)).mean() >= 0.88
    assert (high - low).mean() < 5.5 * values.std()


def test_permutations_swap_whole_groups_of_equal_size():
    genres = np.array([0, 1, 2, 2, 0, 1, 1, 1, 2, 0])
    groups = np.array([0, 1, 2, 2, 4, 4, 6, 6, 8, 9])
    permuted = permuted_genres(genres, groups, permutations=300, seed=1)
    assert (np.sort(permuted) == np.sort(genres)).all()
    pairs = {tuple(row[at]) for row in permuted for at in ([2, 3], [4, 5], [6, 7])}
    assert pairs == {(2, 2), (0, 1), (1, 1)}
    assert {tuple(row[[0, 1, 8, 9]]) for row in permuted} >= {(0, 1, 2, 0), (2, 1, 0, 0), (0, 0, 1, 2)}


def test_p_values_count_what_happened():
    observed, chance = np.array([3.0, 0.5, np.nan]), np.arange(9.0)[:, None] * [0.25, 0.25, 1]
    np.testing.assert_allclose(permutation_p_values(observed, chance), [0.1, 0.8, np.nan])


def test_benjamini_hochberg_equals_scipys():
    p_values = np.random.default_rng(0).random(20) ** 3
    np.testing.assert_allclose(benjamini_hochberg(p_values), false_discovery_control(p_values))
    with_gap = np.insert(p_values, 7, np.nan)
    np.testing.assert_allclose(np.delete(benjamini_hochberg(with_gap), 7), false_discovery_control(p_values))


@pytest.fixture(scope="module")
def under_chance():
    """p-values of purity, silhouette and probe in 200 collections of 60 covers, a third in pairs, of genres alike."""
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        groups = np.arange(60)
        groups[1:20:2] = groups[0:20:2]
        vectors = (rng.normal(size=(60, 10))[groups] + 0.1 * rng.normal(size=(60, 10))).astype(np.float32)
        codes = rng.permutation(np.arange(60) % 2)[groups]
        genres = resample(codes, groups, resamples=0, permutations=39, seed=seed)
        unit, p_values = normalize(vectors), []
        rows = independent_neighbors(np.argsort(-unit @ unit.T, axis=1), groups, k=8)
        for statistic, material in ((genre_purity, rows), (genre_silhouette, unit)):
            value, _, chance = (statistic(material, *variant, classes=2) for variant in genres.variants)
            p_values.append(permutation_p_values(value[0], chance)[0])
        fold = deal_folds(codes, groups, folds=5, seed=seed)
        target = codes == 0
        scores = out_of_fold_scores(vectors, target[:, None], fold)[:, 0]
        p_values.append(auc_p_value(auc(scores, target, fold, once(60))[0], target, fold, groups))
        found.append(p_values)
    return np.array(found)


def test_permutation_p_values_are_uniform_where_genres_are_alike(under_chance):
    for p_values in under_chance[:, :2].T:
        jittered = p_values - np.random.default_rng(0).random(200) / 40  # they come in steps of 1 / 40
        assert kstest(jittered, "uniform").pvalue > 0.01


def test_probe_p_values_are_not_too_small_where_genres_are_alike(under_chance):
    p_values = under_chance[:, 2]
    assert (p_values < 0.05).mean() <= 0.08
    assert kstest(p_values, "uniform", alternative="greater").pvalue > 0.01


def test_genres_far_apart_are_told_apart():
    table = measured(*gaussians(apart=8))
    for metric, at_least in {"purity": 0.99, "silhouette": 0.6, "auc": 0.99}.items():
        for genre in (None, "genre 0", "genre 1", "genre 2"):
            assert value(table, metric, genre) > at_least
    assert value(table, "lift") == pytest.approx(179 / 59, abs=0.05)
    assert value(table, "auc", "genre 0", "genre 2") > 0.99
    assert (table[table.genre.notna() & (table.metric != "lift")].p_adjusted < 0.05).all()
    for score in SCORES:
        assert value(table, score) == pytest.approx(1)
        assert value(table, score, column="p_value") < 0.01
    assert not table.duplicated(["metric", "genre", "other_genre"]).any()


def test_genres_alike_are_not():
    table = measured(*gaussians(apart=0))
    assert value(table, "purity") == pytest.approx(1 / 3, abs=0.06)
    assert value(table, "lift") == pytest.approx(1, abs=0.15)
    assert value(table, "auc") == pytest.approx(0.5, abs=0.1)
    tested = table[table.genre.notna() & (table.metric != "lift")]
    assert (tested.p_adjusted > 0.05).all()
    assert (table.low <= table.value).all()
    assert (table.value <= table.high).all()


def test_duplicates_of_one_genre_are_no_evidence():
    """Covers in fives of one genre, near-duplicates, but the genres alike: five times too sure if counted singly."""
    rng = np.random.default_rng(0)
    groups = np.arange(300) // 5 * 5
    vectors = (rng.normal(size=(300, 16))[groups] + 0.05 * rng.normal(size=(300, 16))).astype(np.float32)
    codes = groups // 5 % 3
    table = measured(vectors, codes, groups)
    assert value(table, "purity") == pytest.approx(1 / 3, abs=0.1)
    assert (table[(table.metric.isin(["purity", "auc"])) & table.genre.notna()].p_adjusted.dropna() > 0.05).all()
    assert value(measured(vectors, codes), "purity") > 0.45


def test_small_genres_are_measured_as_far_as_they_go():
    vectors, codes = gaussians(apart=3)
    codes[:9], codes[9] = 3, 4
    table = measured(vectors, codes)
    assert np.isfinite(value(table, "purity", "genre 3"))
    assert np.isnan(value(table, "auc", "genre 3"))
    assert np.isnan(value(table, "auc", "genre 1", "genre 3"))
    for metric in ("purity", "lift", "silhouette", "auc"):
        assert np.isnan(value(table, metric, "genre 4"))
        assert np.isfinite(value(table, metric))
    assert len(table[table.other_genre.notna()]) == 10


@pytest.mark.parametrize("codes", [[0] * 12, [0, 1], [0]])
def test_next_to_nothing_is_measured_without_an_error(codes):
    vectors = np.random.default_rng(0).normal(size=(len(codes), 4)).astype(np.float32)
    table = measured(vectors, np.array(codes))
    assert np.isnan(value(table, "auc"))


def test_the_same_seed_gives_the_same_table():
    vectors, codes = gaussians(apart=1, n=30)
    first, second = (measured(vectors, codes) for _ in range(2))
    assert first.equals(second)


def test_separability_is_stored_and_found_again(embedded, monkeypatch):
    workspace, embedding = embedded
    neighbors = build_neighbors(workspace, embedding)
    clustering = cluster(workspace, neighbors)
    run = measure_separability(workspace, neighbors, clustering, resamples=100, permutations=100)
    table = read_metrics(workspace, run)
    assert set(table.genre.dropna()) == {"Folk", "Jazz", "Pop"}
    assert run.results["auc"] == pytest.approx(value(table, "auc"))
    assert run.results["covers"] == 119
    assert value(table, "auc", "Folk", "Pop") > 0.9
    monkeypatch.setattr("analysis.separability.separability.separability", None)
    assert measure_separability(workspace, neighbors, clustering, resamples=100, permutations=100) == run
