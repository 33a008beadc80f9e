"""What the older study asked, as one table: genres told best and worst, those said wrongly, its protocol beside ours.

See docs/methods.md.
"""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.classifiers.training import OUT_OF_FOLD, train
from analysis.evaluation.predictions import Predictions, read_predictions
from analysis.evaluation.scores import ratio, resampled_sums, score, value_of
from analysis.separability.claims import enumerated
from analysis.separability.evidence import CLAIM_GROUPS
from analysis.statistics.intervals import effective_size, share_interval
from analysis.statistics.ranks import rank_intervals, surely_above
from data.errors import GenrescopeError
from data.grouping.groups import groups_behind
from data.grouping.splits import make_split
from data.store.runs import Run, current_runs, get_run
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

# The older study's classifier, and how it divided its covers.
OLDER, OLDER_SPLIT = "1nn", "random"
RESAMPLES = 1000
NO_CLAIM = f"No two genres have the {CLAIM_GROUPS} groups that a claim about them needs."
COLUMNS = [
    *("finding", "classifier", "division", "measure", "genre", "value", "low", "high", "chance"),
    *("rank_low", "rank_high", "not_told_apart"),
]


def findings(workspace: Workspace, *, embedding: str | None = None, seed: int = 42) -> pd.DataFrame:
    """The study's findings, a row each; what they need and is not there yet is trained: the older study's protocol.

    embedding: an encoder's name; by default that of the classifier with the highest balanced accuracy out of fold.
    Columns: finding, classifier, division, measure, genre (None: over all), value with its 95 % interval low and high,
    chance, rank_low and rank_high (between which places the genre stands, all at once), not_told_apart (the genres that
    may as well be it). Measures: recall; called_wrongly, the share of the other genres' covers that are called so;
    accuracy; balanced_accuracy. Raises GenrescopeError where no classifier out of fold is there.
    """
    best = best_classifier(workspace, embedding=embedding)
    rows = [*told(read_predictions(workspace, best)), *protocols(workspace, best, seed=seed)]
    described = {"classifier": f"{best.name} on {best.results['embedding']}", "division": "out of fold"}
    return pd.DataFrame([described | row for row in rows], columns=COLUMNS).astype({"genre": object})


def best_classifier(workspace: Workspace, *, embedding: str | None = None) -> Run:
    """The current classifier out of fold with the highest balanced accuracy, on one embedding or on any."""
    found = [
        run
        for run in current_runs(workspace, "classifier")
        if run.results["split"] == OUT_OF_FOLD and embedding in (None, run.results["embedding"])
    ]
    if not found:
        wanted = f" --embedding {embedding}" if embedding else ""
        raise GenrescopeError(f"no classifier has judged every cover yet: make one with 'genrescope train{wanted}'")
    return max(found, key=lambda run: run.results.get("balanced_accuracy", 0.0))


def told(predictions: Predictions, *, resamples: int = RESAMPLES, seed: int = 42) -> list[dict[str, object]]:
    """Which genres are told best and worst, and most and least often said of covers of another genre."""
    size = len(predictions.classes)
    sums = _sums(predictions)
    values = _shares(sums.sum(axis=0)[None] / predictions.repeats, size)
    replicates = _shares(resampled_sums(sums, predictions, resamples=resamples, seed=seed), size)
    own = predictions.truth == np.arange(size)[:, None]
    counted = np.array([len(np.unique(predictions.groups[rows])) for rows in own]) >= CLAIM_GROUPS
    names = {"recall": ("recognised best", "recognised worst")}
    names["called_wrongly"] = ("most often said wrongly", "least often said wrongly")
    found = []
    for measure, (most, least) in names.items():
        covers = own if measure == "recall" else ~own
        sizes = np.array([effective_size(predictions.groups[rows]) for rows in covers])
        table = _ranked(predictions.classes, values[measure][0], replicates[measure], sizes, counted)
        found += _ends(table, measure, most, least)
    return found


