"""Intervals of scores, short: they hold the truth, and they can fail."""

import pytest

from analysis.validation.simulations import scores


@pytest.mark.slow
def test_intervals_hold_the_truth_for_few_covers_and_near_certainty(monkeypatch):
    monkeypatch.setattr(scores, "CASES", (((12,) * 3, 1, 0.95), ((20,) * 3, 1, 0.95), ((100,) * 3, 5, 0.8)))
    table = scores.coverage(draws=120).set_index("scenario")
    assert (table.no_width == 0).all()
    assert table[["recall", "precision", "f1", "accuracy", "macro_f1"]].min().min() >= 0.88


def test_genres_of_a_few_covers_or_one_group_widen_the_means(monkeypatch):
    """Where the size of the whole collection stood for every genre's, they held the truth in 6 to 80 of 100 cases."""
    monkeypatch.setattr(scores, "CASES", [case for case in scores.CASES if len(case[0]) == 4])
    monkeypatch.setattr(scores, "RESAMPLES", 100)
    table = scores.coverage(draws=60)
    assert table[["balanced_accuracy", "macro_f1", "balanced_log_loss"]].min().min() >= 0.88


def test_a_percentile_bootstrap_would_fail(monkeypatch):
    """What stood here before: 12 of 12 right had the interval 1.000 to 1.000, and was wrong in half of the cases."""
    import numpy as np

    def percentiles(values, replicates, sizes):
        return np.percentile(replicates, [2.5, 97.5], axis=0) if len(replicates) else np.full((2, len(values)), np.nan)

    monkeypatch.setattr("analysis.evaluation.scores.share_interval", percentiles)
    monkeypatch.setattr(scores, "CASES", (((12,) * 3, 1, 0.95),))
    table = scores.coverage(draws=60)
    assert table.recall.item() < 0.7
    assert table.no_width.item() > 0.2
