"""The neighbour graph: each cover's nearest covers by cosine similarity, computed once and read by everything else.

See docs/methods.md.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.geometry.cosine import normalize, similarities_of
from analysis.geometry.hubness import corrected_neighbors, hubness_skewness
from data.errors import GenrescopeError
from data.grouping.duplicates import find_duplicates, read_groups
from data.progress import progress
from data.store.runs import Outcome, Run, compute_run, get_run
from data.store.workspace import Workspace
from embeddings.vectors import read_vectors

EXACT_UP_TO = 200_000  # covers; beyond it comparing all with all takes hours, an HNSW index minutes
RECALL_QUERIES = 1_000  # covers whose approximate lists are compared with exact ones
BATCH = 4_096  # queries a search call: 4,096 x 67 results are a few megabytes
# The search multiplies in float32, and how it rounds depends on processor and threads. So it is only asked who might
# be near: these many more than wanted, deeper where the last ones are within MARGIN of the k-th. Their similarities
# are then computed anew: the graph is the same everywhere.
SPARE = 16
MARGIN = 1e-5


@dataclass(frozen=True)
class NeighborGraph:
    """Nearest neighbours of m covers, nearest first.

    cover_ids: (m,) int32 ascending. neighbor_ids: (m, k) int32, padded with -1. similarities: (m, k) float32,
    cosine, padded with NaN.
    """

    cover_ids: np.ndarray
    neighbor_ids: np.ndarray
    similarities: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """Neighbours as row numbers of this graph instead of cover ids: (m, k), padded with -1."""
        rows = np.searchsorted(self.cover_ids, self.neighbor_ids)
        return np.where(self.neighbor_ids < 0, -1, rows)


def build_neighbors(workspace: Workspace, embedding: Run, *, k: int = 50) -> Run:
    """Build the neighbour graph of an embedding, or find it.

    Results: k (longest list), exact (whether every cover was compared with every other), recall (share of true
    neighbours found, 1 for an exact graph), hubness_skewness (see there) and what is left of it in the lists of
    `corrected_neighbors`, hubness_skewness_corrected.
    Raises GenrescopeError on an embedding without vectors.
    """
    duplicates = find_duplicates(workspace)
    return compute_run(
        workspace,
        "neighbors",
        lambda: _compute(workspace, embedding, duplicates, k=k),
        name=embedding.name,
        params={"k": k},
        inputs=[embedding.run_id, duplicates.run_id],
    )


def _compute(workspace: Workspace, embedding: Run, duplicates: Run, *, k: int) -> Outcome:
    cover_ids, vectors = read_vectors(workspace, embedding)
    if not len(vectors):
        raise GenrescopeError(f"embedding {embedding.name} holds no vectors: 'genrescope audit' says what is left out")
    exact_group, _ = read_groups(workspace, duplicates)
    rows, similarities, recall = search_graph(vectors, exact_group[cover_ids], k=k)
    results = {
        "k": rows.shape[1],
        "exact": len(vectors) <= EXACT_UP_TO,
        "recall": recall,
        "hubness_skewness": hubness_skewness(rows),
        "hubness_skewness_corrected": hubness_skewness(corrected_neighbors(rows, similarities)),
    }
    graph = NeighborGraph(cover_ids, np.where(rows < 0, -1, cover_ids[rows]).astype(np.int32), similarities)
    return {"neighbors": _table(graph)}, results


def read_neighbors(workspace: Workspace, run: Run) -> NeighborGraph:
    """The graph of a finished neighbours run."""
    with workspace.read() as con:
        table = con.sql(
            "SELECT cover_id, neighbor_ids, similarities FROM neighbors WHERE run_id = ? ORDER BY cover_id",
            params=[run.run_id],
        ).to_arrow_table()
    lengths = pc.list_value_length(table["neighbor_ids"]).to_numpy()
    real = np.arange(lengths.max(initial=0)) < lengths[:, None]
    neighbor_ids = np.full(real.shape, -1, np.int32)
    similarities = np.full(real.shape, np.nan, np.float32)
    neighbor_ids[real] = pc.list_flatten(table["neighbor_ids"]).to_numpy()
    similarities[real] = pc.list_flatten(table["similarities"]).to_numpy()
    return NeighborGraph(table["cover_id"].to_numpy(), neighbor_ids, similarities)


def embedding_of(workspace: Workspace, neighbors: Run) -> Run:
    """The embedding that a neighbours run was built from."""
    return get_run(workspace, neighbors.inputs[0])


def nearest(vectors: np.ndarray, query: np.ndarray, *, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers and cosine similarities of the k vectors most similar to one query vector, nearest first."""
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    similarities = vectors @ query / np.where(lengths > 0, lengths, 1)
    found = np.argsort(-similarities, kind="stable")[:k]
    return found, similarities[found]


