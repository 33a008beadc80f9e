"""Prediction sets: the genres that a cover may have, by a classifier, as a run of its own; and what they are worth.

See docs/methods.md.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.evaluation.predictions import Predictions, Verdicts, read_predictions, verdicts
from analysis.evaluation.sure.conformal import LEVEL, p_values, thresholds
from analysis.statistics.intervals import share_interval
from analysis.statistics.resampling import bootstrap_weights
from data.errors import GenrescopeError
from data.store.runs import Outcome, Run, compute_run, find_runs
from data.store.workspace import Workspace

# Counted up whenever what decides a set, and is no parameter, changes.
METHOD = 1
RESAMPLES = 1000
# So many genres of a set are named.
NAMED = 4


def make_sets(workspace: Workspace, run: Run, *, level: float = LEVEL) -> Run:
    """Prediction sets of every cover that a finished classifier run judged; found again if made.

    level: in so many of 100 cases of each genre, a cover of a group not seen before has its genre in the set. Table
    prediction_sets: likely (the set, likeliest first), p_values (of all genres, in the order of the run's classes, so
    that sets of any other level follow: those above 1 - level). Metrics, per genre and as means over genres:
    set_coverage, set_size, set_single and set_empty (see `set_scores`). Results: classifier, embedding, level, classes,
    thresholds (by genre, the least probability with which it is in the set of a new cover, see
    `conformal.thresholds`), always (genres of too few groups to be ever left out), those metrics' means, sentence.
    Raises GenrescopeError for a level that is no share.
    """
    if not 0 < level < 1:
        raise GenrescopeError(f"a level of {level:g} is no share: take one between 0 and 1, as 0.9")
    return compute_run(
        workspace,
        "sets",
        partial(_compute, workspace, run, level),
        name=run.name,
        params={"level": level, "method": METHOD},
        inputs=[run.run_id],
    )


def find_sets(workspace: Workspace, run: Run, *, level: float = LEVEL) -> Run | None:
    """The finished run with the sets of a classifier run at this level; None where there is none."""
    found = (each for each in find_runs(workspace, "sets") if each.inputs[0] == run.run_id)
    return next((each for each in found if each.params == {"level": level, "method": METHOD}), None)


def read_sets(workspace: Workspace, sets: Run) -> pd.DataFrame:
    """The sets of a run: columns cover_id, likely (the set, likeliest first), p_values (an array, all genres)."""
    with workspace.read() as con:
        return con.execute(
            "SELECT cover_id, likely, p_values FROM prediction_sets WHERE run_id = ? ORDER BY cover_id", [sets.run_id]
        ).df()


def read_set_scores(workspace: Workspace, sets: Run) -> pd.DataFrame:
    """What the sets of a run are worth: the table of `set_scores`."""
    with workspace.read() as con:
        query = "SELECT metric, genre, value, low, high FROM metrics WHERE run_id = ? ORDER BY genre, metric"
        return con.execute(query, [sets.run_id]).df()


def set_of(sets: Run, probabilities: Mapping[str, float]) -> tuple[str, ...]:
    """The set of a new cover from its probabilities by genre, the likeliest first."""
    least = sets.results["thresholds"]
    ranked = sorted(probabilities, key=lambda genre: -probabilities[genre])
    return tuple(genre for genre in ranked if genre in least and probabilities[genre] >= least[genre])


def set_in_words(genres: Sequence[str], *, count: int, level: float = LEVEL) -> str:
    """A set of `count` genres in a few words: 'one of Rock, Pop (90 %)'."""
    sure = f"({level:.0%})".replace("%", " %")
    if not len(genres):
        return f"like none of the {count} genres {sure}"
    if len(genres) == count:
        return f"any of the {count} genres {sure}"
    more = f" and {len(genres) - NAMED} more" if len(genres) > NAMED else ""
    return f"{'one of ' if len(genres) > 1 else ''}{', '.join(genres[:NAMED])}{more} {sure}"


def set_scores(inside: np.ndarray, found: Verdicts, *, resamples: int = RESAMPLES, seed: int = 42) -> pd.DataFrame:
    """What sets (n, c) bool are worth: columns metric, genre (None: the mean over genres), value, low, high.

    set_coverage: share of the genre's covers whose genre is in their set; set_size: genres in it, on average;
    set_single, set_empty: share of sets with one genre, with none. Each group counts 1 in a genre, shared by its
    covers there, since a new group is what sets promise something about. Intervals: bootstrap over groups.
    """
    size = inside.sum(axis=1)
    own = inside[np.arange(len(inside)), found.truth]
    columns = np.column_stack([own, size / inside.shape[1], size == 1, size == 0]).astype(float)
    scale = np.array([1, inside.shape[1], 1, 1])
    parts = {
        genre: _of_groups(columns[rows], found.groups[rows], resamples, seed)
        for genre, rows in ((genre, found.truth == code) for code, genre in enumerate(found.classes))
        if rows.any()
    }
    tables = [_rows(genre, *(scale * each for each in bounds)) for genre, bounds in parts.items()]
    table = pd.concat(tables, ignore_index=True)
    means = table.groupby("metric", sort=False)[["value"]].mean().reset_index().assign(low=np.nan, high=np.nan)
    whole = pd.concat([table, means.assign(genre=None)], ignore_index=True)
    return whole.assign(genre=whole.genre.astype(object).where(whole.genre.notna(), None))


def _rows(genre: str, value: np.ndarray, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
    names = ["set_coverage", "set_size", "set_single", "set_empty"]
    return pd.DataFrame({"metric": names, "genre": genre, "value": value, "low": low, "high": high})


def _of_groups(
    columns: np.ndarray, groups: np.ndarray, resamples: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means over groups of columns (m, q) with their intervals, each (q,)."""
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    means = np.zeros((len(sizes), columns.shape[1]))
    np.add.at(means, group, columns / sizes[group][:, None])
    weights = bootstrap_weights(np.zeros(len(sizes), int), np.arange(len(sizes)), resamples=resamples, seed=seed)
    value = means.mean(axis=0)
    low, high = share_interval(value, weights @ means / len(sizes), float(len(sizes)))
    return value, low, high


