"""Separability: how far genres differ in an embedding, per genre, per pair and over all, with uncertainty.

Measured, always in the embedding's own space; definitions, sources and limits stand in docs/methods.md:

- separability, the primary measure: 2 AUC - 1 of a linear probe that ranks unseen covers, of a genre against all others
  or (a row a pair) against one other. 0 is chance and 1 perfect, whatever the sizes of the genres. With places: between
  which ranks a genre stands, all genres at once. Not measured for a genre with fewer groups than there are folds.
- purity: share of a genre's covers' k nearest neighbours, outside their groups, of the same genre; above chance:
  (purity - expected) / (1 - expected), that of neighbours drawn at random being expected.
- silhouette: by cosine distance; above 0 where a genre is nearer to itself than to the next genre.
- ari, ami, homogeneity, completeness, v_measure: of the clusters, noise being one of them, against the genres.

Intervals are of 95 %, from a bootstrap over groups, within genres. They cover which covers happen to be in the
collection, given the embedding, its neighbour graph and its clusters; those of the separability also that probes are
fitted to these covers (`probes.stretch`). p-values answer one question: would genres dealt out at random among the
groups do as well? By permutation, probes fitted anew each time; p_adjusted is for the number of genres (Benjamini &
Hochberg).
"""

import logging
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.geometry.clustering import read_clusters
from analysis.geometry.independent import independent_neighbors
from analysis.geometry.neighbors import embedding_of, normalize
from analysis.separability.pure.claims import claims
from analysis.separability.pure.evidence import Evidence, gather
from analysis.separability.pure.measures import COLUMNS, cluster_rows, purity_rows, separability_rows, silhouette_rows
from analysis.separability.pure.sensitivity import curves_over_k, ignoring
from analysis.separability.reading import read_measured
from data.grouping.groups import groups_behind, read_group_ids
from data.store.covers import read_covers
from data.store.runs import Outcome, Run, compute_run, get_run
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

K = 10
# Counted up when the same inputs come to give other figures, by whatever constant or formula: another run, then.
METHOD = 2


def measure_separability(
    workspace: Workspace,
    neighbors: Run,
    clustering: Run,
    folds: Run,
    *,
    k: int = K,
    resamples: int = 1000,
    permutations: int = 1000,
    seed: int = 42,
) -> Run:
    """Measure how far the genres of a collection separate in an embedding, or find the measurement.

    folds: a folds run, whose groups count as one. Parameters and rows: see `separability`; curves: `curves_over_k`.
    Results: covers, genres; the averages over genres of separability, purity and silhouette (None where no genre is
    large enough); trained_on, covers left out because the encoder was trained on them;
    what may be said (see `claims`); permutations; ignoring (see `sensitivity.ignoring`).
    """
    params = {"k": k, "resamples": resamples, "permutations": permutations}
    return compute_run(
        workspace,
        "separability",
        lambda: _compute(workspace, neighbors, clustering, folds, **params, seed=seed),
        name=neighbors.name,
        params=params | {"method": METHOD},
        inputs=[neighbors.run_id, clustering.run_id, folds.run_id],
        seed=seed,
    )


def read_metrics(workspace: Workspace, run: Run) -> pd.DataFrame:
    """The rows of a finished separability run, as `separability` gives them."""
    with workspace.read() as con:
        return con.execute(f"SELECT {', '.join(COLUMNS)} FROM metrics WHERE run_id = ?", [run.run_id]).df()


def _compute(
    workspace: Workspace,
    neighbors: Run,
    clustering: Run,
    folds: Run,
    *,
    k: int,
    resamples: int,
    permutations: int,
    seed: int,
) -> Outcome:
    found = read_measured(workspace, neighbors, folds)
    embedding, grouping = embedding_of(workspace, neighbors), groups_behind(workspace, folds)
    clusters = read_clusters(workspace, clustering)[1][found.rows]
    genres = read_covers(workspace, get_run(workspace, embedding.inputs[0])).genre.to_numpy()[found.cover_ids]
    if found.seen:
        rest = f"{len(found.rows):,}"
        log.info("%s: measured on the %s covers that it was not trained on", embedding.name, rest)
    evidence = gather(
        genres,
        found.groups,
        found.fold,
        folds=folds.results["folds"],
        resamples=resamples,
        permutations=permutations,
        seed=seed,
    )
    table, claimed = separability(evidence, found.vectors, found.listed, clusters, k=k)
    near = read_group_ids(workspace, get_run(workspace, grouping.inputs[1]))[found.cover_ids]
    results = {"covers": len(genres), "genres": len(evidence.names), **_averages(table), **claimed}
    if found.seen:
        said = [*claimed["sentences"], f"Measured on the {len(genres):,} covers that the network was not trained on."]
        results |= {"trained_on": found.seen, "sentences": said, "sentence": " ".join(said)}
    results["permutations"] = len(evidence.permuted)
    results["ignoring"] = ignoring(evidence, found.vectors, found.listed, near, joined=grouping.name)
    tables = {"metrics": table, "curves": curves_over_k(evidence, found.vectors, found.listed)}
    return {name: pa.Table.from_pandas(rows, preserve_index=False) for name, rows in tables.items()}, results


def separability(
    evidence: Evidence, vectors: np.ndarray, neighbors: np.ndarray, clusters: np.ndarray, *, k: int = K
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Every measure of this module as a row with COLUMNS, and what may be claimed (see `claims`).

    vectors: (n, d). neighbors: (n, at least k) row numbers of the neighbour graph, -1 for none. clusters: (n,), -1 for
    noise. No genre: over all; for separability, purity and silhouette the average over the genres that have a value,
    each counting the same. NaN: not measured.
    """
    ranked, above = separability_rows(evidence, vectors)
    parts = [
        ranked,
        purity_rows(evidence, independent_neighbors(vectors, neighbors, evidence.groups, k=k)),
        silhouette_rows(evidence, normalize(vectors)),
        cluster_rows(evidence, clusters),
    ]
    return pd.concat(parts, ignore_index=True), claimed_of(evidence, ranked, above)


def claimed_of(evidence: Evidence, ranked: pd.DataFrame, above: np.ndarray) -> dict[str, Any]:
    """What may be said (see `claims`), from what `separability_rows` gives."""
    own = ranked[ranked.genre.notna() & ranked.other_genre.isna()]
    return claims(
        list(evidence.names),
        own.value.to_numpy(),
        above,
        claimable=evidence.claimable & own.value.notna().to_numpy(),
        p_values=own.p_adjusted.to_numpy(),
    )


def _averages(table: pd.DataFrame) -> dict[str, float | None]:
    overall = table[table.genre.isna()].set_index("metric").value
    found = {name: float(overall[name]) for name in ("separability", "purity", "silhouette")}
    return {name: value if np.isfinite(value) else None for name, value in found.items()}
