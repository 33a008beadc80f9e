"""Recommended covers, and how good such lists are, as pages read them."""

from typing import TYPE_CHECKING

from dashboard.reading import queries, results
from dashboard.reading.chains import Chain
from data.errors import GenrescopeError
from data.store.disk.remembered import remembered
from data.store.runs import Run
from data.store.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from analysis.recommending.recommend import Recommendation

# Covers in a list: some rows of them.
SHOWN = 24


def recommended(
    workspace: Workspace, chain: Chain, liked: tuple[int, ...], disliked: tuple[int, ...], *, across_genres: bool
) -> "list[Recommendation]":
    """Covers by those liked and disliked; raises GenrescopeError, also where the covers are not grouped yet."""
    groups = _groups(workspace)
    if groups is None:
        raise GenrescopeError("these covers are not grouped yet: 'genrescope audit' does it")
    return list(_recommended(workspace, chain.embedding.run_id, groups.run_id, liked, disliked, across_genres))


def evaluations(workspace: Workspace, chain: Chain) -> list[Run]:
    """The newest evaluation of an embedding's lists by genre, by artist, by label, as far as there are such."""
    found: dict[str, Run] = {}
    made = [run for run in queries.runs(workspace) if run.kind == "recommendations" and run.finished]
    for run in made:
        if chain.neighbors is not None and run.inputs[0] == chain.neighbors.run_id:
            found.setdefault(run.results["relevant"], run)
    return [found[relevant] for relevant in sorted(found, key=lambda name: (name != "genre", name))]


@remembered(maxsize=16)
def figures(workspace: Workspace, run_id: str) -> "pd.DataFrame":
    """The figures of an evaluation: measure, recommender, genre (missing: over all), value, low, high."""
    from analysis.recommending.evaluation import read_evaluation

    return read_evaluation(workspace, results.run_of(workspace, run_id))


@remembered(maxsize=16)
def said(workspace: Workspace, run_id: str) -> list[str]:
    """What an evaluation found, in sentences."""
    from analysis.recommending.words import sentences

    return sentences(results.run_of(workspace, run_id), figures(workspace, run_id))


def _groups(workspace: Workspace) -> Run | None:
    """The groups of the covers that count now: by the usual columns, else the newest."""
    from data.grouping.groups import usual_columns

    covers = results.collection_now(workspace)
    runs = [run for run in queries.runs(workspace) if run.kind == "groups" and run.finished]
    found = [run for run in runs if covers and run.inputs[0] == covers.run_id]
    usual = usual_columns(workspace, covers) if covers else []
    return next((run for run in found if run.params["columns"] == usual), found[0] if found else None)


@remembered(maxsize=128)
def _recommended(
    workspace: Workspace,
    embedding: str,
    groups: str,
    liked: tuple[int, ...],
    disliked: tuple[int, ...],
    across_genres: bool,
) -> "tuple[Recommendation, ...]":
    from analysis.recommending.recommend import recommend

    made, grouped = results.run_of(workspace, embedding), results.run_of(workspace, groups)
    found = recommend(workspace, liked, disliked, embedding=made, groups=grouped, k=SHOWN, across_genres=across_genres)
    return tuple(found)
