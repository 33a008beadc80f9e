"""Recommended covers of a workspace: near to what is liked, away from what is not, each with its reason.

See docs/methods.md, "Recommendations".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.geometry.cosine import normalize, similarities_of
from analysis.geometry.neighbors import embedding_of
from analysis.predicting.near import vectors_of
from analysis.recommending.ranking import chosen, nearest_to, taste
from data.errors import GenrescopeError
from data.grouping.duplicates import join_groups, read_groups
from data.grouping.groups import duplicates_behind, same_value
from data.store.covers import read_covers
from data.store.disk.remembered import remembered
from data.store.runs import Run, ancestor, current_runs, get_run
from data.store.workspace import Workspace
from embeddings.vectors import current_embeddings

K = 12
# Covers in a query; beyond it nobody could tell what a list is near to, and an address would be too long.
MOST = 50


@dataclass(frozen=True)
class Recommendation:
    """A recommended cover and why: the liked cover that it is nearest to, and the disliked one, None without any.

    score: cosine to what is liked as a whole. similarity, similarity_to_disliked: cosines to these two covers.
    """

    cover_id: int
    score: float
    near_to: int
    similarity: float
    disliked: int | None = None
    similarity_to_disliked: float | None = None


def recommend(
    workspace: Workspace,
    liked: Sequence[int],
    disliked: Sequence[int] = (),
    *,
    embedding: Run,
    groups: Run,
    k: int = K,
    across_genres: bool = False,
) -> list[Recommendation]:
    """At most k covers for somebody who likes and dislikes these, in the order in which `ranking.chosen` takes them.

    None of the groups (and albums) of the covers named is among them, and no two of one. across_genres: only covers
    that share no genre with those liked. Raises GenrescopeError for no liked cover, one that is liked and disliked or
    that the embedding has not, and for more than MOST.
    """
    liked, disliked = list(dict.fromkeys(liked)), list(dict.fromkeys(disliked))
    cover_ids, unit = _unit(workspace, embedding.run_id)
    _check(cover_ids, liked, disliked, embedding.name)
    rows, other = np.searchsorted(cover_ids, liked), np.searchsorted(cover_ids, disliked)
    apart = albums(workspace, groups.run_id)[cover_ids]
    allowed = ~np.isin(apart, apart[np.concatenate([rows, other]).astype(int)])
    if across_genres:
        allowed &= ~_shares_genre(workspace, embedding.run_id, tuple(liked))[cover_ids]
    wanted = taste(unit[rows], unit[other])
    near, nearness = nearest_to(unit, wanted, allowed, count=len(unit))
    found = chosen(unit, near, nearness, apart, k=k)
    scores = dict(zip(near.tolist(), nearness.tolist(), strict=True))
    return [_reason(unit, cover_ids, int(row), scores[int(row)], rows, other) for row in found]


def best_embedding(workspace: Workspace) -> Run:
    """The embedding of the covers there are now that separates best; the newest where none is measured.

    Raises RunNotFound without any.
    """
    measured = [run for run in current_runs(workspace, "separability") if run.results.get("separability") is not None]
    if measured:
        best = max(measured, key=lambda run: float(run.results["separability"]))
        return embedding_of(workspace, ancestor(workspace, best, "neighbors"))
    return current_embeddings(workspace)[-1]


@remembered(maxsize=8)
def albums(workspace: Workspace, run_id: str, *, without: str = "") -> np.ndarray:
    """What is not recommended to itself, int32 (n,) by cover_id: groups, joined where artist and title are the same.

    without: a column that makes no groups here, whatever the groups run says.
    """
    run = get_run(workspace, run_id)
    _, pictures = read_groups(workspace, duplicates_behind(workspace, run))
    joining = [name for name in run.params["columns"] if name != without]
    names = [same_value(workspace, column, len(pictures)) for column in ("artist", "title")]
    _, first, album = np.unique(np.stack(names), axis=1, return_index=True, return_inverse=True)
    return join_groups(pictures, first[album], *(same_value(workspace, name, len(pictures)) for name in joining))


def _check(cover_ids: np.ndarray, liked: Sequence[int], disliked: Sequence[int], name: str) -> None:
    if not liked:
        raise GenrescopeError("nothing is liked: name a cover by its id with --like, as panel and 'export covers' show")
    if len(liked) + len(disliked) > MOST:
        raise GenrescopeError(f"{len(liked) + len(disliked)} covers are too many to be near to: name {MOST} at most")
    for cover_id in liked:
        if cover_id in disliked:
            raise GenrescopeError(f"cover {cover_id} is both liked and disliked: decide on one")
    for cover_id in (*liked, *disliked):
        if cover_id not in cover_ids:
            raise GenrescopeError(
                f"{name} has no vector of a cover {cover_id}: 'genrescope export covers FILE' lists the covers"
            )


@remembered(maxsize=2)
def _unit(workspace: Workspace, run_id: str) -> tuple[np.ndarray, np.ndarray]:
    cover_ids, vectors = vectors_of(workspace, run_id)
    return cover_ids, normalize(vectors)


@remembered(maxsize=16)
def _shares_genre(workspace: Workspace, run_id: str, liked: tuple[int, ...]) -> np.ndarray:
    """Which covers (n,) have a genre, primary or not, that a liked one has, too."""
    genres = read_covers(workspace, ancestor(workspace, get_run(workspace, run_id), "collection")).genres
    wanted = {genre for cover_id in liked for genre in genres[cover_id]}
    return np.array([not wanted.isdisjoint(each) for each in genres])


def _reason(
    unit: np.ndarray, cover_ids: np.ndarray, row: int, score: float, liked: np.ndarray, disliked: np.ndarray
) -> Recommendation:
    """Why a row is recommended: the nearest of the liked rows, and of the disliked ones."""
    found: list[int | float] = []
    for side in (liked, disliked):
        if len(side):
            cosines = similarities_of(unit, np.array([row]), unit, side[None])[0]
            found += [int(cover_ids[side[cosines.argmax()]]), float(cosines.max())]
    return Recommendation(int(cover_ids[row]), score, *found)  # type: ignore[arg-type]
