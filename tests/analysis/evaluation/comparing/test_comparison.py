"""Two classifiers against each other: measures against scikit-learn, swaps by enumeration, verdicts by construction."""

import dataclasses
from itertools import product

import numpy as np
import pytest
from sklearn import metrics

from analysis.evaluation.comparing.aligned import align
from analysis.evaluation.comparing.comparison import compare, compare_all, equal_within, holm, verdict
from analysis.evaluation.comparing.contrasts import contrast
from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scores import score, value_of
from data.errors import GenrescopeError

GENRES = ["Folk", "Jazz", "Pop"]


def predictions_of(truth, probabilities, *, groups=None, title="", cover_ids=None) -> Predictions:
    truth, probabilities = np.asarray(truth), np.asarray(probabilities, dtype=float)
    ids = np.arange(len(truth)) if cover_ids is None else cover_ids
    groups = ids if groups is None else groups
    repeat = np.zeros(len(ids), int)
    return Predictions(ids, repeat, truth, probabilities.argmax(axis=1), probabilities, GENRES, groups, title)


def guesses(rng, truth, skill) -> np.ndarray:
    """Probabilities (m, 3), the better the larger the skill."""
    scores = np.exp(rng.normal(size=(len(truth), 3)) + skill * np.eye(3)[truth])
    return scores / scores.sum(axis=1, keepdims=True)


@pytest.fixture
def pair() -> tuple[Predictions, Predictions]:
    """600 covers of unequal genres in pairs; a is better."""
    rng = np.random.default_rng(3)
    truth = np.repeat(rng.choice(3, size=300, p=[0.5, 0.3, 0.2]), 2)
    groups = np.arange(600) // 2
    sides = [guesses(rng, truth, skill) for skill in (1.8, 1.2)]
    return tuple(predictions_of(truth, side, groups=groups, title=name) for side, name in zip(sides, "ab", strict=True))


def rows_of(table, genre=None):
    chosen = table.genre.isna() if genre is None else table.genre == genre
    return table[chosen].set_index("measure")


def test_measures_equal_scikit_learns(pair):
    table = compare(*pair, flips=100).measures
    for side, column in zip(pair, "ab", strict=True):
        truth, said = side.truth, side.predicted
        found = rows_of(table)[column]
        assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, said))
        assert found.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(truth, said))
        assert found.macro_f1 == pytest.approx(metrics.f1_score(truth, said, average="macro"))
        assert found.log_loss == pytest.approx(metrics.log_loss(truth, side.probabilities))
        own = [metrics.roc_auc_score(truth == code, side.probabilities[:, code]) for code in range(3)]
        assert found.auc == pytest.approx(np.mean(own))
        for code, genre in enumerate(GENRES):
            found = rows_of(table, genre)[column]
            scores = metrics.precision_recall_fscore_support(truth, said, labels=[code])
            assert [found.precision, found.recall, found.f1] == pytest.approx([score[0] for score in scores[:3]])
            assert found.auc == pytest.approx(own[code])
            mine = truth == code
            loss = metrics.log_loss(truth[mine], side.probabilities[mine], labels=[0, 1, 2])
            assert found.log_loss == pytest.approx(loss)
            assert found.predicted_share == pytest.approx(np.mean(said == code))


def test_repeats_count_as_one_cover_each(pair):
    """Three repeats: shares are means over them; AUC is the mean of the repeats' AUCs."""
    rng = np.random.default_rng(5)
    truth = pair[0].truth
    repeats = [[predictions_of(truth, guesses(rng, truth, skill)) for _ in range(3)] for skill in (1.5, 1.0)]
    joined = [repeated(side) for side in repeats]
    found = compare(*(dataclasses.replace(side, folds=5) for side in joined), flips=100)
    assert (found.covers, found.repeats) == (600, 3)
    each = [compare(a, b, flips=10).measures for a, b in zip(*repeats, strict=True)]
    for measure in ("accuracy", "auc", "log_loss", "balanced_accuracy"):
        expected = np.mean([rows_of(table).a[measure] for table in each])
        assert rows_of(found.measures).a[measure] == pytest.approx(expected)
    assert found.overlap.iloc[0][["both_right", "only_a", "only_b", "both_wrong"]].sum() == pytest.approx(600)


def repeated(sides: list[Predictions]) -> Predictions:
    names = ("cover_ids", "truth", "predicted", "probabilities", "groups")
    columns = {name: np.concatenate([getattr(side, name) for side in sides]) for name in names}
    repeat = np.repeat(np.arange(len(sides)), len(sides[0].truth))
    return Predictions(**columns, classes=GENRES, title=sides[0].title, repeat=repeat)


