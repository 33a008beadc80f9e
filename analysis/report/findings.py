"""What the older study asked, as one table: genres told best and worst, those said wrongly, its protocol beside ours.

See docs/methods.md.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd

from analysis.classifiers.training import train
from analysis.evaluation.comparing.told import genres_told
from analysis.evaluation.predictions import Predictions, division_of, read_predictions
from analysis.evaluation.scores import score, value_of
from analysis.statistics.ranks import CLAIM_GROUPS
from data.errors import GenrescopeError, RunNotFound
from data.grouping.groups import groups_behind
from data.grouping.splits import make_split
from data.listing import enumerated
from data.store.runs import Run, ancestor, current_runs
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

# The older study's classifier, and how it divided its covers.
OLDER, OLDER_SPLIT = "1nn", "random"
# Of each measure the names of the genres with the highest and the lowest value.
ENDS = {
    "recall": ("recognised best", "recognised worst"),
    "called_wrongly": ("most often said wrongly", "least often said wrongly"),
}
# What is said of such a genre where it is surely so, and where others may as well be it.
SAID = {
    "recognised best": ("is recognised best", "has the highest recall"),
    "recognised worst": ("is recognised worst", "has the lowest recall"),
    "most often said wrongly": ("is the genre most often predicted in place of another",) * 2,
    "least often said wrongly": ("is the genre least often predicted in place of another",) * 2,
}
# The older study's classifier with groups kept apart.
APART = {"the same with groups kept apart": "accuracy", "and every genre counting the same": "balanced_accuracy"}
COLUMNS = [
    *("finding", "classifier", "division", "measure", "genre", "value", "low", "high", "chance"),
    *("rank_low", "rank_high", "not_told_apart"),
]
NO_CLAIM = f"No two genres have the {CLAIM_GROUPS} groups that a claim about them needs."


# Of a run what it predicted, and its scores.
Scored = Callable[[Run], tuple[Predictions, pd.DataFrame]]


def findings(
    workspace: Workspace, *, embedding: str | None = None, scored: Scored | None = None, seed: int = 42
) -> pd.DataFrame:
    """The study's findings, a row each; what they need and is not there yet is trained: the older study's protocol.

    embedding: an encoder's name; by default that of the classifier with the highest balanced accuracy out of fold.
    scored: for whoever has scored some already.
    Columns: finding, classifier, division, measure, genre (missing: over all), value with its 95 % interval low and
    high, chance, and of genres what `told.genres_told` says: rank_low, rank_high, not_told_apart. Measures: its own,
    accuracy and balanced_accuracy. Raises GenrescopeError where no classifier out of fold is there.
    """
    scored = scored or partial(_scored, workspace)
    protocols = _protocols(workspace, best_classifier(workspace, embedding=embedding), scored, seed=seed)
    # Only now, as the older study's own, with groups kept apart, is one of those to be chosen from.
    best = best_classifier(workspace, embedding=embedding)
    predictions, _ = scored(best)
    classifier, division = described(predictions)
    found = [{"classifier": classifier, "division": division} | row for row in _ends(predictions)]
    found += protocols + _over_all(best, scored, {"the best classifier here": "balanced_accuracy"})
    return pd.DataFrame(found, columns=COLUMNS).astype({"genre": object})


def best_classifier(workspace: Workspace, *, embedding: str | None = None) -> Run:
    """The current classifier out of fold with the highest balanced accuracy, on one embedding or on any; of those of
    one name on one embedding the newest counts, as in the report."""
    newest = {
        (run.name, run.results.get("embedding")): run
        for run in reversed(current_runs(workspace, "classifier"))
        if division_of(workspace, run).kind == "folds" and embedding in (None, run.results.get("embedding"))
    }
    if not newest:
        wanted = f" --embedding {embedding}" if embedding else ""
        raise GenrescopeError(f"no classifier has judged every cover yet: make one with 'genrescope train{wanted}'")
    return max(newest.values(), key=lambda run: run.results.get("balanced_accuracy", 0.0))


def described(predictions: Predictions) -> tuple[str, str]:
    """What made predictions, and how the covers were divided: ('knn on color', 'out of fold')."""
    classifier, _, division = predictions.title.rpartition(", ")
    return classifier, division


def in_words(row: "pd.Series") -> str:
    """A row about a genre as a sentence that claims no more than the places support."""
    sure, open_ = SAID[row.finding]
    if not row.not_told_apart:
        return f"{row.genre} {sure}."
    return f"{row.genre} {open_}, but {enumerated(row.not_told_apart.split(', '))} cannot be told apart from it."


def _scored(workspace: Workspace, run: Run) -> tuple[Predictions, pd.DataFrame]:
    predictions = read_predictions(workspace, run)
    return predictions, score(predictions)


def _ends(predictions: Predictions) -> list[dict[str, object]]:
    """The genres with the highest and the lowest values; none where fewer than two are large enough for a claim."""
    found = genres_told(predictions)
    rows = []
    for measure, table in found.groupby("measure", sort=False):
        if len(table) > 1:
            ends = table.iloc[[0, -1]].to_dict("records")
            rows += [{"finding": name, **row} for name, row in zip(ENDS[str(measure)], ends, strict=True)]
    return rows


def _protocols(workspace: Workspace, best: Run, scored: Scored, *, seed: int) -> list[dict[str, object]]:
    """The older study's accuracy and the same with groups kept apart, on the embedding of the best classifier."""
    try:
        embedding = ancestor(workspace, best, "embedding")
    except RunNotFound:  # a network of its own
        return []
    division = division_of(workspace, best)
    log.info("the older study's protocol: %s on %s, split '%s'", OLDER, embedding.name, OLDER_SPLIT)
    split = make_split(workspace, kind=OLDER_SPLIT, groups=groups_behind(workspace, division), seed=seed)
    older = train(workspace, OLDER, embedding, split, seed=seed)
    apart = train(workspace, OLDER, embedding, division, seed=seed)
    return _over_all(older, scored, {"the older study's protocol": "accuracy"}) + _over_all(apart, scored, APART)


def _over_all(run: Run, scored: Scored, measures: Mapping[str, str]) -> list[dict[str, object]]:
    """Rows over all genres of one run; measures: by the finding that each is."""
    predictions, scores = scored(run)
    classifier, division = described(predictions)
    rows = []
    for finding, measure in measures.items():
        value, low, high = value_of(scores, measure)
        chance = run.results.get("chance" if measure == "accuracy" else "balanced_chance")
        facts = (finding, classifier, division, measure, None, value, low, high, chance)
        rows.append(dict(zip(COLUMNS, facts, strict=False), not_told_apart=""))
    return rows
