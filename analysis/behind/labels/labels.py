"""Likely wrong labels of a collection: a run of kind `labels`, what it holds, and what it comes to.

See docs/methods.md, "Likely wrong labels".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.behind.labels import doubts
from analysis.behind.labels.doubts import DRAWS, HEAD, PLANTED, TRUSTED, Doubts, K, doubt, planted_check
from analysis.behind.labels.words import in_sentences
from analysis.evaluation.finding import find_classifier
from analysis.evaluation.predictions import Verdicts, division_of, read_predictions, verdicts
from analysis.geometry.independent import independent_neighbors
from analysis.geometry.neighbors import embedding_of, read_neighbors
from analysis.statistics.intervals import effective_size, share_interval
from analysis.statistics.resampling import bootstrap_weights
from data.auditing.audit import contradicted
from data.errors import RunNotFound
from data.grouping.duplicates import read_groups
from data.grouping.groups import duplicates_behind, read_group_ids
from data.store.runs import Outcome, Run, compute_run, current_runs
from data.store.workspace import Workspace
from embeddings.encoders.families.finetuned import TRAINED_ON
from embeddings.encoders.families.joined import is_joined
from embeddings.vectors import read_vectors

METHOD = 1
RESAMPLES = 200
# Of more genres pairs of which nothing is estimated to be wrong have no row: they grow with the square.
MANY = 200
METRICS = ("wrong_labels", "wrong_labels_of_genre", "wrong_labels_of_pair")


@dataclass(frozen=True)
class Judged:
    """What labels are doubted by: verdicts on n covers, the n rows' neighbours (n, K) as rows of `codes` (m,)."""

    verdicts: Verdicts
    neighbors: np.ndarray
    codes: np.ndarray


def doubt_labels(workspace: Workspace, *, classifier: str | None = None, seed: int = 42) -> Run:
    """Doubt the labels of the covers that a classifier judged: tables doubts and metrics.

    classifier: as for `compare`; by default the one of the highest balanced accuracy out of fold. Neighbours are those
    of its embedding, outside a cover's own group; where that has no graph (a vote, a network) or was itself taught the
    genres, of the best separated embedding that was not.
    metrics: wrong_labels over all, wrong_labels_of_genre, and of_pair (genre as labelled, other_genre as it would truly
    be), with intervals by a bootstrap of groups that hold the classifier fixed.
    Results: classifier and embedding (labels for people), covers, balanced_accuracy, trusted (whether that is enough
    for the estimate), flagged and both (covers), planted (see `planted_check`, random and kin), contradicted and
    contradicted_head (share of covers whose file lies in several genres: of all, of the first HEAD), ceiling_copies and
    ceiling (accuracy that no classifier exceeds: by those files, and if all flagged labels on which the neighbours
    agree were wrong too). Raises RunNotFound without a classifier or a neighbour graph.
    """
    judge = find_classifier(workspace, classifier, split=None) if classifier else best_classifier(workspace)
    graph = _graph(workspace, judge)
    name = f"{judge.name}@{judge.results['embedding']}"
    params = {"method": METHOD, "k": K, "planted": PLANTED, "draws": DRAWS, "resamples": RESAMPLES, "trusted": TRUSTED}
    return compute_run(
        workspace,
        "labels",
        lambda: _compute(workspace, judge, graph, seed=seed),
        name=name,
        params=params,
        inputs=[judge.run_id, graph.run_id],
        seed=seed,
    )


def best_classifier(workspace: Workspace) -> Run:
    """The current classifier that tells genres apart best, in balanced accuracy, of those that judged every cover."""
    current = current_runs(workspace, "classifier")
    found = [run for run in current if division_of(workspace, run).kind == "folds"]
    if not found:
        raise RunNotFound(
            f"no classifier in {workspace.folder} has judged every cover as it is now: 'genrescope train' makes some"
        )
    return max(found, key=lambda run: _known(workspace, run))


def read_doubts(workspace: Workspace, run: Run, *, limit: int | None = None) -> pd.DataFrame:
    """The list, the most doubtful label first: place, cover_id, path, genre, suggested, quality, suggested_probability,
    own_share, suggested_share, flagged, agree."""
    with workspace.read() as con:
        return con.execute(
            "SELECT place, cover_id, path, genre, suggested, quality, suggested_probability, own_share, "
            "suggested_share, flagged, agree FROM doubts JOIN covers USING (cover_id) WHERE run_id = ? "
            "ORDER BY place LIMIT ?",
            [run.run_id, limit if limit is not None else 2**62],
        ).df()