def test_p_values_equal_the_enumeration_of_all_swaps():
    """Seven groups, 128 swaps: scikit-learn on each of them."""
    rng = np.random.default_rng(8)
    truth, groups = np.arange(35) % 3, np.repeat(np.arange(7), 5)
    a, b = (predictions_of(truth, guesses(rng, truth, skill), groups=groups) for skill in (1.6, 0.6))
    table = rows_of(compare(a, b).measures)
    scorers = {
        "accuracy": metrics.accuracy_score,
        "balanced_accuracy": metrics.balanced_accuracy_score,
        "macro_f1": lambda y, p: metrics.f1_score(y, p, average="macro", zero_division=0),
    }
    for measure, scorer in scorers.items():
        swapped = []
        for signs in product([False, True], repeat=7):
            swap = np.array(signs)[groups]
            first, second = np.where(swap, b.predicted, a.predicted), np.where(swap, a.predicted, b.predicted)
            swapped.append(scorer(truth, first) - scorer(truth, second))
        expected = np.mean(np.abs(swapped) >= abs(swapped[0]) - 1e-9)
        assert table.p_value[measure] == expected, measure


def test_variance_of_an_auc_difference_is_delongs():
    """Half of the interval's width over the quantile, against the variance of the placements' differences."""
    rng = np.random.default_rng(11)
    truth = np.arange(900) % 3
    a, b = (predictions_of(truth, guesses(rng, truth, skill)) for skill in (1.2, 1.0))
    mine = truth == 1
    components = []
    for member, others, sign in ((mine, ~mine, 1), (~mine, mine, -1)):
        wins = []
        for side in (a, b):
            scores = sign * side.probabilities[:, 1]
            wins.append((scores[member][:, None] > scores[others]).mean(axis=1))
        components.append(np.var(wins[0] - wins[1]) / member.sum())
    row = rows_of(compare(a, b, flips=10).measures, "Jazz").loc["auc"]
    assert row.high - row.low == pytest.approx(2 * 1.968 * np.sqrt(sum(components)), rel=0.01)


def test_intervals_agree_with_a_paired_bootstrap_of_groups(pair):
    rng = np.random.default_rng(1)
    replicates = []
    for _ in range(2000):
        rows = (2 * rng.integers(300, size=300)[:, None] + [0, 1]).ravel()
        f1 = np.array([f1_by_hand(side.truth[rows], side.predicted[rows]) for side in pair])
        replicates.append([f1[0, 0] - f1[1, 0], f1[0].mean() - f1[1].mean()])
    widths = np.subtract(*np.percentile(replicates, [97.5, 2.5], axis=0))
    table = compare(*pair, flips=10).measures
    found = [rows_of(table, "Folk").loc["f1"], rows_of(table).loc["macro_f1"]]
    assert [row.high - row.low for row in found] == pytest.approx(widths, rel=0.1)


def f1_by_hand(truth, predicted) -> list[float]:
    hits = truth == predicted
    return [2 * (hits & (truth == g)).sum() / ((truth == g).sum() + (predicted == g).sum()) for g in range(3)]


def test_a_doubled_prior_does_not_win_its_genre(pair):
    """It buys recall with precision and calls more covers so; the genre's AUC is what it was."""
    a = pair[0]
    pushed = a.probabilities * [1, 1, 2]
    double = predictions_of(a.truth, pushed / pushed.sum(axis=1, keepdims=True), groups=a.groups)
    found = compare(double, a)
    pop = rows_of(found.measures, "Pop")
    assert pop.difference["recall"] > 0.05
    assert pop.p_adjusted["recall"] < 0.05
    assert pop.difference["precision"] < -0.05
    assert pop.difference["predicted_share"] > 0.05
    assert pop.difference["auc"] == pytest.approx(0, abs=1e-9)
    assert pop.verdict["auc"] == "equal within two points"