def neighbor_graph(vectors: np.ndarray, exact_group: np.ndarray, *, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Each row's k nearest rows by cosine similarity, never one of its own exact_group.

    vectors: (n, d) float32. exact_group: (n,). Returns row numbers (n, k) int32 padded with -1 and similarities
    (n, k) float32 padded with NaN, nearest first, equally near ones by row number; k is capped at n - 1.
    """
    rows, similarities, _ = search_graph(vectors, exact_group, k=k)
    return rows, similarities


def search_graph(vectors: np.ndarray, exact_group: np.ndarray, *, k: int) -> tuple[np.ndarray, np.ndarray, float]:
    """As `neighbor_graph`, with the recall: measured on RECALL_QUERIES covers where the search is approximate."""
    unit = normalize(vectors.astype(np.float32, copy=False))
    k = min(k, max(len(unit) - 1, 0))
    if len(unit) <= EXACT_UP_TO:
        return *_search(_flat(unit), unit, exact_group, k=k), 1.0
    rows, similarities = _search(_hnsw(unit, k=k), unit, exact_group, k=k)
    asked = np.random.default_rng(0).choice(len(unit), min(RECALL_QUERIES, len(unit)), replace=False)
    true, _ = _search(_flat(unit), unit, exact_group, k=k, asked=asked)
    return rows, similarities, recall(rows[asked], true[asked])


def recall(found: np.ndarray, true: np.ndarray) -> float:
    """Share of the true neighbours (m, k) that were found (m, k); both padded with -1."""
    hits = sum(np.intersect1d(a[a >= 0], b[b >= 0]).size for a, b in zip(found, true, strict=True))
    return hits / max(int((true >= 0).sum()), 1)


def _search(
    index: Any, unit: np.ndarray, exact_group: np.ndarray, *, k: int, asked: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours of all rows, or of those asked for (the others keep empty lists).

    A row of a duplicate group of g covers needs k + g hits to be left with k, so rows are searched in classes of
    equal depth. Duplicates with one and the same vector are searched once and share their list: even a group of
    half the collection costs one query.
    """
    rows = np.full((len(unit), k), -1, np.int32)
    similarities = np.full((len(unit), k), np.nan, np.float32)
    _, group, sizes = np.unique(exact_group, return_inverse=True, return_counts=True)
    like = _same_list(unit, group)
    wanted = np.unique(like if asked is None else like[asked])
    depths = k + SPARE + 2 ** np.ceil(np.log2(sizes[group[wanted]])).astype(int)
    with progress(total=len(wanted), what="neighbours") as bar:
        while len(wanted):
            depth = min(int(depths.min()), len(unit))
            batch = max(BATCH * (k + SPARE + 1) // depth, 1)
            some = wanted[depths == depths.min()][:batch]
            scores, hits = index.search(unit[some], depth)
            settled = (depth == len(unit)) | _is_settled(scores, hits, group, some, k=k)
            done = some[settled]
            rows[done], similarities[done] = _best(unit, hits[settled], group, done, k=k)
            depths[np.isin(wanted, some[~settled])] *= 2
            left = ~np.isin(wanted, done)
            wanted, depths = wanted[left], depths[left]
            bar.update(len(done))
    return rows[like], similarities[like]


def _same_list(unit: np.ndarray, group: np.ndarray) -> np.ndarray:
    """For each row the first row of its group, if that has the same vector; else the row itself."""
    _, first = np.unique(group, return_index=True)
    like = first[group]
    others = np.flatnonzero(like != np.arange(len(like)))
    differ = np.abs(unit[others] - unit[like[others]]).max(axis=1, initial=0) > 1e-5
    like[others[differ]] = others[differ]
    return like


def _is_settled(scores: np.ndarray, hits: np.ndarray, group: np.ndarray, queries: np.ndarray, *, k: int) -> np.ndarray:
    """Whether the hits of each query (m, depth) certainly hold its k nearest outside its group, ties included: (m,)."""
    barred = (hits < 0) | (group[hits] == group[queries][:, None])
    found = (~barred).cumsum(axis=1)
    kth = np.take_along_axis(scores, np.argmax(found == k, axis=1)[:, None], axis=1)[:, 0]
    return (found[:, -1] >= k) & (kth > scores[:, -1] + MARGIN)


def _best(
    unit: np.ndarray, hits: np.ndarray, group: np.ndarray, queries: np.ndarray, *, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The k best hits that are no duplicate of the query, in an order that does not depend on the search."""
    scores = similarities_of(unit, queries, unit, hits)
    barred = (hits < 0) | (group[hits] == group[queries][:, None])
    order = np.lexsort((hits, -scores, barred), axis=1)[:, :k]
    barred = np.take_along_axis(barred, order, axis=1)
    hits = np.where(barred, -1, np.take_along_axis(hits, order, axis=1))
    scores = np.where(barred, np.nan, np.take_along_axis(scores, order, axis=1))
    empty = ((0, 0), (0, k - hits.shape[1]))
    return np.pad(hits, empty, constant_values=-1), np.pad(scores, empty, constant_values=np.nan)


def _flat(unit: np.ndarray) -> Any:
    import faiss

    index = faiss.IndexFlatIP(unit.shape[1])
    index.add(unit)
    return index


def _hnsw(unit: np.ndarray, *, k: int) -> Any:
    import faiss

    index = faiss.IndexHNSWFlat(unit.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 200
    index.hnsw.efSearch = max(256, 4 * k)
    index.add(unit)
    return index


def _table(graph: NeighborGraph) -> pa.Table:
    real = graph.neighbor_ids >= 0
    offsets = pa.array(np.concatenate([[0], real.sum(axis=1).cumsum()]).astype(np.int32))
    return pa.table(
        {
            "cover_id": graph.cover_ids,
            "neighbor_ids": pa.ListArray.from_arrays(offsets, graph.neighbor_ids[real]),
            "similarities": pa.ListArray.from_arrays(offsets, graph.similarities[real]),
        }
    )


def among(rows: np.ndarray, listed: np.ndarray) -> np.ndarray:
    """Lists (n, k) of row numbers, of the chosen rows (m,) alone, by their new numbers: (m, k), in order, then -1."""
    number = np.full(len(listed) + 1, -1)
    number[rows] = np.arange(len(rows))
    found = number[listed[rows]]
    return np.take_along_axis(found, np.argsort(found < 0, axis=1, kind="stable"), axis=1)
