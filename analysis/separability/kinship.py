"""Which genres are kin: a tree of genres by how hard they are to tell apart, with support for each of its forks.

See docs/methods.md.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.geometry.neighbors import embedding_of
from analysis.separability.pure.evidence import Evidence, gather
from analysis.separability.pure.measures import fitted_scores, pair_separabilities, pairs_of
from analysis.separability.pure.paired import paired
from analysis.separability.pure.trees import grow, heights, sentence_of
from analysis.separability.reading import read_measured
from data.store.covers import read_covers
from data.store.runs import Outcome, Run, compute_run, find_runs, get_run
from data.store.workspace import Workspace

KIND = "kinship"
# Counted up when the same inputs come to give other figures.
METHOD = 1
# Of fewer genres there is but one tree.
FEWEST = 3


def measure_kinship(workspace: Workspace, separability: Run, *, resamples: int = 1000, seed: int = 42) -> Run:
    """Draw the tree of genres from the pairs of a separability run's embedding, or find it.

    Rows of table metrics: of every fork fork_height, with its interval, and fork_support; their genre is the one side
    of the fork, other_genre the other, names joined by ', '. Results: genres (in the tree's order), left_out (too few
    groups for a pair), linkage (between genres by their place in `names`), names, support, heights ([value, low, high]
    each), cophenetic, resamples, sentence. With fewer than FEWEST genres no tree: linkage is empty and genres are in
    alphabetical order.
    """
    return compute_run(
        workspace,
        KIND,
        lambda: _compute(workspace, separability, resamples=resamples, seed=seed),
        name=separability.name,
        params={"resamples": resamples, "method": METHOD},
        inputs=[separability.run_id],
        seed=seed,
    )


def pairs_measured(evidence: Evidence, vectors: np.ndarray) -> np.ndarray:
    """Separability of the `pairs_of` genres and its replicates, (1 + resamples, p); NaN for a pair not measured."""
    found = [*pair_separabilities(evidence, fitted_scores(evidence, vectors))]
    return np.array(found).reshape(len(found), 1 + len(evidence.weights)).T


def current_kinship(workspace: Workspace, separability: Run) -> Run | None:
    """The newest finished tree from a separability run, None without one."""
    return next((run for run in find_runs(workspace, KIND) if separability.run_id in run.inputs), None)


def kin(workspace: Workspace, run: Run) -> pd.DataFrame:
    """The forks of a tree for a notebook, the nearest kin first: columns genres, beside, height, low, high, support."""
    with workspace.read() as con:
        query = "SELECT metric, genre, other_genre, value, low, high FROM metrics WHERE run_id = ?"
        rows = con.execute(query, [run.run_id]).df()
    keys = ["genre", "other_genre"]
    support = rows[rows.metric == "fork_support"].set_index(keys).value.rename("support")
    table = rows[rows.metric == "fork_height"].drop(columns="metric").set_index(keys).join(support).reset_index()
    table = table.rename(columns={"genre": "genres", "other_genre": "beside", "value": "height"})
    return table.sort_values("height", ignore_index=True)


def _compute(workspace: Workspace, separability: Run, *, resamples: int, seed: int) -> Outcome:
    evidence, vectors = _evidence(workspace, separability, resamples=resamples, seed=seed)
    found = pairs_measured(evidence, vectors)
    names = [str(name) for name in evidence.names]
    counts = evidence.group_counts
    kept = [code for code in paired(counts).tolist() if counts[code] >= evidence.folds]
    columns = [column for column, pair in enumerate(pairs_of(evidence)) if set(pair) <= set(kept)]
    value, replicates, chosen = found[0, columns], found[1:, columns], [names[code] for code in kept]
    tree = grow(value, replicates) if len(kept) >= FEWEST and np.isfinite(found[:, columns]).all() else None
    table = heights(tree, chosen, value, replicates, evidence.sizes[kept]) if tree else None
    results = {
        "genres": [chosen[code] for code in tree.order] if tree else chosen,
        "names": chosen,
        "left_out": sorted(set(names) - set(chosen)),
        "linkage": tree.linkage.tolist() if tree else [],
        "support": [None if share != share else float(share) for share in tree.support] if tree else [],
        "heights": _intervals(table),
        "cophenetic": tree.cophenetic if tree and np.isfinite(tree.cophenetic) else None,
        "resamples": len(replicates),
        "sentence": sentence_of(tree, chosen),
    }
    return {} if table is None else {"metrics": pa.Table.from_pandas(table, preserve_index=False)}, results


def _intervals(table: pd.DataFrame | None) -> list[list[float]]:
    """[value, low, high] of each fork's height, in the order of the linkage."""
    return [] if table is None else table.loc[table.metric == "fork_height", ["value", "low", "high"]].values.tolist()


def _evidence(workspace: Workspace, separability: Run, *, resamples: int, seed: int) -> tuple[Evidence, np.ndarray]:
    """What the separability run measured its pairs by, and the vectors (n, d)."""
    parents = {parent.kind: parent for parent in (get_run(workspace, each) for each in separability.inputs)}
    neighbors, folds = parents["neighbors"], parents["folds"]
    found = read_measured(workspace, neighbors, folds)
    covers = read_covers(workspace, get_run(workspace, embedding_of(workspace, neighbors).inputs[0]))
    evidence = gather(
        covers.genre.to_numpy()[found.cover_ids],
        found.groups,
        found.fold,
        folds=folds.results["folds"],
        resamples=resamples,
        permutations=0,
        seed=seed,
    )
    return evidence, found.vectors