def test_groups_that_share_their_fate_are_no_more_evidence(pair):
    """Each group five times over: the same p-value and interval as once; covers on their own would be sure."""
    a, b = (dataclasses.replace(side, groups=np.arange(600)) for side in pair)
    five = [
        predictions_of(np.repeat(side.truth, 5), np.repeat(side.probabilities, 5, axis=0), groups=np.arange(3000) // 5)
        for side in (a, b)
    ]
    once, often = (compare(*sides).measures for sides in ((a, b), five))
    # An AUC's error knows the groups, too.
    for column in ("low", "high", "p_value"):
        assert often[column].to_numpy() == pytest.approx(once[column].to_numpy(), abs=2e-3), column


def test_verdicts():
    assert verdict(0.1, 0.05, 0.15, 0.001) == "A better"
    assert verdict(-0.1, -0.15, -0.05, 0.001) == "B better"
    assert verdict(0.03, -0.01, 0.07, 0.2) == "no difference shown"
    assert verdict(0.002, -0.01, 0.014, 0.7) == "equal within two points"
    assert verdict(0.01, 0.005, 0.015, 0.001) == "equal within two points"
    assert verdict(0.01, 0.005, 0.015, 0.001, margin=0.0) == "A better"
    assert [equal_within(margin) for margin in (0.01, 0.05, 0.025)] == [
        "equal within one point",
        "equal within 5 points",
        "equal within 2.5 points",
    ]


def test_the_better_one_is_found_and_the_same_one_is_equal(pair):
    found = compare(*pair).primary()
    assert found.measure.tolist() == ["balanced_accuracy", "auc", "auc", "auc"]
    assert found.verdict[0] == "A better"
    assert compare(*pair[::-1]).primary().verdict[0] == "B better"
    same = compare(pair[0], pair[0])
    assert (same.measures.p_value == 1).all()
    assert (same.measures.low < 0).all()
    assert (same.measures.high > 0).all()
    assert same.primary().verdict[0] == "equal within two points"
    assert same.overlap.agreement.tolist() == [1, 1, 1, 1]


def test_folds_widen_intervals_and_p_values(pair):
    of_five, of_two = ([dataclasses.replace(side, folds=folds) for side in pair] for folds in (5, 2))
    fitted, anew = compare(*pair).measures, compare(*of_five).measures
    widths = [(table.high - table.low).to_numpy() for table in (fitted, anew)]
    assert (widths[1] > 1.1 * widths[0]).all()
    assert (anew.p_value >= fitted.p_value).all()
    assert "fitted anew" in compare(*of_five, flips=10).holds()
    assert compare(of_five[0], of_two[1], flips=10).folds == 2


def test_out_of_fold_is_not_compared_with_a_hold_out(pair):
    """Nor does one such pair among others slip into the table of all pairs."""
    a, b = pair
    of_five = [dataclasses.replace(side, folds=5) for side in pair]
    for sides in ((of_five[0], b), (a, of_five[1])):
        with pytest.raises(GenrescopeError, match=r"'a' and 'b' cannot be compared.*train both with the same --split"):
            compare(*sides, flips=10)
    with pytest.raises(GenrescopeError, match="cannot be compared"):
        compare_all([*of_five, b], flips=10)


@pytest.mark.parametrize(("groups", "too_few"), [(3, True), (19, True), (20, False)])
def test_a_genre_of_a_few_groups_gets_no_verdict(groups, too_few):
    rng = np.random.default_rng(2)
    truth = np.append(np.arange(200) % 2, [2] * groups)
    a, b = (predictions_of(truth, guesses(rng, truth, skill)) for skill in (2, 1))
    found = compare(a, b)
    assert (found.primary().set_index("genre").verdict["Pop"] == "too few covers") == too_few
    assert (found.measures[found.measures.genre == "Pop"].p_adjusted.isna()).all() == too_few


def test_a_genre_of_one_cover_leaves_equality_open():
    """Of two genres of 3,000 it is known within two points; with a third one of a single cover the mean is not."""
    rng = np.random.default_rng(6)
    truth = np.append(np.arange(6000) % 2, 2)
    a, b = (predictions_of(truth, guesses(rng, truth, 1.5)) for _ in "ab")
    two = [side_of(side, truth < 2) for side in (a, b)]
    assert compare(*two, margin=0.05, flips=200).primary().verdict[0] == "equal within 5 points"
    found = compare(a, b, margin=0.05, flips=200).primary().iloc[0]
    assert found.verdict == "no difference shown"
    assert found.high - found.low > 0.3


def side_of(side: Predictions, rows: np.ndarray) -> Predictions:
    names = ("cover_ids", "repeat", "truth", "predicted", "probabilities", "groups")
    return dataclasses.replace(side, **{name: getattr(side, name)[rows] for name in names})


def test_too_few_covers_over_all_are_too_few_among_others(pair):
    few = [side_of(side, side.groups < 5) for side in pair]
    assert compare(*few).primary().verdict[0] == "too few covers"
    assert compare_all([*few, few[0]]).verdict.unique().tolist() == ["too few covers"]


def test_macro_f1_is_one_figure_in_scores_and_comparison(pair):
    """Also where a genre is only predicted, which counts in neither."""
    without = [side_of(side, side.truth != 2) for side in pair]
    found = rows_of(compare(*without, flips=10).measures).loc["macro_f1"]
    for side, value in zip(without, (found.a, found.b), strict=True):
        assert value == pytest.approx(value_of(score(side, resamples=0), "macro_f1")[0])
        assert (side.predicted == 2).any()


def test_holm_by_hand(pair):
    """Sorted 0.01, 0.02, 0.03, 0.4 times 4, 3, 2, 1, never falling, at most 1."""
    assert holm(np.array([0.03, 0.01, 0.4, 0.02])) == pytest.approx([0.06, 0.04, 0.4, 0.06])
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1, 1])
    recalls = compare(*pair).measures.query("measure == 'recall'")
    assert recalls.p_adjusted.tolist() == pytest.approx(by_definition(recalls.p_value.tolist()))


