"""Debiased linear CKA against the kernels themselves, and what it is for."""

import numpy as np
import pytest
from scipy.stats import t as student

from analysis.behind.agreement.cka import PARTS, debiased_cka


def by_kernels(first: np.ndarray, second: np.ndarray) -> float:
    """The definition, with kernels of all pairs."""
    n = len(first)
    kernels = [each @ each.T for each in (first, second)]
    for kernel in kernels:
        np.fill_diagonal(kernel, 0)
    ones = np.ones(n)

    def hsic(k: np.ndarray, other: np.ndarray) -> float:
        pairs = (ones @ k @ ones) * (ones @ other @ ones) / ((n - 1) * (n - 2))
        return (np.trace(k @ other) + pairs - 2 / (n - 2) * (ones @ k @ other @ ones)) / (n * (n - 3))

    k, other = kernels
    return float(hsic(k, other) / np.sqrt(hsic(k, k) * hsic(other, other)))


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(0)
    first = dice.normal(size=(60, 7)) + 3
    return first, np.hstack([first, np.zeros((60, 2))]) + dice.normal(size=(60, 9))


def test_it_is_the_definition(pair):
    assert debiased_cka(*pair)[0] == pytest.approx(by_kernels(*pair), abs=1e-12)


def test_its_interval_is_the_jackknife(pair):
    part = np.random.default_rng(0).permutation(60) % PARTS
    left_out = np.array([by_kernels(*(each[part != number] for each in pair)) for number in range(PARTS)])
    error = np.sqrt((PARTS - 1) / PARTS * ((left_out - left_out.mean()) ** 2).sum())
    value, low, high = debiased_cka(*pair)
    assert (high - low) / 2 == pytest.approx(student.ppf(0.975, PARTS - 1) * error)
    assert low < value < high


def test_turned_moved_and_stretched_is_the_same(pair):
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(7, 7)))[0]
    assert debiased_cka(pair[0], 5 * pair[0] @ turn - 2) == pytest.approx((1, 1, 1))


def test_unrelated_vectors_have_none_however_many_dimensions():
    """The plain estimator gives 0.64 here."""
    dice = np.random.default_rng(2)
    value, low, high = debiased_cka(dice.normal(size=(300, 500)), dice.normal(size=(300, 600)))
    assert abs(value) < 0.02
    assert low < 0 < high


def test_single_precision_is_enough(pair):
    found = debiased_cka(*(each.astype(np.float32) for each in pair))
    assert found == pytest.approx(debiased_cka(*pair), abs=1e-4)


@pytest.mark.parametrize("vectors", [np.ones((30, 4)), np.zeros((3, 4))])
def test_what_does_not_vary_or_is_too_few_is_not_measured(vectors):
    other = np.random.default_rng(0).normal(size=(len(vectors), 5))
    assert np.isnan(debiased_cka(vectors, other)[0])
