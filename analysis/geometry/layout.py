"""UMAP from the one neighbour graph, for the map and for clustering; its compilation is paid once a machine."""

import contextlib
import warnings
from typing import Any

import numpy as np

from analysis.geometry.neighbors import normalize


def umap_layout(
    vectors: np.ndarray,
    neighbors: np.ndarray,
    similarities: np.ndarray,
    *,
    dimensions: int,
    n_neighbors: int,
    min_dist: float,
    seed: int,
    epochs: int | None = None,
) -> np.ndarray:
    """UMAP coordinates (n, dimensions) float32; the same seed gives the same coordinates.

    vectors: (n, d). neighbors, similarities: (n, k) row numbers (-1: none) and cosine similarities, nearest
    first; the cover itself counts as one of its n_neighbors, as in UMAP. epochs: UMAP's own default if None.
    Starts from the principal components, which never fail and keep the large-scale order at least as well as the
    spectral start (Kobak & Linderman 2021). With no more covers than n_neighbors the graph is complete and says
    nothing: those components themselves are returned.
    """
    start = _principal_components(vectors, dimensions, seed=seed)
    if len(vectors) <= n_neighbors or not (neighbors >= 0).any():
        return start
    umap = _compiled_umap()
    indices, distances = _with_self(neighbors[:, : n_neighbors - 1], similarities[:, : n_neighbors - 1])
    with warnings.catch_warnings():
        # True, and of no concern: we never transform further covers.
        warnings.filterwarnings("ignore", message=".*not an NNDescent object")
        reducer = umap.UMAP(
            n_components=dimensions,
            n_neighbors=indices.shape[1],
            min_dist=min_dist,
            metric="cosine",
            init=start,
            n_epochs=epochs,
            random_state=seed,
            n_jobs=1,  # what a seed means to UMAP anyway; said here, it does not warn
            precomputed_knn=(indices, distances, None),
        )
        return reducer.fit_transform(vectors)


def warm_up() -> None:
    """Compile what UMAP needs, so that the first analysis on a machine need not: some 40 s, once an installation."""
    circle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    vectors = np.stack([np.cos(circle), np.sin(circle)], axis=1).astype(np.float32)
    similarities = vectors @ vectors.T
    order = np.argsort(-similarities, axis=1)[:, 1:16]
    near = np.take_along_axis(similarities, order, axis=1)
    umap_layout(vectors, order, near, dimensions=2, n_neighbors=15, min_dist=0.1, seed=0, epochs=11)


def _with_self(neighbors: np.ndarray, similarities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The graph in UMAP's form: distances instead of similarities, each cover its own first neighbour.

    Where a list ends early (few covers, or many exact duplicates), -1 links to nothing; the distance there only
    tells UMAP's local scale that there is nobody near.
    """
    own = np.arange(len(neighbors))[:, None]
    distances = 1 - np.nan_to_num(similarities, nan=0.0)
    distances = np.hstack([np.zeros_like(own), np.maximum(distances, 0)])
    return np.hstack([own, neighbors]).astype(np.int32), distances.astype(np.float32)


def _principal_components(vectors: np.ndarray, dimensions: int, *, seed: int) -> np.ndarray:
    """The unit vectors' first principal components, (n, dimensions) within [-10, 10], a little jittered.

    The jitter parts equal vectors, and fills dimensions that the vectors do not have.
    """
    from sklearn.decomposition import PCA

    unit = normalize(vectors)
    kept = min(dimensions, *unit.shape)
    components = np.zeros((len(unit), dimensions), np.float32)
    if np.ptp(unit, axis=0).max() > 0:
        components[:, :kept] = PCA(kept, random_state=seed).fit_transform(unit)
        components *= 10 / np.abs(components).max()
    jitter = np.random.default_rng(seed).normal(scale=1e-4, size=components.shape)
    return (components + jitter).astype(np.float32)


def _compiled_umap() -> Any:
    """UMAP's module, with numba told to keep on disk what it compiles: UMAP leaves that off for its own functions."""
    import umap.layouts
    import umap.umap_
    from numba.core.dispatcher import Dispatcher

    for module in (umap.umap_, umap.layouts):
        for function in vars(module).values():
            if isinstance(function, Dispatcher):
                with contextlib.suppress(RuntimeError):  # no folder to write to: compiled in every process then
                    function.enable_caching()
    return umap.umap_
