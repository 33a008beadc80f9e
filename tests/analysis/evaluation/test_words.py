"""A comparison in words."""

import numpy as np
import pandas as pd
import pytest

from analysis.evaluation.comparing.comparison import A_BETTER, B_BETTER, OPEN, TOO_FEW, equal_within
from analysis.evaluation.words import overlap_in_words, said


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (A_BETTER, "knn is better than mlp"),
        (B_BETTER, "mlp is better than knn"),
        (OPEN, "No difference shown between knn and mlp"),
        (TOO_FEW, "Too few covers to compare knn and mlp"),
        (equal_within(0.02), "knn and mlp are equal within two points"),
    ],
)
def test_every_verdict_has_its_words(verdict: str, words: str) -> None:
    assert said(verdict, "knn", "mlp") == words


def test_the_overlap_adds_up() -> None:
    shares = {"both_right": 40.0, "only_a": 25.0, "only_b": 10.0, "both_wrong": 25.0}
    found = pd.Series({"covers": 100, "agreement": 0.5, "kappa": 0.25, "oracle": 0.75, **shares})
    text = overlap_in_words(found, "knn", "mlp")
    for words in ("(kappa 0.25)", "right in 40%", "only knn in 25%", "only mlp in 10%", "neither in 25%", "reach 75%"):
        assert words in text
    assert "kappa" not in overlap_in_words(pd.Series({**found, "kappa": np.nan}), "knn", "mlp")