def by_definition(p_values: list[float]) -> list[float]:
    """Holm's definition word for word: each p times the number of p-values not smaller, at least its predecessor's."""
    ranked = sorted(p_values)
    steps = [min(1, (len(ranked) - i) * p) for i, p in enumerate(ranked)]
    return [max(steps[: ranked.index(p) + 1]) for p in p_values]


def test_overlap_by_hand():
    eye = np.eye(3)
    a = predictions_of([0, 0, 1, 1, 2], eye[[0, 0, 1, 0, 0]])
    b = predictions_of([0, 0, 1, 1, 2], eye[[0, 1, 1, 1, 0]])
    table = compare(a, b).overlap
    assert list(table.genre) == [None, *GENRES]
    assert table.covers.tolist() == [5, 2, 2, 1]
    assert table.both_right.tolist() == [2, 1, 1, 0]
    assert table.only_a.tolist() == [1, 1, 0, 0]
    assert table.only_b.tolist() == [1, 0, 1, 0]
    assert table.both_wrong.tolist() == [1, 0, 0, 1]
    assert table.agreement.tolist() == pytest.approx([0.6, 0.5, 0.5, 1])
    assert table.oracle.tolist() == pytest.approx([0.8, 1, 1, 0])
    assert table.kappa[0] == pytest.approx(metrics.cohen_kappa_score(a.predicted, b.predicted))


def test_matrix_difference_cell_by_cell(pair):
    a, b = pair
    table = compare(a, b).matrix
    expected = [metrics.confusion_matrix(s.truth, s.predicted, normalize="true").ravel() for s in (a, b)]
    assert table.a.to_numpy() == pytest.approx(expected[0])
    assert table.difference.to_numpy() == pytest.approx(expected[0] - expected[1])
    assert (table.low < table.difference).all()
    assert (table.difference < table.high).all()
    diagonal = table[table.genre == table.predicted]
    assert diagonal.p_adjusted.min() < 0.05
    recalls = compare(a, b).measures.query("measure == 'recall'")
    assert (diagonal.p_adjusted.to_numpy() >= recalls.p_value.to_numpy()).all()


def test_all_pairs(pair):
    a, b = pair
    c = dataclasses.replace(a, title="c")
    table = compare_all([a, b, c])
    assert list(zip(table.a, table.b, strict=True)) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert table.p_adjusted.tolist() == pytest.approx(by_definition(table.p_value.tolist()))
    assert table.verdict.tolist() == ["A better", "equal within two points", "B better"]


def test_only_what_both_judged_counts(pair):
    a, b = pair
    later = dataclasses.replace(b, cover_ids=b.cover_ids + 450, groups=b.groups + 225, truth=np.roll(b.truth, -450))
    same = dataclasses.replace(a, classes=["Folk", "Jazz", "Pop"])
    found = compare(same, later, flips=10)
    assert found.covers == 150
    with pytest.raises(GenrescopeError, match=r"no cover was judged by both 'a' and 'b'.*same --split"):
        compare(a, dataclasses.replace(b, cover_ids=b.cover_ids + 600))


def test_genres_that_only_one_knows_are_lined_up():
    rng = np.random.default_rng(4)
    truth = np.arange(60) % 2
    a = predictions_of(truth * 2, guesses(rng, truth * 2, 1.5))
    two = guesses(rng, truth * 2, 1.5)[:, [0, 2]]
    b = dataclasses.replace(
        predictions_of(truth, two), classes=["Folk", "Pop"], probabilities=two / two.sum(axis=1, keepdims=True)
    )
    both = align(a, b)
    assert both.classes == GENRES
    assert np.array_equal(both.a.truth, both.b.truth)
    assert (both.b.probabilities[:, 1] == 0).all()
    assert compare(a, b).measures.genre.dropna().unique().tolist() == ["Folk", "Pop"]


def test_groups_are_what_either_side_joins(pair):
    a, b = pair
    loose = dataclasses.replace(b, groups=np.arange(600))
    assert compare(a, loose, flips=10).groups == 300
    found = contrast(align(a, loose).a, align(a, loose).b, flips=10, seed=1, inflation=1.0)
    assert found.groups == 300
