"""Stability: what other seeds and other sizes would have shown of the clusters and the map. See docs/methods.md."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from analysis.geometry.clustering import NOISE, cluster_points, lay_out_for_clusters, read_clusters
from analysis.geometry.layout import LAYOUT
from analysis.geometry.likeness import best_matches, pairwise_ari, pairwise_overlap, stays
from analysis.geometry.neighbors import NeighborGraph, embedding_of, read_neighbors
from analysis.geometry.projection import lay_out
from analysis.geometry.trust import map_neighbors
from data.progress import progress
from data.store.runs import Outcome, Run, compute_run
from data.store.workspace import Workspace
from embeddings.vectors import read_vectors

UP_TO = 10_000  # covers; twenty layouts of more would take longer than everything else together
WORKERS_FROM = 1_000  # covers; with fewer, worker processes take longer to start than the work takes
SIZES = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4)  # of the shown min_cluster_size
CURVES = pa.schema(
    [("curve", pa.string()), ("x", pa.float64()), ("genre", pa.string())]
    + [(name, pa.float64()) for name in ("value", "low", "high")]
)
NOTHING = (
    *("ari", "ari_sd", "ari_low", "ari_high", "clusters_low", "clusters_high", "noise_low", "noise_high"),
    *("map", "map_low", "map_high"),
)


@dataclass(frozen=True)
class Variant:
    """What one seed gives: the clusters (n,) of each min_cluster_size asked for, and the map's neighbours (n, k)."""

    labels: dict[int, np.ndarray]
    near: np.ndarray


def measure_stability(
    workspace: Workspace, neighbors: Run, projection: Run, clustering: Run, *, seeds: int = 10
) -> Run:
    """Lay out and cluster an embedding anew with other seeds and sizes, or find what that gave.

    The seeds are the shown one and those that follow it. Nothing else than what is named changes: the same graph, the
    same procedure. What stays fixed is the collection; another one would differ by more.
    Results, all None beyond UP_TO covers but the first: covers; seeds; ari, the adjusted Rand index of two
    seeds' clusterings, with noise as a cluster like the others, averaged over all pairs of seeds, and ari_sd, ari_low,
    ari_high (standard deviation, least and greatest of the pairs); clusters_low, clusters_high and noise_low,
    noise_high over the seeds; map, the mean share of a cover's 15 nearest on the map that are so with another seed,
    over all pairs, and map_low, map_high.
    Rows of `curves`: ari_by_seed and map_by_seed (x: seed; mean, least and greatest over the other seeds),
    clusters_by_seed, noise_by_seed; ari_by_size (with the shown clustering), clusters_by_size, noise_by_size (x:
    min_cluster_size, the shown seed); jaccard_by_cluster (x: shown cluster; how like its best match in another seed is,
    averaged over these; Hennig 2007 calls a cluster below .6 not to be trusted, from .75 stable).
    Rows of `clusters` under this run: the shown clusters; membership is the share of the other seeds in which the
    cover is in the best match of its cluster (in noise: is noise again).
    """
    params = {"seeds": seeds, "sizes": SIZES, "layout": LAYOUT}
    return compute_run(
        workspace,
        "stability",
        lambda: _compute(workspace, neighbors, projection, clustering, seeds=seeds),
        name=neighbors.name,
        params=params,
        inputs=[neighbors.run_id, projection.run_id, clustering.run_id],
        seed=clustering.seed,
    )


def _compute(workspace: Workspace, neighbors: Run, projection: Run, clustering: Run, *, seeds: int) -> Outcome:
    cover_ids, vectors = read_vectors(workspace, embedding_of(workspace, neighbors))
    if not 2 <= len(vectors) <= UP_TO:
        return {}, {"covers": len(vectors), "seeds": 0, **dict.fromkeys(NOTHING)}
    size, first = clustering.results["min_cluster_size"], int(clustering.seed or 0)
    graph, shown = read_neighbors(workspace, neighbors), read_clusters(workspace, clustering)[1]
    options = {name: projection.params[name] for name in ("n_neighbors", "min_dist")}
    tried = list(range(first, first + seeds))
    variants = compute_variants(vectors, graph, tried, size=size, **options)
    labels = [variant.labels[size] for variant in variants]
    ari, overlap = pairwise_ari(labels), pairwise_overlap([variant.near for variant in variants])
    curves = [
        *_curve("ari_by_seed", tried, *_over_others(ari)),
        *_curve("map_by_seed", tried, *_over_others(overlap)),
        *_curve("clusters_by_seed", tried, _clusters(labels)),
        *_curve("noise_by_seed", tried, _noise(labels)),
        *_size_curves(shown, variants[0].labels),
        *_cluster_curve(shown, labels[1:]),
    ]
    kept = np.mean([stays(shown, other) for other in labels[1:]], axis=0, dtype=np.float32)
    tables = {
        "curves": pa.Table.from_pylist(curves, schema=CURVES),
        "clusters": pa.table({"cover_id": cover_ids, "cluster": shown, "membership": kept}),
    }
    return tables, {"covers": len(vectors), "seeds": seeds, **_summary(labels, ari, overlap)}


