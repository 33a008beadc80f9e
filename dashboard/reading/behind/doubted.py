"""Likely wrong labels and what is no cover, as the Audit page reads them: finished runs, cached by run id."""

from functools import lru_cache
from typing import TYPE_CHECKING

from dashboard.reading import queries
from dashboard.reading.results import neighbors_of, none_if_missing, run_of
from data.store.disk.remembered import remembered
from data.store.runs import Run
from data.store.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# So many doubted labels can be looked through in the app; the export has them all.
LISTED = 240


def newest(workspace: Workspace, kind: str) -> Run | None:
    """The newest run of a kind over the covers that count now."""
    return _newest(workspace, kind, queries.stamp(workspace))


def doubted(workspace: Workspace, run_id: str) -> "pd.DataFrame":
    """The head of a labels run's list: see `analysis.behind.labels.labels.read_doubts`."""
    return _doubted(workspace, run_id)


@remembered(maxsize=8)
def sentences(workspace: Workspace, run_id: str) -> tuple[str, ...]:
    """What a labels run comes to."""
    from analysis.behind.labels.labels import sentences

    return tuple(sentences(workspace, run_of(workspace, run_id)))


@remembered(maxsize=8)
def wrong_shares(workspace: Workspace, run_id: str) -> dict[tuple[str, str], tuple[float | None, ...]]:
    """Estimated shares of wrong labels with low and high, by genre as labelled and genre as it would be ('': any)."""
    from analysis.behind.labels.labels import read_estimates

    found = read_estimates(workspace, run_of(workspace, run_id))
    found = found[found.genre.notna()]
    return {
        (row.genre, row.other_genre if isinstance(row.other_genre, str) else ""): tuple(
            none_if_missing(value) for value in (row.value, row.low, row.high)
        )
        for row in found.itertuples()
    }


@remembered(maxsize=8)
def oddities(workspace: Workspace, run_id: str) -> tuple[tuple[int, str, float], ...]:
    """Pictures that may be no cover, the most suspicious first: cover_id, reason, score."""
    from analysis.behind.oddities.oddities import read_oddities

    found = read_oddities(workspace, run_of(workspace, run_id))
    return tuple(zip(found.cover_id.tolist(), found.reason.tolist(), found.score.tolist(), strict=True))


def nearest(workspace: Workspace, run: Run, cover_id: int, *, k: int) -> list[tuple[int, float]]:
    """The k covers nearest to one whose label a run doubts, with their cosine similarity, in the graph that the run
    asked: outside its group, as the run asked them, and one of each group."""
    judge, graph = run.inputs
    groups = _groups(workspace, judge)
    near = neighbors_of(workspace, graph, cover_id, k=len(groups))
    seen, found = {groups[cover_id]}, []
    for other, similarity in near:
        if groups[other] not in seen:
            seen.add(groups[other])
            found.append((other, similarity))
    return found[:k]


@remembered(maxsize=2)
def _groups(workspace: Workspace, run_id: str) -> "np.ndarray":
    from data.grouping.groups import read_group_ids

    return read_group_ids(workspace, run_of(workspace, run_id))


@remembered(maxsize=8)
def _doubted(workspace: Workspace, run_id: str) -> "pd.DataFrame":
    from analysis.behind.labels.labels import read_doubts

    return read_doubts(workspace, run_of(workspace, run_id), limit=LISTED)


@lru_cache(maxsize=8)
def _newest(workspace: Workspace, kind: str, stamp: object) -> Run | None:  # noqa: ARG001
    from data.store.runs import current_runs

    return next(iter(current_runs(workspace, kind)), None)