def read_estimates(workspace: Workspace, run: Run) -> pd.DataFrame:
    """The estimated shares of wrong labels: metric (one of METRICS), genre, other_genre, value, low, high."""
    with workspace.read() as con:
        return con.execute(
            "SELECT metric, genre, other_genre, value, low, high FROM metrics WHERE run_id = ?", [run.run_id]
        ).df()


def sentences(workspace: Workspace, run: Run) -> list[str]:
    """What a labels run comes to, in sentences."""
    found = read_estimates(workspace, run)
    value, low, high = found.loc[found.metric == METRICS[0], ["value", "low", "high"]].to_numpy(float)[0]
    return in_sentences(run, overall=(float(value), float(low), float(high)))


def _graph(workspace: Workspace, judge: Run) -> Run:
    graphs = current_runs(workspace, "neighbors")
    own = [run for run in graphs if run.inputs[0] in judge.inputs and not _taught(embedding_of(workspace, run))]
    if own:
        return own[0]
    measured = {run.name: run.results.get("separability") or -1.0 for run in current_runs(workspace, "separability")}
    known = [run for run in graphs if not _taught(embedding_of(workspace, run))]
    if not known:
        raise RunNotFound(f"no neighbour graph in {workspace.folder} to ask beside {judge.name}: 'genrescope analyze'")
    return max(known, key=lambda run: measured.get(run.name, -1.0))


def _taught(embedding: Run) -> bool:
    """Whether an encoder has learnt from genres, or may have: its neighbours repeat what it was told."""
    return TRAINED_ON in embedding.params or (is_joined(embedding.name) and "finetuned:" in embedding.name)


def _compute(workspace: Workspace, judge: Run, graph: Run, *, seed: int) -> Outcome:
    judged = _read(workspace, judge, graph)
    found = doubt(judged.verdicts.truth, judged.verdicts.probabilities, judged.neighbors, judged.codes)
    found = _without_own_genres(workspace, judged.verdicts, found)
    tables = {"doubts": _rows(judged.verdicts, found), "metrics": _metrics(judged.verdicts, seed=seed)}
    return tables, _results(workspace, judge, graph, judged, found, seed=seed)


def _read(workspace: Workspace, judge: Run, graph: Run) -> Judged:
    told = verdicts(read_predictions(workspace, judge))
    listed = read_neighbors(workspace, graph)
    groups = read_group_ids(workspace, judge)
    cover_ids, vectors = read_vectors(workspace, embedding_of(workspace, graph))
    near = independent_neighbors(vectors, listed.rows, groups[cover_ids], k=K)
    row_of = np.full(len(groups) + 1, -1)
    row_of[told.cover_ids] = np.arange(len(told.cover_ids))
    # Neighbours that nobody judged have no verdict, and are left out: row numbers are of the verdicts.
    found = np.full((len(told.cover_ids), near.shape[1]), -1)
    own = row_of[cover_ids]
    asked = np.where(near >= 0, row_of[cover_ids[near]], -1)
    found[own[own >= 0]] = asked[own >= 0]
    return Judged(told, found, told.truth)


def _without_own_genres(workspace: Workspace, told: Verdicts, found: Doubts) -> Doubts:
    """The same, without flags where a cover carries the suggested genre as well: that is no wrong label."""
    with workspace.read() as con:
        genres = dict(con.sql("SELECT cover_id, genres FROM covers WHERE len(genres) > 1").fetchall())
    for row, cover_id in enumerate(told.cover_ids.tolist()):
        if told.classes[found.suggested[row]] in genres.get(cover_id, ()):
            found.flagged[row] = False
    return found


def _rows(told: Verdicts, found: Doubts) -> pa.Table:
    names = np.array(told.classes, dtype=object)
    return pa.table(
        {
            "cover_id": pa.array(told.cover_ids, pa.int32()),
            "place": pa.array(found.place, pa.int32()),
            "suggested": pa.array(names[found.suggested], pa.string()),
            "quality": found.quality,
            "suggested_probability": found.suggested_probability,
            "own_share": pa.array(found.own_share, from_pandas=True),
            "suggested_share": pa.array(found.suggested_share, from_pandas=True),
            "flagged": found.flagged,
            "agree": found.agree,
        }
    )


