"""Counting against sorting: the same AUCs, to the last bit."""

from itertools import combinations

import numpy as np
import pytest

from analysis.separability.pure import probes
from analysis.separability.pure.counting import aucs_against_all, aucs_of_pairs
from analysis.separability.pure.paired import PAIRED, paired


@pytest.fixture
def drawn() -> tuple[np.ndarray, ...]:
    """Scores with ties, and a genre that one fold has no score for; genres, folds of two repeats, and weights."""
    dice = np.random.default_rng(4)
    covers, classes = 90, 9
    scores = dice.normal(size=(covers, classes)).round(1).astype(np.float32)
    folds = dice.integers(0, 3, (2, covers))
    scores[folds[0] == 1, 4] = np.nan
    weights = dice.integers(0, 4, (30, covers)).astype(np.uint8)
    return scores, dice.integers(0, classes, covers), folds, weights


def test_genres_against_all_others(drawn: tuple[np.ndarray, ...]) -> None:
    scores, genres, folds, weights = drawn
    wanted = np.arange(9) != 2
    found = aucs_against_all(scores, genres, folds[0], weights, wanted)
    sorted_ = [probes.auc(scores[:, code], genres == code, folds[0], weights) for code in range(9)]
    assert np.array_equal(found[:, wanted], np.stack(sorted_, axis=1)[:, wanted], equal_nan=True)
    assert np.isnan(found[:, 2]).all()


def test_pairs_of_genres(drawn: tuple[np.ndarray, ...]) -> None:
    scores, genres, folds, weights = drawn
    chosen = np.array([0, 2, 3, 4, 8])
    found = np.concatenate([*aucs_of_pairs([scores, -scores], genres, folds, weights, chosen)], axis=1)
    for column, (one, other) in enumerate(combinations(chosen, 2)):
        covers = np.flatnonzero((genres == one) | (genres == other))
        tables = [
            probes.auc(
                table[covers, one] - table[covers, other], genres[covers] == one, fold[covers], weights[:, covers]
            )
            for table, fold in zip((scores, -scores), folds, strict=True)
        ]
        assert np.array_equal(found[:, column], np.mean(tables, axis=0), equal_nan=True), (one, other)


def test_permuted_genres(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(5)
    vectors, fold = dice.normal(size=(60, 5)).astype(np.float32), np.arange(60) % 3
    permuted = np.stack([dice.permutation(np.arange(60) % 6) for _ in range(4)])
    counted = probes.permuted_aucs(vectors, permuted, fold, classes=6)
    monkeypatch.setattr(probes, "is_quicker", lambda *_: False)
    assert np.array_equal(counted, probes.permuted_aucs(vectors, permuted, fold, classes=6))


def test_the_genres_with_the_most_groups_are_paired() -> None:
    counts = np.arange(PAIRED + 5) % 7
    chosen = paired(counts)
    assert len(chosen) == PAIRED
    assert np.all(np.diff(chosen) > 0)
    assert set(np.setdiff1d(np.arange(PAIRED + 5), chosen)) <= set(np.flatnonzero(counts == 0))
    assert paired(counts[:9]).tolist() == list(range(9))
