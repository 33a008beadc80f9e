"""Is it data or overlap? Learning curves per genre, and what twice and four times the covers would give.

Definitions and limits stand in docs/methods.md. Curves: learning (x: groups of the genre that teach; value, low, high),
learning_ahead (the same, foretold, from the first step to four times the groups). Metrics: gain_doubled and
gain_quadrupled (what separability would gain), separability_doubled and separability_quadrupled.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.behind.learning_curves.curve import Curves, measure_curves
from analysis.behind.learning_curves.extrapolation import AHEAD, extrapolate, points
from analysis.behind.learning_curves.words import OPEN, verdict
from analysis.statistics.intervals import effective_size
from data.grouping.folds import read_folds
from data.grouping.groups import read_group_ids
from data.store.covers import read_covers
from data.store.runs import Outcome, Run, compute_run, get_run
from data.store.workspace import Workspace
from embeddings.unseen import unseen_rows
from embeddings.vectors import read_vectors

# Counted up when the same inputs come to give other figures.
METHOD = 1
NAMES = ("doubled", "quadrupled")
CURVE = ("curve", "x", "genre", "value", "low", "high")
METRIC = ("metric", "genre", "value", "low", "high")


def measure_learning_curve(workspace: Workspace, embedding: Run, folds: Run, *, seed: int = 42) -> Run:
    """Measure the learning curves of an embedding's genres, or find them; folds: a folds run, whose groups are kept.

    Results: covers; steps (shares of the training groups); verdicts (see `words.verdict`) by genre; foretold, by genre
    the last doubling that was measured and what the steps before it had foretold of it: measured, value, low, high.
    """
    return compute_run(
        workspace,
        "curve",
        lambda: _compute(workspace, embedding, folds, seed=seed),
        name=embedding.name,
        params={"method": METHOD},
        inputs=[embedding.run_id, folds.run_id],
        seed=seed,
    )


def read_curves(workspace: Workspace, run: Run) -> pd.DataFrame:
    """The curves of a finished run: curve, x, genre (missing: the mean over the genres), value, low, high."""
    with workspace.read() as con:
        query = f"SELECT {', '.join(CURVE)} FROM curves WHERE run_id = ? ORDER BY curve, genre, x"
        return con.execute(query, [run.run_id]).df()


def read_gains(workspace: Workspace, run: Run) -> pd.DataFrame:
    """What would be gained: metric, genre (missing: the mean over the genres), value, low, high."""
    with workspace.read() as con:
        return con.execute(f"SELECT {', '.join(METRIC)} FROM metrics WHERE run_id = ?", [run.run_id]).df()


def learning_tables(
    curves: Curves, names: list[str], sizes: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Rows of the curves, rows of what would be gained, and the results by genre; sizes (c,): effective ones.

    Without a step, no genre having groups enough, or with one genre alone, which nothing is to be told from, there is
    no curve, and nothing can be told of any.
    """
    if not len(curves.shares) or len(names) < 2:
        return _unmeasured(names)
    rows, gains = [], []
    results: dict[str, Any] = {"steps": curves.shares.tolist(), "verdicts": {}, "foretold": {}}
    for column, genre in enumerate([*names, None]):
        values, covariance, taught = curves.values[:, column], curves.covariance[column], curves.taught[:, column]
        low, high = points(values, covariance, sizes[column] if genre else sizes.sum())
        rows += [("learning", *row) for row in zip(taught, [genre] * len(taught), values, low, high, strict=True)]
        every = np.geomspace(curves.shares[0], max(AHEAD), 24)
        ahead, _ = extrapolate(curves.shares, values, covariance, every)
        rows += [("learning_ahead", x * taught[-1], genre, *row) for x, row in zip(every, ahead, strict=True)]
        reached, gained = extrapolate(curves.shares, values, covariance, np.array(AHEAD))
        for name, there, more in zip(NAMES, reached, gained, strict=True):
            gains += [(f"separability_{name}", genre, *there), (f"gain_{name}", genre, *more)]
        foretold = last_doubling(curves.shares, values, covariance)
        results["foretold"][genre or ""] = foretold
        results["verdicts"][genre or ""] = verdict(gained[0], foretold)
    return pd.DataFrame(rows, columns=list(CURVE)), pd.DataFrame(gains, columns=list(METRIC)), results


def _unmeasured(names: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    gains = [(f"gain_{name}", genre, np.nan, np.nan, np.nan) for genre in [*names, None] for name in NAMES]
    open_ones = dict.fromkeys([*names, ""], OPEN)
    results = {"steps": [], "verdicts": open_ones, "foretold": dict.fromkeys(open_ones)}
    return pd.DataFrame(columns=list(CURVE)), pd.DataFrame(gains, columns=list(METRIC)), results


def last_doubling(shares: np.ndarray, values: np.ndarray, covariance: np.ndarray) -> list[float] | None:
    """What the last doubling of the groups gained, and what the steps up to half of them foretell of it.

    [measured, value, low, high]; None where there are too few steps.
    """
    half = shares <= 0.5 + 1e-9
    if not half.any():
        return None
    measured = values[-1] - values[half][-1]
    _, gained = extrapolate(
        shares[half] / shares[half][-1], values[half], covariance[np.ix_(half, half)], np.array([2.0])
    )
    found = [float(measured), *map(float, gained[0])]
    return found if np.isfinite(found).all() else None


def _compute(workspace: Workspace, embedding: Run, folds: Run, *, seed: int) -> Outcome:
    cover_ids, vectors = read_vectors(workspace, embedding)
    rows = unseen_rows(workspace, embedding, cover_ids)
    cover_ids, vectors = cover_ids[rows], vectors[rows]
    genres = read_covers(workspace, get_run(workspace, embedding.inputs[0])).genre.to_numpy()[cover_ids]
    names, codes = np.unique(genres.astype(str), return_inverse=True)
    groups, fold = read_group_ids(workspace, folds)[cover_ids], read_folds(workspace, folds)[:, cover_ids]
    curves = measure_curves(vectors, codes, groups, fold, classes=len(names), seed=seed)
    sizes = np.array([effective_size(groups[codes == code]) for code in range(len(names))])
    table, gains, results = learning_tables(curves, list(map(str, names)), sizes)
    tables = {"curves": table.astype({"genre": "str"}), "metrics": gains.astype({"genre": "str"})}
    rows_of = {name: pa.Table.from_pandas(rows, preserve_index=False) for name, rows in tables.items()}
    return rows_of, {"covers": len(cover_ids), **results}
