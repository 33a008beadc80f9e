"""UMAP from the one neighbour graph, for the map and for clustering; its compilation is paid once a machine."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.geometry.cosine import normalize

AXES_FROM = 10_000  # covers, drawn at random beyond, that the start's axes are computed from: bounds time and memory
START_STEP = 2.0**-10  # of a start that spans 20: float64 errs by a billionth of it
# Of the procedure; counted up whenever the same seed gives another layout, so that no run of the old one is found.
LAYOUT = 2


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
    """UMAP coordinates (n, dimensions) float32; the same seed gives the same, whatever the number of threads.

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
        with _one_numba_thread():
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

    A layout is chaotic: a start that differs in the last bit ends in another map. So the components are computed in
    float64 by one thread and rounded to START_STEP, which leaves nothing of how a processor rounds. The jitter
    parts equal vectors, and fills dimensions that the vectors do not have.
    """
    unit = normalize(vectors)
    components = np.zeros((len(unit), dimensions))
    if np.ptp(unit, axis=0).max() > 0:
        rng = np.random.default_rng(seed)
        drawn = rng.choice(len(unit), AXES_FROM, replace=False) if len(unit) > AXES_FROM else slice(None)
        mean, axes = _principal_axes(unit[drawn].astype(np.float64), dimensions)
        components[:, : axes.shape[1]] = np.einsum("ij,jk->ik", unit, axes) - mean @ axes
        components *= 10 / np.abs(components).max()
    jitter = np.random.default_rng(seed).normal(scale=1e-4, size=components.shape)
    return (np.round(components / START_STEP) * START_STEP + jitter).astype(np.float32)


def _principal_axes(unit: np.ndarray, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (d,) and first principal axes (d, up to `dimensions`) of float64 vectors (n, d).

    From the smaller of the covariances of columns and of rows. An axis points to where its largest entry is positive.
    """
    import scipy.linalg
    from threadpoolctl import threadpool_limits

    mean = unit.mean(axis=0)
    centred, kept = unit - mean, min(dimensions, *unit.shape)
    wide = unit.shape[1] > len(unit)
    with threadpool_limits(1):
        squares = centred @ centred.T if wide else centred.T @ centred
        last = [len(squares) - kept, len(squares) - 1]
        axes = scipy.linalg.eigh(squares, subset_by_index=last)[1][:, ::-1]
        axes = centred.T @ axes if wide else axes
    axes /= np.maximum(np.linalg.norm(axes, axis=0), 1e-9)
    return mean, axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(kept)])


@contextlib.contextmanager
def _one_numba_thread() -> Iterator[None]:
    """Compiled code with one thread: UMAP's mean distance, which covers with many duplicates rest on, sums in order."""
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


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
