"""What a comparison of two classifiers shows, in words: the same ones on the terminal, in the app and in reports."""

from typing import Any

import pandas as pd

from analysis.evaluation.comparing.comparison import A_BETTER, B_BETTER, OPEN, TOO_FEW, Comparison
from analysis.figures.numbers import shown

BESIDE = ("recall", "precision", "f1", "predicted_share")


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


def sentence(found: Comparison) -> str:
    """What the comparison shows over all, in one sentence."""
    row = found.primary().iloc[0]
    return _in_words(found.title_a, found.title_b, row.a, row.b, row)


def pair_sentence(row: Any) -> str:
    """What a row of `compare_all` shows, in one sentence."""
    return _in_words(row.a, row.b, row.value_a, row.value_b, row)


def _in_words(title_a: str, title_b: str, a: float, b: float, row: Any) -> str:
    words = said(row.verdict, title_a, title_b)
    return f"{words}: balanced accuracy {a:.3f} and {b:.3f}, {_difference(row)}, p {_p(row.p_adjusted)}."


def at_length(found: Comparison) -> str:
    """A whole comparison for the terminal."""
    heading = [sentence(found), f"A: {found.title_a}", f"B: {found.title_b}"]
    heading.append(f"{found.covers:,} covers in {found.groups:,} groups; intervals and p-values hold {found.holds()}.")
    shared = overlap_in_words(found.overlap.iloc[0], "A", "B")
    return "\n".join([*heading, "", *_overall(found), "", *_genres(found), "", shared])


def _overall(found: Comparison) -> list[str]:
    rows = found.measures[found.measures.genre.isna()]
    lines = [f"{'over all':<20} {'A':>6} {'B':>6}  {'A - B':<24} p"]
    for row in rows.itertuples():
        name = row.measure.replace("_", " ")
        lines.append(f"{name:<20} {row.a:>6.3f} {row.b:>6.3f}  {_difference(row):<24} {_p(row.p_adjusted)}")
    return lines


def _genres(found: Comparison) -> list[str]:
    """A line a genre: the primary measure with its verdict, and what moved beside it."""
    head = f"{'AUC by genre':<20} {'covers':>6} {'A':>6} {'B':>6}  {'A - B':<24} {'p':<7} {'verdict':<24}"
    lines = [head + " A - B in recall, precision, F1, share of predictions"]
    values = found.measures.set_index(["genre", "measure"]).difference
    for row in found.primary().iloc[1:].itertuples():
        beside = " ".join(f"{values[row.genre, name]:+.3f}" for name in BESIDE)
        lines.append(
            f"{row.genre:<20} {row.covers:>6} {row.a:>6.3f} {row.b:>6.3f}  {_difference(row):<24} "
            f"{_p(row.p_adjusted):<7} {row.verdict:<24} {beside}"
        )
    return lines


def in_pairs(table: pd.DataFrame) -> str:
    """A table of `compare_all` for the terminal."""
    lines = ["Balanced accuracy, all pairs; p after Holm's correction for their number."]
    for row in table.itertuples():
        lines += ["", f"A: {row.a}   {row.value_a:.3f}", f"B: {row.b}   {row.value_b:.3f}"]
        lines.append(f"{row.verdict}: {_difference(row)}, p {_p(row.p_adjusted)}; same answer on {row.agreement:.1%}")
    return "\n".join(lines)


def _difference(row: Any) -> str:
    return shown(row.difference, row.low, row.high, signs=True)


def _p(value: float) -> str:
    return "-" if value != value else f"{value:.2g}"
