"""Comparison: does one classifier really beat another, over all and on which genres, or is it noise?

See docs/methods.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from analysis.evaluation.comparing.aligned import Aligned, align
from analysis.evaluation.comparing.contrasts import OVERALL, PER_GENRE, Contrast, contrast
from analysis.evaluation.comparing.of_many import MOST, contrast_of_many
from analysis.evaluation.comparing.overlap import matrix_difference, overlap
from analysis.evaluation.predictions import Predictions
from analysis.statistics.corrections import holm
from analysis.statistics.randomization import FLIPS, inflation
from data.errors import GenrescopeError
from data.store.shown import line_of, table_of

# What decides: over all every genre counts the same; within a genre the ranking by its probability, which doubling
# the genre's prior leaves as it is. A recall can be bought with precision, an F1 and a predicted share with the prior.
PRIMARY_OVERALL, PRIMARY_GENRE = "balanced_accuracy", "auc"
MARGIN = 0.02
LEVEL = 0.05
# Below so many groups a genre's AUC has no trustworthy error: no claim about it. Of 1,000 draws in which neither side
# was better, p was below 0.05 in 8.5 % with a genre of 10 groups, 7.0 % with 15, 4.1 % with 20 and 5.4 % with 40.
FEWEST_GROUPS = 20
A_BETTER, B_BETTER, OPEN, TOO_FEW = "A better", "B better", "no difference shown", "too few covers"


@dataclass(frozen=True, repr=False)
class Comparison:
    """Two classifiers on the covers both judged; it shows itself as a line, in a notebook as a short table.

    title_a, title_b; covers, groups, repeats: how many of each; folds: of the folds they were fitted on, None for a
    hold-out; margin: what counts as equal. measures, overlap, matrix: tables, see `compare`.
    """

    title_a: str
    title_b: str
    covers: int
    groups: int
    repeats: int
    folds: int | None
    margin: float
    measures: pd.DataFrame
    overlap: pd.DataFrame
    matrix: pd.DataFrame

    def __repr__(self) -> str:
        return line_of(self._title(), self._facts())

    def _repr_html_(self) -> str:
        return table_of(self._title(), self._facts())

    def _title(self) -> str:
        return f"comparison of A, {self.title_a}, and B, {self.title_b}"

    def _facts(self) -> dict[str, object]:
        row = self.primary().iloc[0]
        name = str(row.measure).replace("_", " ")
        return {
            "verdict": row.verdict,
            f"{name} of A and B": [float(row.a), float(row.b)],
            "difference": f"{row.difference:+.3f} ({row.low:+.3f} to {row.high:+.3f})",
            "p": float(row.p_adjusted),
            "covers": self.covers,
            "groups": self.groups,
            "repeats": self.repeats,
            "tables": ["measures", "overlap", "matrix"],
        }

    def primary(self) -> pd.DataFrame:
        """The rows that carry a verdict: over all (genre None), then one a genre."""
        return self.measures[self.measures.verdict.notna()].reset_index(drop=True)

    def holds(self) -> str:
        """What intervals and p-values are about."""
        if self.folds is None:
            return "for these fitted classifiers, on other covers of the kind"
        return f"for both procedures, fitted anew on other covers of the kind ({self.folds} folds x {self.repeats})"


def compare(
    a: Predictions,
    b: Predictions,
    *,
    margin: float = MARGIN,
    flips: int = FLIPS,
    seed: int = 42,
) -> Comparison:
    """Compare two classifiers on the covers (and repeats) that both judged.

    Tables of the answer:

    measures: genre (None: over all), measure, covers, groups (of the genre), a, b, difference (a - b) with its 95 %
    interval low, high, p_value, p_adjusted (Holm over the genres; over all, one test, p_value itself) and verdict, on
    the primary measure alone, else None. Over all: balanced_accuracy (primary), accuracy, macro_f1, auc (mean over the
    genres), log_loss. Per genre: auc of its probability against the rest (primary), recall, precision, f1, log_loss
    on its covers, predicted_share (covers called so, of all covers).
    overlap, matrix: see `overlap.overlap` and `overlap.matrix_difference`; of more than MOST genres matrix is empty.

    P-values: outputs of whole groups change places (`randomization`); intervals: `paired.difference_interval`; both
    are widened by `randomization.inflation` for classifiers fitted on overlapping folds. Genres without covers are
    left out, also of the means. Raises GenrescopeError when nothing was judged by both, and for one out of fold beside
    one on a hold-out: what is refitted fold by fold and what was fitted once are answers to two questions.
    """
    folds = common_folds(a, b)
    both = align(a, b)
    wider = inflation(folds=folds)
    contrasted = contrast_of_many if len(a.classes) > MOST else contrast
    found = contrasted(both.a, both.b, flips=flips, seed=seed, inflation=wider)
    return Comparison(
        a.title,
        b.title,
        both.covers,
        found.groups,
        both.repeats,
        folds,
        margin,
        _measures(both, found, margin=margin),
        overlap(both),
        matrix_difference(both, found, inflation=wider),
    )


def common_folds(a: Predictions, b: Predictions) -> int | None:
    """Of how many folds, the fewer of both, None for hold-outs; raises GenrescopeError for one of each."""
    if (a.folds is None) != (b.folds is None):
        raise GenrescopeError(
            f"'{a.title}' and '{b.title}' cannot be compared, out of fold with a hold-out: train both with the same "
            "--split"
        )
    return None if a.folds is None or b.folds is None else min(a.folds, b.folds)


def compare_all(
    predictions: Sequence[Predictions],
    *,
    margin: float = MARGIN,
    flips: int = FLIPS,
    seed: int = 42,
) -> pd.DataFrame:
    """All pairs of classifiers over all, on the primary measure: a row a pair, p_adjusted by Holm over the pairs.

    Columns: a, b (titles), measure, covers, value_a, value_b, difference, low, high, p_value, p_adjusted, verdict,
    agreement, oracle (see `overlap.overlap`).
    """
    rows: list[dict[Any, Any]] = []
    for a, b in combinations(predictions, 2):
        found = compare(a, b, margin=margin, flips=flips, seed=seed)
        shared = found.overlap.iloc[0]
        rows.append(
            found.primary().iloc[0].rename({"a": "value_a", "b": "value_b"}).to_dict()
            | {"a": found.title_a, "b": found.title_b, "agreement": shared.agreement, "oracle": shared.oracle}
        )
    table = pd.DataFrame(rows)
    table["p_adjusted"] = holm(table.p_value.to_numpy())
    table["verdict"] = [_verdict(row, margin) for row in _rows(table)]
    columns = "a b measure covers value_a value_b difference low high p_value p_adjusted verdict agreement oracle"
    return table[columns.split()]


def verdict(difference: float, low: float, high: float, p_adjusted: float, *, margin: float = MARGIN) -> str:
    """What a difference shows: equal where its interval lies within the margin, else who is better, if that is shown.

    A difference that is shown and smaller than the margin is called equal: with enough covers every difference is
    shown. A margin of 0 asks for differences alone.
    """
    if -margin <= low and high <= margin:
        return equal_within(margin)
    if p_adjusted >= LEVEL:
        return OPEN
    return A_BETTER if difference > 0 else B_BETTER


def equal_within(margin: float) -> str:
    """'equal within two points' for 0.02."""
    points = f"{100 * margin:g}"
    words = {"1": "one point", "2": "two points"}
    return f"equal within {words.get(points, points + ' points')}"


def _measures(both: Aligned, found: Contrast, *, margin: float) -> pd.DataFrame:
    place = {name: i for i, name in enumerate(found.names)}
    told = [code for code, count in enumerate(both.covers_of) if count]
    wanted: list[tuple[str, int | None, None]] = [(name, None, None) for name in OVERALL]
    wanted += [(name, code, None) for code in told for name in PER_GENRE]
    rows = [place[name] for name in wanted]
    table = pd.DataFrame(
        {
            # As plain objects, else pandas turns the None of the overall rows into NaN.
            "genre": pd.Series([None if code is None else both.classes[code] for _, code, _ in wanted], dtype=object),
            "measure": [name for name, *_ in wanted],
            "covers": [both.covers if code is None else both.covers_of[code] for _, code, _ in wanted],
            "groups": [found.groups if code is None else both.groups_of[code] for _, code, _ in wanted],
            "a": found.a[rows],
            "b": found.b[rows],
            "difference": found.difference[rows],
            "low": found.low[rows],
            "high": found.high[rows],
            "p_value": found.p_value[rows],
        }
    )
    table["p_adjusted"] = _adjusted(table)
    return table.assign(verdict=pd.Series([_verdict(row, margin) for row in _rows(table)], dtype=object))


def _adjusted(table: pd.DataFrame) -> pd.Series:
    """Holm over the genres that a claim is made about, measure by measure; the others get no adjusted p-value."""
    adjusted = table.p_value.where(table.genre.isna())
    told = table.genre.notna() & (table.groups >= FEWEST_GROUPS)
    for _, rows in table[told].groupby("measure"):
        adjusted[rows.index] = holm(rows.p_value.to_numpy())
    return adjusted


def _verdict(row: Any, margin: float) -> str | None:
    if row.measure != (PRIMARY_OVERALL if row.genre is None else PRIMARY_GENRE):
        return None
    if row.groups < FEWEST_GROUPS:
        return TOO_FEW
    return verdict(row.difference, row.low, row.high, row.p_adjusted, margin=margin)


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples(index=False))
