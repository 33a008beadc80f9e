"""What a comparison of two classifiers shows, in words: the same ones on the terminal, in the app and in reports."""

from typing import Any

from analysis.evaluation.comparison import A_BETTER, B_BETTER, OPEN, TOO_FEW


def said(verdict: str, a: str, b: str) -> str:
    """A verdict of `comparison` as a clause about the two, by the names given: 'knn is better than logistic'."""
    known = {
        A_BETTER: f"{a} is better than {b}",
        B_BETTER: f"{b} is better than {a}",
        OPEN: f"No difference shown between {a} and {b}",
        TOO_FEW: f"Too few covers to compare {a} and {b}",
    }
    return known.get(verdict, f"{a} and {b} are {verdict}")


def overlap_in_words(row: Any, a: str, b: str) -> str:
    """How the errors of two classifiers overlap; row: one of `overlap.overlap`."""
    share = {name: row[name] / row.covers for name in ("both_right", "only_a", "only_b", "both_wrong")}
    kappa = "" if row.kappa != row.kappa else f" (kappa {row.kappa:.2f})"
    return (
        f"They say the same of {row.agreement:.0%} of {row.covers:,} covers{kappa}. Both are right in "
        f"{share['both_right']:.0%}, only {a} in {share['only_a']:.0%}, only {b} in {share['only_b']:.0%}, neither in "
        f"{share['both_wrong']:.0%}: combined they could reach {row.oracle:.0%}."
    )
