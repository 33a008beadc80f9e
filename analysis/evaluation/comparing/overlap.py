"""Overlap: do two classifiers err on the same covers, and where do their confusion matrices differ?

See docs/methods.md.
"""

import numpy as np
import pandas as pd

from analysis.evaluation.comparing.aligned import Aligned
from analysis.evaluation.comparing.contrasts import Contrast
from analysis.statistics.randomization import largest_p


def overlap(both: Aligned) -> pd.DataFrame:
    """How A's and B's errors overlap: a row over all (genre None), then one a genre with covers.

    Columns: genre; covers; agreement: share of covers on which both say the same; kappa: agreement beyond chance
    (Cohen 1960), NaN where chance alone agrees on all; both_right, only_a, only_b, both_wrong: covers, fractions where
    repeats differ; oracle: share of covers that either got right, the most that combining the two could reach.
    """
    everyone = np.ones(len(both.a.truth), dtype=bool)
    rows = [_overlap(both, None, everyone)]
    # Each genre's rows from one sorting: to ask all rows genre by genre takes longer, the more genres there are.
    order = np.argsort(both.a.truth, kind="stable")
    ends = np.cumsum(np.bincount(both.a.truth, minlength=len(both.classes)))
    rows += [_overlap(both, genre, own) for genre, own in zip(both.classes, np.split(order, ends[:-1]), strict=True)]
    table = pd.DataFrame([row for row in rows if row["covers"]])
    # As plain objects, else pandas turns the None of the overall row into NaN.
    return table.assign(genre=pd.Series([row["genre"] for row in rows if row["covers"]], dtype=object))


def matrix_difference(both: Aligned, found: Contrast, *, inflation: float) -> pd.DataFrame:
    """A's confusion matrix less B's, cell by cell: columns genre, predicted, covers, a, b, difference, low, high,
    p_adjusted.

    a, b: share of the genre's covers that was taken for `predicted`. low, high: 95 % interval of that cell alone;
    p_adjusted: for looking at every cell at once, see `randomization.largest_p`.
    """
    chosen = [i for i, (name, *_) in enumerate(found.names) if name == "cell"]
    codes = [
        (genre, predicted) for name, genre, predicted in found.names if genre is not None and predicted is not None
    ]
    return pd.DataFrame(
        {
            "genre": [both.classes[genre] for genre, _ in codes],
            "predicted": [both.classes[predicted] for _, predicted in codes],
            "covers": [both.covers_of[genre] for genre, _ in codes],
            "a": found.a[chosen],
            "b": found.b[chosen],
            "difference": found.difference[chosen],
            "low": found.low[chosen],
            "high": found.high[chosen],
            "p_adjusted": largest_p(found.difference[chosen], found.flipped, inflation=inflation),
        }
    )


def _overlap(both: Aligned, genre: str | None, rows: np.ndarray) -> dict[str, float | str | None]:
    weight, truth = both.a.weight[rows], both.a.truth[rows]
    first, second = both.a.predicted[rows], both.b.predicted[rows]
    right_a, right_b = first == truth, second == truth
    covers = weight.sum()
    told = {
        "both_right": right_a & right_b,
        "only_a": right_a & ~right_b,
        "only_b": right_b & ~right_a,
        "both_wrong": ~right_a & ~right_b,
    }
    counts = {name: float(weight[chosen].sum()) for name, chosen in told.items()}
    agreement = float(weight[first == second].sum() / covers) if covers else np.nan
    return {
        "genre": genre,
        "covers": round(covers),
        "agreement": agreement,
        "kappa": _kappa(first, second, weight, agreement),
        **counts,
        "oracle": 1 - counts["both_wrong"] / covers if covers else np.nan,
    }


def _kappa(first: np.ndarray, second: np.ndarray, weight: np.ndarray, agreement: float) -> float:
    classes = int(max(first.max(initial=0), second.max(initial=0))) + 1
    shares = [np.bincount(side, weight, minlength=classes) for side in (first, second)]
    expected = float(shares[0] @ shares[1] / weight.sum() ** 2) if len(weight) else 1.0
    return (agreement - expected) / (1 - expected) if expected < 1 else np.nan
