"""Corrections of p-values against scipy and by hand."""

import numpy as np
from scipy.stats import false_discovery_control

from analysis.statistics.corrections import benjamini_hochberg, holm


def test_benjamini_hochberg_equals_scipys():
    p_values = np.random.default_rng(0).random(20) ** 3
    np.testing.assert_allclose(benjamini_hochberg(p_values), false_discovery_control(p_values))
    with_gap = np.insert(p_values, 7, np.nan)
    np.testing.assert_allclose(np.delete(benjamini_hochberg(with_gap), 7), false_discovery_control(p_values))


def test_holm_by_hand():
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm(np.array([0.5, np.nan, 0.6])), [1, np.nan, 1])
    np.testing.assert_allclose(holm(np.array([0.7, 0.8])), [1, 1])
