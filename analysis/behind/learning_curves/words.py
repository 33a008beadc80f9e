"""What a learning curve says of a genre: data, overlap, or neither can be told. See docs/methods.md."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from data.listing import ends

HELPS, NOTHING, OPEN = "more covers would help", "nothing more is to be gained", "cannot be told"
# Doubling helps where it surely adds more than the first, and is of no use where it surely adds less than the second.
HELP, USELESS = 0.01, 0.02


def verdict(gained: np.ndarray, foretold: Sequence[float] | None) -> str:
    """HELPS, NOTHING or OPEN, from what doubling would gain (value, low, high) and the last doubling that was measured.

    foretold: measured, and the interval (value, low, high) from the steps before it; where it was missed the curve goes
    by another law, and nothing is said of its next doubling.
    """
    if not np.isfinite(gained).all() or (foretold is not None and not foretold[2] <= foretold[0] <= foretold[3]):
        return OPEN
    if gained[1] > HELP:
        return HELPS
    return NOTHING if gained[2] < USELESS else OPEN


def sentence(genre: str, verdict: str, reached: float, gained: Sequence[float]) -> str:
    """A genre's verdict; reached: its separability, gained: (value, low, high), what twice the groups would add."""
    if not np.isfinite(gained).all():
        return f"{genre}: cannot be told, it has too few groups for a curve."
    added = f"{gained[0]:+.3f} [{gained[1]:+.3f}, {gained[2]:+.3f}]"
    if verdict == HELPS:
        return f"{genre}: more covers would help; twice as many would add {added} to {reached:.2f}."
    if verdict == NOTHING:
        return (
            f"{genre}: nothing more is to be gained by covers like these; twice as many would add {added} to "
            f"{reached:.2f}, and the rest is overlap in this embedding."
        )
    return f"{genre}: whether more covers would help cannot be told; twice as many would add {added} to {reached:.2f}."


def sentences(verdicts: Mapping[str, str], curves: pd.DataFrame, gains: pd.DataFrame) -> list[str]:
    """A sentence a genre, those that more covers would help first, by what they would gain; then the mean over all.

    verdicts: by genre, '' for the mean. curves, gains: of a finished run, see `learning_curve`.
    """
    measured = curves[curves.curve == "learning"].sort_values("x")
    last = measured.assign(genre=measured.genre.fillna("")).groupby("genre").value.last()
    doubled = gains[gains.metric == "gain_doubled"].assign(genre=gains.genre.fillna("")).set_index("genre")
    if doubled.value.isna().all():
        return ["Whether more covers would help cannot be told: no genre has groups enough for a curve."]
    found = []
    for genre, said in verdicts.items():
        gained = doubled.loc[genre, ["value", "low", "high"]].astype(float).tolist()
        order = (not genre, (HELPS, OPEN, NOTHING).index(said), -float(np.nan_to_num(gained[0], nan=-1.0)))
        found.append((order, sentence(genre or "Mean over the genres", said, float(last.get(genre, np.nan)), gained)))
    return ends([said for _, said in sorted(found)], lambda left: f"... and {left:,} more genres.")
