"""Planted: genres told by the confound only, by shape only, by neither; and figures held against scikit-learn's."""

import numpy as np
import pandas as pd
import pytest

from analysis.behind.controls import residuals
from analysis.behind.controls.accounting import account, held_out, purities
from analysis.behind.controls.paired import difference_rows, separabilities, value_rows
from analysis.behind.controls.residuals import divisions, errors, held_out_scores, left_scores
from analysis.separability.pure.evidence import Evidence, gather
from analysis.separability.pure.measures import separability_rows
from analysis.separability.pure.probes import probe_scores
from data.grouping.folds import deal_folds

SIZE = 60


def evidence_of(codes, groups=None, *, resamples=200) -> Evidence:
    groups = np.arange(len(codes)) if groups is None else groups
    fold = np.stack([deal_folds(codes, groups, folds=5, seed=repeat) for repeat in range(2)])
    names = np.array(["colour only", "shape only", "neither", "none"])[codes]
    return gather(names, groups, fold, folds=5, resamples=resamples, permutations=0, seed=1)


@pytest.fixture(scope="module")
def planted():
    """Confound: tells 'colour only'. Embedding: sees the confound through four columns, and tells 'shape only'."""
    dice, codes = np.random.default_rng(3), np.repeat([0, 1, 2], SIZE)
    confound, shape = dice.normal(size=(2, len(codes), 6))
    confound[:, 0] += 4 * (codes == 0)
    shape[:, 1] += 4 * (codes == 1)
    seen = confound @ dice.normal(size=(6, 4)) + 0.1 * dice.normal(size=(len(codes), 4))
    vectors = np.hstack([shape, seen]).astype(np.float32)
    evidence = evidence_of(codes)
    levels = np.arange(len(codes)) % 20
    return evidence, vectors, confound, account(evidence, vectors, confound, levels=levels)


def value(rows: pd.DataFrame, metric: str, genre: str | None = None, column: str = "value") -> float:
    own = rows.genre.isna() if genre is None else rows.genre == genre
    return rows[(rows.metric == metric) & own][column].item()


def test_of_a_genre_told_by_the_confound_nothing_is_left(planted):
    rows = planted[-1]
    assert value(rows, "separability", "colour only") > 0.8
    assert value(rows, "alone", "colour only") > 0.9
    assert value(rows, "adds", "colour only", "p_adjusted") > 0.05
    assert value(rows, "left", "colour only") < 0.5 < value(rows, "lost", "colour only") + 0.2


def test_of_a_genre_told_by_shape_all_is_left(planted):
    rows = planted[-1]
    assert value(rows, "left", "shape only") > 0.9
    assert abs(value(rows, "lost", "shape only")) < 0.1
    assert value(rows, "adds", "shape only", "p_adjusted") < 0.01
    assert value(rows, "difference", "shape only", "low") > 0


def test_levels_that_say_nothing_may_be_held_out(planted):
    rows = planted[-1]
    assert value(rows, "held_out", "shape only") > 0.9
    assert value(rows, "held_out_lost", column="low") < 0 < value(rows, "held_out_lost", column="high")


def test_what_is_told_of_the_confound_is_r2(planted):
    from sklearn.linear_model import Ridge
    from sklearn.metrics import r2_score

    evidence, vectors, confound, rows = planted
    test = evidence.fold[0] == 0
    own, other = residuals.standardized(vectors, ~test, test)
    alpha = residuals_ridge(own)
    said = Ridge(alpha=alpha).fit(own, confound[~test]).predict(other)
    missed, spread = (part[test] for part in errors(vectors, confound, evidence.fold[0]))
    assert missed == pytest.approx(((confound[test] - said) ** 2).sum(axis=1), rel=1e-3)
    assert 0 < value(rows, "explained") < 1
    assert value(rows, "explained", column="low") < value(rows, "explained") < value(rows, "explained", column="high")
    assert r2_score(confound[test], said) == pytest.approx(1 - missed.sum() / spread.sum(), abs=0.2)


def residuals_ridge(training: np.ndarray) -> float:
    from analysis.separability.pure.probes import RIDGE

    return RIDGE * training.shape[1] * float((training**2).mean())


def test_values_are_those_of_separability(planted):
    evidence, vectors, *_ = planted
    scores = [probe_scores(vectors, evidence.codes, fold, classes=3) for fold in evidence.fold]
    own = value_rows(evidence, "separability", separabilities(evidence, scores))
    whole = separability_rows(evidence, vectors)[0]
    expected = whole[whole.other_genre.isna()]
    np.testing.assert_allclose(own[["value", "low", "high"]], expected[["value", "low", "high"]], atol=1e-6)


def test_a_p_value_agrees_with_its_interval():
    dice = np.random.default_rng(0)
    evidence = evidence_of(np.repeat([0, 1, 2], 30))
    for scale in (0.02, 0.1, 0.3):
        a, b = (0.1 * dice.normal(size=3) + scale * dice.normal(size=(201, 3)) for _ in range(2))
        for rows in (value_rows(evidence, "x", np.clip(a, -1, 1)), difference_rows(evidence, "x", a, b)):
            outside = (rows.low > 0) | (rows.high < 0)
            assert ((rows.p_value < 0.05) == outside).all()


