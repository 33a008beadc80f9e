"""What an evaluation of recommendations found, in sentences: the same in app and terminal. See docs/methods.md."""

import numpy as np
import pandas as pd

from analysis.recommending.evaluation import NEAREST
from data.listing import enumerated
from data.store.runs import Run

# How lists by an embedding, by embedding alone, and by nothing are called.
CALLED = {"nearest": "nearest alone", "popular": "most popular", "random": "at random"}


def called(recommender: str) -> str:
    """A recommender's name as tables show it."""
    return CALLED.get(recommender, recommender)


def sentences(run: Run, rows: pd.DataFrame) -> list[str]:
    """How often a listed cover is right, what that is better than, per genre, and what diversity costs and brings."""
    name, k, relevant = (run.results[key] for key in ("embedding", "k", "relevant"))
    overall = rows[rows.genre.isna()].set_index(["measure", "recommender"])
    right = overall.loc["precision", name]
    said = [
        f"Of {k} covers recommended in {name} by one that is liked, {_share(right)} are of its {relevant}; "
        f"at random {_share(overall.loc['precision', 'random'])}.",
        _held_against(overall, [each for each in run.results["recommenders"] if each not in (name, NEAREST)]),
    ]
    by_genre = rows[(rows.measure == "precision") & (rows.recommender == name) & rows.genre.notna()]
    if len(by_genre) > 1:
        best, worst = (by_genre.loc[place] for place in (by_genre.value.idxmax(), by_genre.value.idxmin()))
        said.append(
            f"By the genre of the liked cover from {_share(best)}, {best.genre}, to {_share(worst)}, {worst.genre}."
        )
    return [each for each in [*said, _of_diversity(overall, name)] if each]


def _held_against(overall: pd.DataFrame, others: list[str]) -> str:
    """Which recommenders the lists are better than, by the nDCG's difference, and which that is not shown of."""
    found = [(called(each), overall.loc["ndcg_above", each]) for each in others]
    better = [f"{each} ({row.value:+.3f} [{row.low:+.3f}, {row.high:+.3f}])" for each, row in found if row.low > 0]
    unsure = [each for each, row in found if not row.low > 0]
    parts = [f"In nDCG it is better than {enumerated(better)}" if better else ""]
    parts.append(f"that it is better than {enumerated(unsure)} is not shown" if unsure else "")
    said = "; ".join(part for part in parts if part)
    return said[0].upper() + said[1:] + "." if said else ""


def _of_diversity(overall: pd.DataFrame, name: str) -> str:
    cost, hubs = overall.loc["precision_above", NEAREST], [overall.loc["hubs", each].value for each in (name, NEAREST)]
    apart = [overall.loc["diversity", each].value for each in (name, NEAREST)]
    if not np.isfinite([*hubs, *apart]).all():
        return ""
    return (
        f"Beside the nearest alone, diversity changes the share that is right by {cost.value:+.3f} [{cost.low:+.3f}, "
        f"{cost.high:+.3f}], the unlikeness within lists from {apart[1]:.2f} to {apart[0]:.2f}, and the bias to hubs "
        f"from {hubs[1]:.1f} to {hubs[0]:.1f}."
    )


def _share(row: pd.Series) -> str:
    return f"{row.value:.3f} [{row.low:.3f}, {row.high:.3f}]"