def _metrics(told: Verdicts, *, seed: int) -> pa.Table:
    """Estimated shares of wrong labels over all, by genre and by pair, with intervals."""
    value, low, high = estimates(told.truth, told.probabilities, told.groups, seed=seed)
    classes = told.classes
    names: list[tuple[str, str | None, str | None]] = [(METRICS[0], None, None)]
    names += [(METRICS[1], genre, None) for genre in classes]
    names += [(METRICS[2], genre, other) for genre in classes for other in classes]
    frame = pd.DataFrame(names, columns=["metric", "genre", "other_genre"]).assign(value=value, low=low, high=high)
    frame = frame[frame.genre.isna() | (frame.genre != frame.other_genre)]
    if len(classes) > MANY:
        frame = frame[frame.other_genre.isna() | frame.value.notna()]
    types = [pa.field(name, pa.string()) for name in ("metric", "genre", "other_genre")]
    types += [pa.field(name, pa.float64()) for name in ("value", "low", "high")]
    return pa.Table.from_pandas(frame, schema=pa.schema(types), preserve_index=False)


def estimates(
    truth: np.ndarray, probabilities: np.ndarray, groups: np.ndarray, *, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What `wrong_shares` says of these covers, with low and high: a bootstrap of groups, the classifier held fixed.

    NaN for pairs of more than MANY genres of which nothing is estimated to be wrong.
    """

    def shares(rows: np.ndarray) -> np.ndarray:
        return doubts.wrong_shares(doubts.estimated_joint(truth[rows], probabilities[rows]))

    weights = bootstrap_weights(truth, groups, resamples=RESAMPLES, seed=seed)
    rows = np.arange(len(truth))
    value = shares(rows)
    sizes = np.array([effective_size(groups[truth == code]) for code in range(probabilities.shape[1])])
    several = np.concatenate([[sizes.sum()], sizes, np.repeat(sizes, len(sizes))])
    kept = (value > 0) | (np.arange(len(value)) <= len(sizes)) | (len(sizes) <= MANY)
    replicates = np.stack([shares(np.repeat(rows, weight))[kept] for weight in weights])
    low, high = np.full((2, len(value)), np.nan)
    low[kept], high[kept] = share_interval(value[kept], replicates, several[kept])
    return np.where(kept, value, np.nan), low, high


def _results(
    workspace: Workspace, judge: Run, graph: Run, judged: Judged, found: Doubts, *, seed: int
) -> dict[str, Any]:
    told = judged.verdicts
    exact, _ = read_groups(workspace, duplicates_behind(workspace, judge))
    both, balanced = found.flagged & found.agree, _balanced(told)
    several, minority = contradicted(exact[told.cover_ids], told.truth)
    checks: Mapping[str, Any] = {
        name: planted_check(told.truth, told.probabilities, judged.neighbors, kin=kin, seed=seed)
        for name, kin in (("random", False), ("kin", True))
    }
    return {
        "classifier": f"{judge.name} on {judge.results['embedding']}",
        "embedding": graph.name,
        "covers": len(told.cover_ids),
        "balanced_accuracy": balanced,
        "trusted": balanced >= TRUSTED,
        "flagged": int(found.flagged.sum()),
        "both": int(both.sum()),
        "planted": {name: {key: _none(value) for key, value in check.items()} for name, check in checks.items()},
        "contradicted": float(several.mean()),
        "contradicted_head": float(several[found.place <= HEAD].mean()),
        "ceiling_copies": float(1 - minority.mean()),
        "ceiling": float(1 - (minority | both).mean()),
    }


def _none(value: float) -> float | None:
    return None if value != value else value


def _known(workspace: Workspace, run: Run) -> float:
    """Balanced accuracy of a classifier, as it stands in its results or, of an old run, as its predictions say."""
    known = run.results.get("balanced_accuracy")
    return float(known) if known is not None else _balanced(verdicts(read_predictions(workspace, run)))


def _balanced(told: Verdicts) -> float:
    """Balanced accuracy of the verdicts: the mean of the genres' recalls."""
    right = told.predicted == told.truth
    recalls: Sequence[float] = [float(right[told.truth == code].mean()) for code in np.unique(told.truth)]
    return float(np.mean(recalls))
