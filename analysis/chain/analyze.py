"""Analysis of embeddings: neighbour graph, map, clusters, separability, membership, kin, stability, in that order."""

import logging
from collections.abc import Sequence

from analysis.geometry.clustering import cluster
from analysis.geometry.neighbors import build_neighbors
from analysis.geometry.projection import project
from analysis.geometry.stability import measure_stability
from analysis.separability.kinship import measure_kinship
from analysis.separability.memberships import measure_memberships, said
from analysis.separability.separability import measure_separability
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.store.runs import Run
from data.store.workspace import Workspace
from embeddings.vectors import current_embeddings

log = logging.getLogger(__name__)


def analyze(
    workspace: Workspace,
    *,
    embeddings: Sequence[Run] | None = None,
    columns: Sequence[str] | None = None,
    seed: int = 42,
) -> list[Run]:
    """Analyze embeddings, by default all of the current collection; what is there already is kept.

    columns: metadata columns whose equal values belong together, see `make_groups`.
    Returns their separability runs, in the order of the embeddings; the other runs are among their inputs.
    Raises RunNotFound when there is no embedding.
    """
    found = list(embeddings or current_embeddings(workspace))
    folds = make_folds(workspace, make_groups(workspace, columns=columns), seed=seed)
    return [_analyze(workspace, embedding, folds, seed=seed) for embedding in found]


def _analyze(workspace: Workspace, embedding: Run, folds: Run, *, seed: int) -> Run:
    neighbors = build_neighbors(workspace, embedding)
    log.info("%s neighbours: %s", embedding.name, _neighbors_line(neighbors))
    projection = project(workspace, neighbors, seed=seed)
    log.info("%s map: %s", embedding.name, _map_line(projection))
    clustering = cluster(workspace, neighbors, seed=seed)
    noise = clustering.results["noise_share"]
    log.info("%s clusters: %s, %.0f %% of covers in none", embedding.name, clustering.results["clusters"], 100 * noise)
    separability = measure_separability(workspace, neighbors, clustering, folds, seed=seed)
    log.info("%s separability: %s", embedding.name, _separability_line(separability))
    if membership := measure_memberships(workspace, neighbors, folds, seed=seed):
        log.info("%s membership: %s", embedding.name, said(membership))
    kinship = measure_kinship(workspace, separability, seed=seed)
    log.info("%s kinship: %s", embedding.name, kinship.results["sentence"])
    stability = measure_stability(workspace, neighbors, projection, clustering)  # last: it takes longest
    log.info("%s stability: %s", embedding.name, _stability_line(stability))
    return separability


def _neighbors_line(run: Run) -> str:
    how = "exact" if run.results["exact"] else f"recall {run.results['recall']:.3f}"
    return f"{run.results['k']} a cover, {how}, hubness {run.results['hubness_skewness']:.1f}"


def _map_line(run: Run) -> str:
    return ", ".join(
        f"{name} {run.results[name]:.3f}" for name in ("trustworthiness", "continuity") if run.results[name] is not None
    )


def _stability_line(run: Run) -> str:
    found = run.results
    if found["ari"] is None:
        return f"not measured on {found['covers']:,} covers"
    return (
        f"over {found['seeds']} seeds {found['clusters_low']} to {found['clusters_high']} clusters, "
        f"ARI {found['ari']:.2f} ({found['ari_low']:.2f} to {found['ari_high']:.2f}); "
        f"{100 * found['map']:.0f} % of a cover's nearest on the map stay"
    )


def _separability_line(run: Run) -> str:
    known = [(name, run.results[name]) for name in ("separability", "purity", "silhouette")]
    return ", ".join(f"{name} {value:.3f}" for name, value in known if value is not None)
