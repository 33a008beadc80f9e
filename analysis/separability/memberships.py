"""Membership: how far covers in a genre are told from those that are not, where a cover may be in several genres.

The measures of `separability`, each genre as a question of yes or no of its own, so that no genre loses the covers that
another one has first. A pair of genres is measured on the covers that are in just one of them. See docs/methods.md.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.geometry.independent import independent_neighbors
from analysis.geometry.neighbors import embedding_of
from analysis.separability.pure.evidence import Evidence, gather_members
from analysis.separability.pure.measures import purity_rows, separability_rows
from analysis.separability.reading import read_measured
from analysis.separability.separability import K, claimed_of
from data.store.about.memberships import read_memberships
from data.store.runs import Outcome, Run, ancestor, compute_run, find_runs, get_run
from data.store.workspace import Workspace

KIND = "membership"
# Counted up when the same inputs come to give other figures.
METHOD = 1


def measure_memberships(
    workspace: Workspace,
    neighbors: Run,
    folds: Run,
    *,
    k: int = K,
    resamples: int = 1000,
    permutations: int = 199,
    seed: int = 42,
) -> Run | None:
    """Measure membership in every genre, or find the measurement; None where no cover has several genres.

    folds: a folds run, whose groups count as one. Rows of table metrics: those of `membership`. Results: covers,
    genres, several (how many covers have several genres), per_cover (genres a cover, on average), separability (the
    average over genres, None where it is not measured), permutations, and what may be said (see `claims`).
    """
    found = read_memberships(workspace, get_run(workspace, embedding_of(workspace, neighbors).inputs[0]))
    if not found.several.any():
        return None
    params = {"k": k, "resamples": resamples, "permutations": permutations}
    return compute_run(
        workspace,
        KIND,
        lambda: _compute(workspace, neighbors, folds, **params, seed=seed),
        name=neighbors.name,
        params=params | {"method": METHOD},
        inputs=[neighbors.run_id, folds.run_id],
        seed=seed,
    )


def membership(evidence: Evidence, vectors: np.ndarray, neighbors: np.ndarray, *, k: int = K) -> Any:
    """Rows of membership_separability, of genres, all and pairs, membership_purity and membership_purity_above_chance.

    evidence: of `gather_members`. vectors: (n, d). neighbors: (n, at least k) row numbers, -1 for none. Columns as of
    `separability`; gives them, and what may be claimed of the first.
    """
    ranked, above = separability_rows(evidence, vectors)
    purity = purity_rows(evidence, independent_neighbors(vectors, neighbors, evidence.groups, k=k))
    table = pd.concat([ranked, purity], ignore_index=True)
    return table.assign(metric="membership_" + table.metric), claimed_of(evidence, ranked, above)


def _compute(
    workspace: Workspace,
    neighbors: Run,
    folds: Run,
    *,
    k: int,
    resamples: int,
    permutations: int,
    seed: int,
) -> Outcome:
    found = read_measured(workspace, neighbors, folds)
    genres = read_memberships(workspace, ancestor(workspace, neighbors, "collection"))
    member = genres.member[found.cover_ids]
    evidence = gather_members(
        genres.names,
        member,
        found.groups,
        found.fold,
        folds=folds.results["folds"],
        resamples=resamples,
        permutations=permutations,
        seed=seed,
    )
    table, claimed = membership(evidence, found.vectors, found.listed, k=k)
    average = table[(table.metric == "membership_separability") & table.genre.isna()].value.iloc[0]
    results = {
        "covers": len(member),
        "genres": len(evidence.names),
        "several": int((member.sum(axis=1) > 1).sum()),
        "per_cover": float(member.sum(axis=1).mean()),
        "separability": float(average) if np.isfinite(average) else None,
        "permutations": len(evidence.permuted),
    }
    return {"metrics": pa.Table.from_pandas(table, preserve_index=False)}, results | claimed


def current_membership(workspace: Workspace, separability: Run) -> Run | None:
    """The newest finished membership run on the graph and folds of a separability run, None without one."""
    runs = find_runs(workspace, KIND)
    return next((run for run in runs if set(run.inputs) <= set(separability.inputs)), None)


def said(run: Run) -> str:
    """What a membership run found, in a sentence that says what it counts."""
    found = run.results
    of = f"{found['several']:,} of {found['covers']:,} covers have several genres."
    return f"By membership, a cover counting in each of its genres: {found['sentence']} {of}"
