"""The border between two genres: which covers of one lie next to one of the other. See docs/methods.md."""

import numpy as np

from analysis.geometry.neighbors import NeighborGraph


def border(
    graph: NeighborGraph, genres: np.ndarray, groups: np.ndarray, *, of: int, beside: int
) -> tuple[np.ndarray, np.ndarray]:
    """Covers of a genre that have one of another genre and another group among their neighbours, the nearest first.

    genres, groups: of all covers, indexed by cover_id; genres as codes, `of` and `beside` being two of them.
    Gives cover_ids (b,), and the cosine similarity (b,) of each to the nearest cover of the other genre.
    """
    own = np.flatnonzero(genres[graph.cover_ids] == of)
    ids, near = graph.cover_ids[own], graph.neighbor_ids[own]
    crossing = (near >= 0) & (genres[near] == beside) & (groups[near] != groups[ids][:, None])
    nearest = np.where(crossing, graph.similarities[own], -np.inf).max(axis=1, initial=-np.inf)
    order = np.argsort(-nearest, kind="stable")[: int(np.isfinite(nearest).sum())]
    return ids[order], nearest[order]
