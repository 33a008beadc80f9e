"""How good recommendations are: each cover in turn is the one liked; a run of kind `recommendations`.

Relevant are covers of the same genre, artist or label. Metrics 'measure@recommender', measures and limits as in
`measures` and docs/methods.md, "Recommendations".
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.behind.controls.control import CONTROLS
from analysis.geometry.cosine import normalize
from analysis.geometry.neighbors import among, build_neighbors, embedding_of, read_neighbors
from analysis.recommending.lists import at_random, by_embedding, most_popular, nearest_only
from analysis.recommending.measures import RELEVANT, measure, relevant_groups
from analysis.recommending.recommend import albums
from data.errors import TooLittle
from data.grouping.duplicates import join_groups
from data.grouping.groups import make_groups, metadata_columns, read_group_ids, same_value
from data.store.covers import collection, read_covers
from data.store.runs import Outcome, Run, compute_run
from data.store.workspace import Workspace
from embeddings.unseen import unseen_rows
from embeddings.vectors import current_embeddings, read_vectors

K = 10
# Counted up when the same inputs come to give other figures.
METHOD = 3
GENRE = "genre"
COLUMNS = ("artist", "label")
NEAREST, POPULAR, RANDOM = "nearest", "popular", "random"
# The covers (n,) that count, and by the embedding's name its vectors (n, d) and its graph's rows (n, m) of these.
Beside = tuple[np.ndarray, dict[str, tuple[np.ndarray, np.ndarray]]]


def evaluate_recommendations(
    workspace: Workspace,
    embedding: Run,
    *,
    columns: Sequence[str] | None = None,
    k: int = K,
    resamples: int = 1000,
    seed: int = 42,
) -> list[Run]:
    """Measure the lists of an embedding by genre and, where covers have these, by artist and label: a run each.

    Beside it stand the same without diversity ('nearest'), the embeddings of CONTROLS, 'popular' and 'random'.
    columns: of metadata, as in `make_groups`; where artists (labels) are what is to be found, they make no groups.
    Results: embedding, relevant, k, covers (with something relevant), units (resampled), recommenders, and precision,
    recall, ndcg and mrr over all. Covers that an encoder was trained on do not count, see `unseen_rows`. Raises
    TooLittle where nothing is relevant to any cover.
    """
    groups = make_groups(workspace, columns=columns)
    graphs = [build_neighbors(workspace, each) for each in (embedding, *_controls(workspace, embedding))]
    beside = _sides(workspace, graphs)
    known = metadata_columns(workspace, collection(workspace).params["covers"])
    found = []
    for relevant in (GENRE, *(name for name in COLUMNS if name in known)):
        params: dict[str, Any] = {"relevant": relevant, "k": k, "resamples": resamples}
        if _is_known(workspace, relevant, groups, beside[0]):
            found.append(_evaluate(workspace, graphs, groups, beside, params, seed=seed))
    if not found:
        raise TooLittle("no cover has another of its genre outside its group: there is nothing to be recommended")
    return found


def read_evaluation(workspace: Workspace, run: Run) -> pd.DataFrame:
    """The figures of a finished run: measure, recommender, genre (missing: over all), value, low, high."""
    with workspace.read() as con:
        return con.execute(
            "SELECT split_part(metric, '@', 1) AS measure, split_part(metric, '@', 2) AS recommender, genre, value, "
            "low, high FROM metrics WHERE run_id = ?",
            [run.run_id],
        ).df()


def _evaluate(
    workspace: Workspace, graphs: Sequence[Run], groups: Run, beside: Beside, params: dict[str, Any], *, seed: int
) -> Run:
    return compute_run(
        workspace,
        "recommendations",
        lambda: _compute(workspace, groups, beside, **params, seed=seed),
        name=graphs[0].name,
        params=params | {"method": METHOD},
        inputs=[*(graph.run_id for graph in graphs), groups.run_id],
        seed=seed,
    )


def _controls(workspace: Workspace, embedding: Run) -> list[Run]:
    known = {run.name: run for run in current_embeddings(workspace)}
    return [known[name] for name in CONTROLS if name in known and name != embedding.name]


def _codes(workspace: Workspace, relevant: str, n: int) -> np.ndarray:
    """Equal for covers that are relevant to each other, (n,) by cover_id."""
    if relevant != GENRE:
        return same_value(workspace, relevant, n)
    genres = read_covers(workspace, collection(workspace)).genre.to_numpy()[:n].astype(str)
    return np.unique(genres, return_inverse=True)[1]


def _is_known(workspace: Workspace, relevant: str, groups: Run, cover_ids: np.ndarray) -> bool:
    apart = albums(workspace, groups.run_id, without=relevant)
    return bool(relevant_groups(_codes(workspace, relevant, len(apart))[cover_ids], apart[cover_ids]).any())


def _compute(
    workspace: Workspace, groups: Run, beside: Beside, *, relevant: str, k: int, resamples: int, seed: int
) -> Outcome:
    apart = albums(workspace, groups.run_id, without=relevant)
    codes, covers = _codes(workspace, relevant, len(apart)), read_covers(workspace, collection(workspace))
    resampled = read_group_ids(workspace, groups)
    units = resampled if relevant == GENRE else join_groups(resampled, codes)
    cover_ids, sides = beside
    name, *_ = sides
    lists = dict(_lists(sides, apart[cover_ids], k=k, seed=seed))
    table = measure(
        lists,
        normalize(sides[name][0]),
        codes[cover_ids],
        apart[cover_ids],
        genres=covers.genre.to_numpy()[cover_ids],
        units=units[cover_ids],
        resamples=resamples,
        seed=seed,
    )
    counted = relevant_groups(codes[cover_ids], apart[cover_ids]) > 0
    overall = table[table.genre.isna()].set_index("metric").value
    results = {
        "embedding": name,
        "relevant": relevant,
        "k": k,
        "covers": int(counted.sum()),
        "units": len(np.unique(units[cover_ids][counted])),
        "recommenders": list(lists),
        **{metric: float(overall[f"{metric}@{name}"]) for metric in RELEVANT},
    }
    return {"metrics": pa.Table.from_pandas(table, preserve_index=False)}, results


def _sides(workspace: Workspace, graphs: Sequence[Run]) -> Beside:
    """The covers that all embeddings have, and by name the vectors and the graph's rows of each embedding.

    Of one whose encoder was trained on covers those that it has not learnt from: it puts the others with their genre.
    """
    embeddings = {graph.name: embedding_of(workspace, graph) for graph in graphs}
    found = {name: read_vectors(workspace, embedding) for name, embedding in embeddings.items()}
    unseen = (ids[unseen_rows(workspace, embeddings[name], ids)] for name, (ids, _) in found.items())
    common = reduce(np.intersect1d, unseen)
    sides = {}
    for graph in graphs:
        cover_ids, vectors = found[graph.name]
        own = np.searchsorted(cover_ids, common)
        sides[graph.name] = vectors[own], among(own, read_neighbors(workspace, graph).rows)
    return common, sides


def _lists(
    sides: dict[str, tuple[np.ndarray, np.ndarray]], groups: np.ndarray, *, k: int, seed: int
) -> Iterator[tuple[str, np.ndarray]]:
    """The lists of every recommender by its name, those of the embedding that is evaluated first."""
    (name, first), *controls = sides.items()
    near = nearest_only(*first, groups, k=k)
    yield name, by_embedding(*first, groups, k=k)
    yield NEAREST, near
    for control, side in controls:
        yield control, by_embedding(*side, groups, k=k)
    yield POPULAR, most_popular(near, groups, k=k)
    yield RANDOM, at_random(groups, k=k, seed=seed)
