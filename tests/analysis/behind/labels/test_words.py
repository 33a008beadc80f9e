"""The sentences about doubted labels claim what the figures support."""

from typing import Any

import pytest

from analysis.behind.labels.words import in_sentences, judge
from data.store.runs import Run


def run(*, trusted: bool, head: float = 0.2, auc: float = 0.9, copies: float = 0.94) -> Run:
    results: dict[str, Any] = {
        "planted": {"random": {"head": head, "auc": auc}, "kin": {"head": head / 2, "auc": auc - 0.1}},
        "covers": 5000,
        "trusted": trusted,
        "classifier": "knn on color",
        "balanced_accuracy": 0.9 if trusted else 0.43,
        "ceiling_copies": copies,
        "ceiling": 0.9,
        "both": 200,
    }
    return Run("r", "labels", "", {}, 1, (), "0", None, None, results)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("auc", "said"), [(0.72, "hardly tells"), (0.9, "only in part tells"), (0.95, "This list tells")]
)
def test_what_the_list_is_worth(auc: float, said: str) -> None:
    first, *_ = in_sentences(run(auc=auc, trusted=False), overall=(0.05, 0.04, 0.06))
    assert said in first
    assert f"{auc:.0%} of cases" in first
    assert "20 of the first 100" in first


def test_a_vote_is_named_by_how_many_vote() -> None:
    found = run(trusted=False)
    assert judge(found) == "knn on color"
    found.results["classifier"] = "vote on knn@concat:color+resnet18,logistic@color"  # type: ignore[index]
    assert "(vote of 2 has 0.43)" in in_sentences(found, overall=(0.57, 0.55, 0.58))[1]


def test_no_estimate_where_genres_overlap() -> None:
    _, many, ceiling = in_sentences(run(trusted=False), overall=(0.57, 0.55, 0.58))
    assert "cannot be told" in many
    assert "94.0%" in ceiling
    assert "90.0%" not in ceiling
    _, many, ceiling = in_sentences(run(trusted=True, copies=1.0), overall=(0.05, 0.04, 0.06))
    assert "5.0% of the labels are wrong (4.0% to 6.0%)" in many
    assert "No file lies in several genres" in ceiling
    assert "90.0%" in ceiling