def compute_variants(
    vectors: np.ndarray, graph: NeighborGraph, seeds: Sequence[int], *, size: int, n_neighbors: int, min_dist: float
) -> list[Variant]:
    """Clusters and map of each seed, the first seed's clusters in all sizes; in as many processes as there are cores.

    vectors: (n, d), in the graph's order. size: the min_cluster_size of all seeds.
    """
    import joblib

    sizes = sorted({size, *(max(round(size * factor), 2) for factor in SIZES)})
    options = {"n_neighbors": n_neighbors, "min_dist": min_dist}
    jobs = [joblib.delayed(_variant)(vectors, graph, seeds[0], sizes=sizes, **options)]
    jobs += [joblib.delayed(_variant)(vectors, graph, seed, sizes=[size], **options) for seed in seeds[1:]]
    workers = min(len(jobs), joblib.cpu_count()) if len(vectors) >= WORKERS_FROM else 1
    found: Iterator[Variant] = joblib.Parallel(n_jobs=workers, return_as="generator")(jobs)
    with progress(total=len(jobs), what="stability", unit=" seeds") as bar:
        variants = []
        for variant in found:
            variants.append(variant)
            bar.update()
    return variants


def _variant(
    vectors: np.ndarray, graph: NeighborGraph, seed: int, *, sizes: Sequence[int], n_neighbors: int, min_dist: float
) -> Variant:
    points = lay_out_for_clusters(vectors, graph, seed=seed)
    labels = {size: cluster_points(points, min_cluster_size=size)[0] for size in sizes}
    return Variant(
        labels, map_neighbors(lay_out(vectors, graph, n_neighbors=n_neighbors, min_dist=min_dist, seed=seed))
    )


def _size_curves(shown: np.ndarray, labels: dict[int, np.ndarray]) -> list[dict]:
    from sklearn.metrics import adjusted_rand_score

    sizes, found = list(labels), list(labels.values())
    return [
        *_curve("ari_by_size", sizes, np.array([adjusted_rand_score(shown, other) for other in found])),
        *_curve("clusters_by_size", sizes, _clusters(found)),
        *_curve("noise_by_size", sizes, _noise(found)),
    ]


def _cluster_curve(shown: np.ndarray, others: Sequence[np.ndarray]) -> list[dict]:
    likeness = np.array([best_matches(shown, other)[1] for other in others])
    clusters = np.arange(likeness.shape[1])
    return _curve("jaccard_by_cluster", clusters, *(f(likeness, axis=0) for f in (np.mean, np.min, np.max)))


def _clusters(labels: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([found.max(initial=NOISE) + 1 for found in labels])


def _noise(labels: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([(found == NOISE).mean() for found in labels])


def _over_others(alike: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, least and greatest likeness of each variant to the others, from (m, m) with NaN on the diagonal."""
    return np.nanmean(alike, axis=1), np.nanmin(alike, axis=1), np.nanmax(alike, axis=1)


def _curve(
    curve: str, xs: Iterable[float], values: np.ndarray, lows: np.ndarray | None = None, highs: np.ndarray | None = None
) -> list[dict]:
    """Rows of the table `curves`."""
    bounds = [[None] * len(values) if bound is None else bound for bound in (lows, highs)]
    return [
        {"curve": curve, "x": float(x), "genre": None, "value": float(value), "low": low, "high": high}
        for x, value, low, high in zip(xs, values, *bounds, strict=True)
    ]


def _summary(labels: Sequence[np.ndarray], ari: np.ndarray, overlap: np.ndarray) -> dict[str, float]:
    pairs, maps = ari[np.triu_indices(len(ari), 1)], overlap[np.triu_indices(len(ari), 1)]
    clusters, noise = _clusters(labels), _noise(labels)
    figures = {"ari": pairs.mean(), "ari_sd": pairs.std(), "ari_low": pairs.min(), "ari_high": pairs.max()}
    figures |= {"noise_low": noise.min(), "noise_high": noise.max()}
    figures |= {"map": maps.mean(), "map_low": maps.min(), "map_high": maps.max()}
    found = {name: float(value) for name, value in figures.items()}
    return found | {"clusters_low": int(clusters.min()), "clusters_high": int(clusters.max())}