def _compute(workspace: Workspace, run: Run, level: float) -> Outcome:
    predictions = read_predictions(workspace, run)
    found = verdicts(predictions)
    values = p_values(found.probabilities, found.truth, found.groups)
    inside = values > 1 - level + 1e-9
    scores = set_scores(inside, found)
    least = thresholds(predictions.probabilities.astype(np.float64), predictions.truth, predictions.groups, level=level)
    means = {row.metric: row.value for row in scores[scores.genre.isna()].itertuples()}
    results = {
        "classifier": run.name,
        "embedding": run.results.get("embedding"),
        "level": level,
        "classes": found.classes,
        "thresholds": dict(zip(found.classes, least.tolist(), strict=True)),
        "always": [genre for genre, value in zip(found.classes, least, strict=True) if value == 0],
        **means,
        "sentence": sentence(predictions, scores, level=level),
    }
    return {"prediction_sets": _set_rows(found, inside, values), "metrics": pa.Table.from_pandas(scores)}, results


def sentence(predictions: Predictions, scores: pd.DataFrame, *, level: float) -> str:
    """What the sets are worth, in words."""
    value = {(row.metric, row.genre): row for row in scores.itertuples()}
    means = {metric: row.value for (metric, genre), row in value.items() if genre is None}
    count = len(predictions.classes)
    of_genres = [row for (metric, genre), row in value.items() if metric == "set_size" and genre is not None]
    least, most = min(of_genres, key=lambda row: row.value), max(of_genres, key=lambda row: row.value)
    said = (
        f"Sets that hold the genre in {level:.0%} of the cases name {means['set_size']:.1f} of {count} genres on "
        f"average; {means['set_single']:.0%} name one alone, {means['set_empty']:.0%} none."
    )
    if least.high < most.low:
        said += f" Those of {least.genre} are smallest ({_size(least)}), those of {most.genre} largest ({_size(most)})."
    return said


def _size(row: Any) -> str:
    return f"{row.value:.1f} [{row.low:.1f}, {row.high:.1f}]"


def _set_rows(found: Verdicts, inside: np.ndarray, values: np.ndarray) -> pa.Table:
    names = np.array(found.classes, dtype=object)
    order = np.argsort(-found.probabilities, axis=1, kind="stable")
    likely = [names[row[chosen[row]]].tolist() for row, chosen in zip(order, inside, strict=True)]
    return pa.table(
        {
            "cover_id": found.cover_ids,
            "likely": pa.array(likely, pa.list_(pa.string())),
            "p_values": pa.FixedSizeListArray.from_arrays(values.astype(np.float32).ravel(), len(names)),
        }
    )
