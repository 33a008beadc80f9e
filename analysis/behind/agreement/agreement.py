"""Do two embeddings agree? Shared neighbours cover by cover, and linear CKA, over all and per genre.

Measured, as rows with the columns of `measures.COLUMNS`; definitions and limits stand in docs/methods.md:

- shared_neighbors: mean share of a cover's 10 nearest outside its group in one embedding that are among its 10 nearest
  in the other; shared_by_chance: what lists drawn at random would share.
- cka: debiased linear CKA of the vectors at length 1, of one cover a group.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.behind.agreement.cka import debiased_cka
from analysis.behind.agreement.shared import chance_share, mean_shares, shared_share
from analysis.geometry.cosine import normalize
from analysis.geometry.independent import independent_neighbors
from analysis.geometry.neighbors import among, build_neighbors, embedding_of, read_neighbors
from data.errors import GenrescopeError
from data.grouping.groups import make_groups, read_group_ids
from data.store.covers import read_covers
from data.store.runs import Outcome, Run, compute_run, get_run
from data.store.workspace import Workspace
from embeddings.vectors import current_embeddings, read_vectors

K = 10
# Counted up when the same inputs come to give other figures.
METHOD = 1
MEASURED = ("metric", "genre", "value", "low", "high")


def measure_agreements(
    workspace: Workspace,
    *,
    embeddings: Sequence[Run] | None = None,
    columns: Sequence[str] | None = None,
    seed: int = 42,
) -> list[Run]:
    """Compare embeddings in all pairs, by default the current ones; columns: of metadata, as in `make_groups`.

    Raises GenrescopeError where there are not two.
    """
    found = list(embeddings or current_embeddings(workspace))
    if len(found) < 2:
        raise GenrescopeError(
            "two embeddings can agree, one cannot: make another with 'genrescope embed --encoder NAME'"
        )
    groups = make_groups(workspace, columns=columns)
    graphs = [build_neighbors(workspace, each) for each in found]
    return [measure_agreement(workspace, one, other, groups, seed=seed) for one, other in combinations(graphs, 2)]


def measure_agreement(
    workspace: Workspace, one: Run, other: Run, groups: Run, *, k: int = K, resamples: int = 1000, seed: int = 42
) -> Run:
    """Compare two embeddings by their neighbour graphs, or find the comparison; the order does not matter.

    Table agreements: shared_neighbors of each cover that both embeddings have. Metrics: see this module. Results: first
    and second (the embeddings' names), covers, groups, k, and shared_neighbors, shared_by_chance and cka over all.
    """
    first, second = sorted((one, other), key=lambda run: (run.name, run.run_id))
    params = {"k": k, "resamples": resamples}
    return compute_run(
        workspace,
        "agreement",
        lambda: _compute(workspace, first, second, groups, **params, seed=seed),
        name=f"{first.name},{second.name}",
        params=params | {"method": METHOD},
        inputs=[first.run_id, second.run_id, groups.run_id],
        seed=seed,
    )


def read_agreements(workspace: Workspace, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Of a finished run cover_ids (n,) ascending and the share of neighbours that each cover shares (n,)."""
    with workspace.read() as con:
        found = con.execute(
            "SELECT cover_id, shared_neighbors FROM agreements WHERE run_id = ? ORDER BY cover_id", [run.run_id]
        ).fetchnumpy()
    return found["cover_id"], np.ma.filled(found["shared_neighbors"].astype(np.float64), np.nan)


def read_agreement_metrics(workspace: Workspace, run: Run) -> pd.DataFrame:
    """The figures of a finished run: metric, genre (missing: over all), value, low, high."""
    with workspace.read() as con:
        return con.execute(f"SELECT {', '.join(MEASURED)} FROM metrics WHERE run_id = ?", [run.run_id]).df()


def agreement(
    first: tuple[np.ndarray, np.ndarray],
    second: tuple[np.ndarray, np.ndarray],
    genres: np.ndarray,
    groups: np.ndarray,
    *,
    resamples: int,
    seed: int,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Share of shared neighbours of each cover (n,), and the rows of this module.

    first, second: vectors (n, d) and neighbours (n, k) outside each cover's group, of the same covers. genres (n,) by
    name, groups (n,).
    """
    names, codes = np.unique(genres.astype(str), return_inverse=True)
    shares = shared_share(first[1], second[1])
    by_chance = chance_share(groups, k=first[1].shape[1])
    means = mean_shares(first[1], second[1], codes, groups, classes=len(names), resamples=resamples, seed=seed)
    alone = np.unique(groups, return_index=True)[1]
    rows: list[tuple[Any, ...]] = []
    for (value, low, high), genre in zip(means, [None, *names], strict=True):
        inside = np.full(len(codes), True) if genre is None else names[codes] == genre
        rows.append(("shared_neighbors", genre, value, low, high))
        rows.append(("shared_by_chance", genre, by_chance[inside].mean(), np.nan, np.nan))
        chosen = alone[inside[alone]]
        rows.append(("cka", genre, *debiased_cka(*(normalize(side[0][chosen]) for side in (first, second)))))
    return shares, pd.DataFrame(rows, columns=list(MEASURED)).astype({"genre": "str"})


def _compute(
    workspace: Workspace, first: Run, second: Run, groups: Run, *, k: int, resamples: int, seed: int
) -> Outcome:
    vectors = [read_vectors(workspace, embedding_of(workspace, run)) for run in (first, second)]
    cover_ids, *rows = np.intersect1d(vectors[0][0], vectors[1][0], return_indices=True)
    if not len(cover_ids):
        raise GenrescopeError(f"{first.name} and {second.name} have no cover in common")
    group = read_group_ids(workspace, groups)[cover_ids]
    genres = read_covers(workspace, get_run(workspace, groups.inputs[0])).genre.to_numpy()[cover_ids]
    sides = []
    for run, (_, found), own in zip((first, second), vectors, rows, strict=True):
        listed = among(own, read_neighbors(workspace, run).rows)
        sides.append((found[own], independent_neighbors(found[own], listed, group, k=k)))
    shares, table = agreement(sides[0], sides[1], genres, group, resamples=resamples, seed=seed)
    overall = table[table.genre.isna()].set_index("metric").value
    results = {
        "first": first.name,
        "second": second.name,
        "covers": len(cover_ids),
        "groups": len(np.unique(group)),
        "k": k,
        **{name: float(value) if np.isfinite(value) else None for name, value in overall.items()},
    }
    per_cover = pa.table({"cover_id": cover_ids, "shared_neighbors": pa.array(shares, pa.float32(), from_pandas=True)})
    return {"agreements": per_cover, "metrics": pa.Table.from_pandas(table, preserve_index=False)}, results
