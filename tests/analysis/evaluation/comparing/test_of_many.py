"""Comparisons of many genres: what the dense ones say, but for the cells, and what going through all swaps says."""

from dataclasses import replace
from itertools import product

import numpy as np
from sklearn import metrics

from analysis.evaluation.comparing.contrasts import Outputs, contrast
from analysis.evaluation.comparing.of_many import contrast_of_many


def outputs(seed: int, *, covers: int = 90, classes: int = 7, repeats: int = 2) -> Outputs:
    dice = np.random.default_rng(seed)
    truth = np.tile(np.arange(covers) % (classes - 1), repeats)  # the last genre never occurs
    scores = dice.normal(size=(len(truth), classes))
    scores[np.arange(len(truth)), truth] += 1
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    cover = np.tile(np.arange(covers), repeats)
    repeat = np.repeat(np.arange(repeats), covers)
    return Outputs(truth, shares.argmax(axis=1), shares, repeat, cover // 2, np.full(len(truth), 1 / repeats))


def test_all_but_the_cells_are_the_same():
    a, b = outputs(1), outputs(2)
    dense = contrast(a, b, flips=200, seed=3, inflation=1.3)
    sparse = contrast_of_many(a, b, flips=200, seed=3, inflation=1.3)
    rows = [dense.names.index(name) for name in sparse.names]
    assert {name for i, (name, *_) in enumerate(dense.names) if i not in rows} == {"cell"}
    assert len(rows) == len(set(rows))
    for name in ("a", "b", "low", "high"):
        assert np.allclose(getattr(dense, name)[rows], getattr(sparse, name), atol=1e-12), name
    assert np.array_equal(dense.p_value[rows], sparse.p_value)
    assert dense.groups == sparse.groups == 45


def measured(side: Outputs, genres: int) -> dict[tuple[str, int | None], float]:
    """Scikit-learn's figures of covers judged once, the weights being the covers'."""
    truth, said, weight = side.truth, side.predicted, side.weight
    found: dict[tuple[str, int | None], float] = {("accuracy", None): metrics.accuracy_score(truth, said)}
    losses = -np.log(side.probabilities[np.arange(len(truth)), truth])
    found["log_loss", None] = np.average(losses, weights=weight)
    codes = list(range(genres))
    rows = metrics.precision_recall_fscore_support(truth, said, labels=codes, zero_division=0)[:3]
    for name, values in zip(("precision", "recall", "f1"), rows, strict=True):
        found |= {(name, code): float(values[code]) for code in codes}
    for code in codes:
        found["log_loss", code] = losses[truth == code].mean()
        found["predicted_share", code] = (said == code).mean()
    found["balanced_accuracy", None], found["macro_f1", None] = (rows[place].mean() for place in (1, 2))
    return found


def test_values_and_p_values_are_those_of_going_through_every_swap():
    """Eight groups of three covers, which change places in 256 ways; one side never says the last genre."""
    truth, group = np.arange(24) % 4, np.arange(24) // 3
    dice = np.random.default_rng(4)
    sides = []
    for skill in (1.5, 0.2):
        scores = np.exp(dice.normal(size=(24, 4)) + skill * np.eye(4)[truth])
        scores[:, 3] *= 1 if skill > 1 else 1e-3
        shares = scores / scores.sum(axis=1, keepdims=True)
        sides.append(Outputs(truth, shares.argmax(axis=1), shares, 0 * truth, group, np.ones(24)))
    a, b = sides
    found = contrast_of_many(a, b, flips=256, seed=0, inflation=1.2)
    swapped = []
    for way in product([False, True], repeat=8):
        turned = np.array(way)[group]
        first, second = (
            replace(
                one,
                predicted=np.where(turned, other.predicted, one.predicted),
                probabilities=np.where(turned[:, None], other.probabilities, one.probabilities),
            )
            for one, other in ((a, b), (b, a))
        )
        own, others = measured(first, 4), measured(second, 4)
        swapped.append({name: own[name] - others[name] for name in own})
    expected = [measured(side, 4) for side in sides]
    place = {(name, genre): i for i, (name, genre, _) in enumerate(found.names)}
    assert expected[1]["precision", 3] == 0, "0 / 0"
    assert len(expected[0]) == len(place) - 5, "all but the AUCs"
    for name, i in place.items():
        if name[0] != "auc":
            np.testing.assert_allclose([found.a[i], found.b[i]], [side[name] for side in expected], atol=1e-9)
            difference = expected[0][name] - expected[1][name]
            reached = np.mean([abs(way[name]) >= abs(difference) / 1.2 - 1e-9 for way in swapped])
            assert found.p_value[i] == reached, name


def test_auc_counts_ties_half_and_swaps_what_each_group_adds():
    """Probabilities in tenths, covers of a group beside each other in neither order nor number."""
    dice = np.random.default_rng(5)
    truth, group = np.repeat([0, 1, 2], [3, 20, 7]), dice.permutation(np.arange(30) % 9)
    a, b = (
        Outputs(truth, shares.argmax(axis=1), shares, 0 * truth, group, np.ones(30))
        for shares in np.round(dice.dirichlet(np.ones(3), (2, 30)), 1)
    )
    found = contrast_of_many(a, b, flips=512, seed=0, inflation=1.0)
    for code in range(3):
        of_group = np.zeros(9)
        for sign, side, value in ((1, a, found.a[code]), (-1, b, found.b[code])):
            own = side.probabilities[:, code]
            assert abs(value - metrics.roc_auc_score(truth == code, own)) < 1e-9
            for cover in range(30):  # DeLong's components, one by one
                others = own[(truth == code) != (truth[cover] == code)]
                above = np.mean((own[cover] > others) + (own[cover] == others) / 2)
                share, like = (above, truth == code) if truth[cover] == code else (1 - above, truth != code)
                of_group[group[cover]] += sign * (share - value) / like.sum()
            of_group += sign * value / 9
        swapped = [np.array(signs) @ of_group for signs in product([1, -1], repeat=9)]
        expected = np.mean(np.abs(swapped) >= abs(of_group.sum()) - 1e-9)
        assert found.p_value[code] == expected, code
    assert max(found.p_value[:3]) < 1


def test_not_every_group_is_judged_in_every_repeat():
    """As the dense one has it, also with a group missing in the second repeat."""
    a, b = outputs(6), outputs(7)
    rows = (a.repeat == 0) | (a.group > 2)
    weight = 1 / np.bincount(a.group[rows] * 2 + np.arange(len(a.truth))[rows] % 2)
    sides = [
        Outputs(
            side.truth[rows],
            side.predicted[rows],
            side.probabilities[rows],
            side.repeat[rows],
            side.group[rows],
            weight[side.group[rows] * 2 + np.arange(len(a.truth))[rows] % 2],
        )
        for side in (a, b)
    ]
    dense, sparse = (each(*sides, flips=100, seed=1, inflation=1.0) for each in (contrast, contrast_of_many))
    chosen = [dense.names.index(name) for name in sparse.names]
    for name in ("a", "b", "low", "high", "p_value"):
        np.testing.assert_allclose(getattr(dense, name)[chosen], getattr(sparse, name), atol=1e-12, err_msg=name)