def test_a_side_beside_itself_differs_in_nothing_but_is_not_certain(planted):
    evidence, *_ = planted
    same = np.full((201, 3), 0.5)
    rows = difference_rows(evidence, "x", same, same)
    assert (rows.value == 0).all()
    assert (rows.p_value > 0.99).all()
    assert (rows.high - rows.low > 0.001).all()


def test_what_is_regressed_out_is_least_squares_on_the_others():
    from sklearn.linear_model import LinearRegression

    dice = np.random.default_rng(1)
    confound = dice.normal(size=(120, 3))
    training, tested = dice.normal(size=(100, 5)).astype(np.float32), dice.normal(size=(20, 5)).astype(np.float32)
    rest = np.arange(120) < 100
    own, other = residuals.directions(confound, np.arange(120), rest, ~rest)
    fitted = LinearRegression(fit_intercept=False).fit(confound[rest] - confound[rest].mean(axis=0), training)
    left, new = residuals._without(training, tested, own, other)
    assert left == pytest.approx(training - fitted.predict(confound[rest] - confound[rest].mean(axis=0)), abs=1e-4)
    assert new == pytest.approx(tested - fitted.predict(confound[~rest] - confound[rest].mean(axis=0)), abs=1e-4)


def test_a_wide_confound_is_taken_by_its_widest_directions():
    wide = np.random.default_rng(1).normal(size=(60, 40)) * np.linspace(3, 0.1, 40)
    rest = np.arange(60) < 50
    for groups, columns in ((np.arange(60), 5), (np.arange(60) // 5, 1)):
        own, _ = residuals.directions(wide, groups, rest, ~rest)
        assert own.shape == (50, columns)
        assert own.T @ own == pytest.approx(np.eye(columns), abs=1e-9)


def test_nobody_trains_who_shares_a_group_with_the_tested():
    groups, fold = np.array([0, 0, 1, 1, 2, 2, 3]), np.array([0, 1, 0, 0, 1, 1, -1])
    for test, rest in divisions(fold, groups):
        assert not set(groups[test]) & set(groups[rest])
        assert not test[-1]
        assert rest[-1]


def test_a_house_style_does_not_survive_its_label():
    """Each label has a palette of its own and belongs to one genre: told in ordinary folds, not of a new label."""
    dice, covers = np.random.default_rng(2), 8
    label = np.repeat(np.arange(30), covers)
    codes = label % 3
    styles = 3 * dice.normal(size=(30, 24))
    vectors = (styles[label] + dice.normal(size=(len(label), 24))).astype(np.float32)
    evidence = evidence_of(codes)
    ordinary = separabilities(
        evidence, [probe_scores(vectors, evidence.codes, fold, classes=3) for fold in evidence.fold]
    )
    kept = held_out(evidence, vectors, label)
    assert ordinary[0].min() > 0.6
    assert kept[0].max() < 0.45
    rows = difference_rows(evidence, "held_out_lost", ordinary, kept)
    assert (rows.low > 0).all()


def test_a_genre_of_one_level_is_not_measured_without_it(planted):
    evidence, vectors, *_ = planted
    found = held_out(evidence, vectors, evidence.codes)
    assert np.isnan(found).all()
    rows = value_rows(evidence, "held_out", found)
    assert rows[["value", "low", "high", "p_value"]].isna().all(axis=None)


@pytest.mark.parametrize("codes", [np.zeros(12, int), np.array([0] * 11 + [1])])
def test_one_genre_and_one_cover_are_not_measured(codes):
    evidence = evidence_of(codes, resamples=20)
    vectors = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
    rows = account(evidence, vectors, vectors[:, :2], levels=np.arange(12) % 2)
    assert rows[(rows.metric == "left") & (rows.genre == "shape only")].value.isna().all()
    assert rows[rows.metric == "difference"].p_adjusted.isna().any()


def test_purities_are_those_of_separability(planted):
    from analysis.separability.pure.measures import purity_rows

    evidence, *_ = planted
    lists = np.random.default_rng(0).integers(len(evidence.codes), size=(len(evidence.codes), 5))
    table = purity_rows(evidence, lists)
    assert purities(evidence, lists)[0] == pytest.approx(
        table[(table.metric == "purity_above_chance") & table.genre.notna()].value.to_numpy()
    )


def test_left_scores_are_not_below_chance_where_nothing_is():
    """Regressed out on all covers at once, 20 columns would take the fold's own noise: far below chance."""
    dice, found = np.random.default_rng(5), []
    for _ in range(12):
        codes = np.repeat([0, 1], 50)
        evidence = evidence_of(codes, resamples=2)
        confound, vectors = dice.normal(size=(100, 8)), dice.normal(size=(100, 6)).astype(np.float32)
        confound[:, 0] += codes
        scores = [left_scores(vectors, confound, codes, evidence.groups, fold, classes=2) for fold in evidence.fold]
        found.append(separabilities(evidence, scores)[0].mean())
    assert abs(np.mean(found)) < 0.12


def test_held_out_scores_are_probe_scores_where_folds_keep_groups_whole(planted):
    evidence, vectors, *_ = planted
    fold = evidence.fold[0]
    found = held_out_scores(vectors, evidence.codes, evidence.groups, fold, classes=3)
    np.testing.assert_allclose(found, probe_scores(vectors, evidence.codes, fold, classes=3), atol=1e-5)
