"""Agreement of clusters with genres against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from analysis.separability.pure.agreement import SCORES, agreement, chance_information, contingency


def once(n):
    return np.ones((1, n), np.uint8)


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