def protocols(workspace: Workspace, best: Run, *, seed: int = 42) -> list[dict[str, object]]:
    """The older study's accuracy and what stands in its place here, on the embedding of a classifier out of fold."""
    embedding, division = (get_run(workspace, run_id) for run_id in best.inputs[:2])
    log.info("the older study's protocol: %s on %s, split '%s'", OLDER, embedding.name, OLDER_SPLIT)
    split = make_split(workspace, kind=OLDER_SPLIT, groups=groups_behind(workspace, division), seed=seed)
    older = train(workspace, OLDER, embedding, split, seed=seed)
    apart = train(workspace, OLDER, embedding, division, seed=seed)
    return [
        _over_all(workspace, older, "the older study's protocol", "accuracy"),
        _over_all(workspace, apart, "the same with groups kept apart", "accuracy"),
        _over_all(workspace, apart, "and every genre counting the same", "balanced_accuracy"),
        _over_all(workspace, best, "the best classifier here", "balanced_accuracy"),
    ]


def in_words(row: "pd.Series") -> str:
    """A row about genres as a sentence that claims no more than the places support."""
    said = {
        "recognised best": ("is recognised best", "has the highest recall"),
        "recognised worst": ("is recognised worst", "has the lowest recall"),
        "most often said wrongly": (
            "is most often predicted in place of another genre",
            "is predicted most often in place of another",
        ),
        "least often said wrongly": (
            "is least often predicted in place of another genre",
            "is predicted least often in place of another",
        ),
    }
    sure, open_ = said[row.finding]
    if not row.not_told_apart:
        return f"{row.genre} {sure}."
    return f"{row.genre} {open_}, but {enumerated(row.not_told_apart.split(', '))} cannot be told apart from it."


def _sums(predictions: Predictions) -> np.ndarray:
    """Per prediction its genre, the genre if it was told right, and the genre said if it was not: (m, 3 c)."""
    genres = np.eye(len(predictions.classes))
    right = (predictions.truth == predictions.predicted)[:, None]
    truth = genres[predictions.truth]
    return np.column_stack([truth, truth * right, genres[predictions.predicted] * ~right])


def _shares(totals: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """From sums of `_sums` (r, 3 c): recall and the share of the others' covers called so, (r, c) each."""
    support, hits, wrong = np.hsplit(totals, [size, 2 * size])
    others = support.sum(axis=1, keepdims=True) - support
    return {"recall": ratio(hits, support), "called_wrongly": ratio(wrong, others)}


def _ranked(
    names: Sequence[str], values: np.ndarray, replicates: np.ndarray, sizes: np.ndarray, counted: np.ndarray
) -> pd.DataFrame:
    """A row a genre that is large enough for a claim, the highest first; `above` and `below`: who cannot be told
    apart from it when looked at from either side."""
    low, high = share_interval(values, replicates, sizes)
    above = surely_above(np.where(counted, values, np.nan), replicates)
    rank_low, rank_high = rank_intervals(above, counted)
    like = [
        [j for j in np.flatnonzero(counted) if j != i and not (above[i, j] or above[j, i])] for i in range(len(names))
    ]
    table = pd.DataFrame(
        {
            "genre": pd.Series(list(names), dtype=object),
            "value": values,
            "low": low,
            "high": high,
            "rank_low": rank_low,
            "rank_high": rank_high,
            "not_told_apart": [", ".join(names[int(j)] for j in others) for others in like],
        }
    )
    return table[counted].sort_values("value", ascending=False, kind="stable")


def _ends(table: pd.DataFrame, measure: str, most: str, least: str) -> list[dict[str, object]]:
    """The first and the last row; none where fewer than two genres are large enough."""
    if len(table) < 2:
        return []
    ends = table.iloc[[0, -1]].to_dict("records")
    return [{"finding": name, "measure": measure, **row} for name, row in zip((most, least), ends, strict=True)]


def _over_all(workspace: Workspace, run: Run, finding: str, measure: str) -> dict[str, object]:
    scores = score(read_predictions(workspace, run))
    value, low, high = value_of(scores, measure)
    chance = run.results.get("chance" if measure == "accuracy" else "balanced_chance")
    out_of_fold = run.results["split"] == OUT_OF_FOLD
    return {
        "finding": finding,
        "classifier": f"{run.name} on {run.results['embedding']}",
        "division": "out of fold" if out_of_fold else f"{run.results['split']} split, 80/20",
        "measure": measure,
        "genre": None,
        "value": value,
        "low": low,
        "high": high,
        "chance": chance,
        "not_told_apart": "",
    }
