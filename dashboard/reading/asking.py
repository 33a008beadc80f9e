"""What kept classifiers say of an image, where on the map it would lie, and why a cover was told as it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.reading import judged, queries, results
from dashboard.reading.chains import Chain
from data.errors import GenrescopeError
from data.store.disk.remembered import remembered
from data.store.runs import Run
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from analysis.predicting.fitted import Pictures
    from analysis.predicting.near import Reasons

# Neighbours by which an image gets its place on the map.
PLACED_BY = 10


@dataclass(frozen=True)
class Said:
    """What a kept classifier says of an image: genres with their probabilities, the likeliest first; or its trouble."""

    run: Run
    probabilities: tuple[tuple[str, float], ...] = ()
    trouble: str = ""


def pictures_of(image: Any) -> "Pictures":
    """One image, to be looked at by several classifiers."""
    from analysis.predicting.fitted import Pictures

    return Pictures([image])


def kept(workspace: Workspace) -> list[Run]:
    """The classifiers that are kept, the best first."""
    known = _kept(workspace, queries.stamp(workspace))
    return [run for run in judged.ranked(workspace) if run.run_id in known]


def said(workspace: Workspace, runs: Sequence[Run], pictures: "Pictures") -> list[Said]:
    """What these classifiers say of one image, in their order; each is read when it is first asked."""
    stamp = queries.stamp(workspace)
    # One embedding after the other, as then each is read once.
    by_embedding = sorted(runs, key=lambda run: run.inputs)
    found = {run.run_id: _said(workspace, run, pictures, stamp) for run in by_embedding}
    return [found[run.run_id] for run in runs]


def vector(workspace: Workspace, chain: Chain, pictures: "Pictures") -> np.ndarray:
    """The vector (d,) of one image in an embedding; raises MissingWeights."""
    return pictures.vectors(workspace, chain.embedding)[0]


def vector_of_words(workspace: Workspace, chain: Chain, words: str) -> np.ndarray:
    """The vector (d,) of a few words in an embedding that has a text tower; raises MissingWeights."""
    from analysis.predicting.fitted import encoder

    return encoder(workspace, chain.embedding.run_id).encode_text([words])[0]


def place(workspace: Workspace, chain: Chain, near: list[tuple[int, float]]) -> list[tuple[float, float]]:
    """Where on the map an image would lie, and where the nearest covers do, by which it gets its place, nearest first.

    near: (cover_id, cosine similarity), nearest first. Empty without a map.
    """
    from analysis.predicting.near import place_on_map

    if chain.projection is None:
        return []
    found = queries.projection(workspace, chain.projection.run_id)
    rows = [(results.row_of(found.cover_ids, cover_id), similarity) for cover_id, similarity in near[:PLACED_BY]]
    known = [(row, similarity) for row, similarity in rows if row is not None]
    if not known:
        return []
    own = [row for row, _ in known]
    coordinates = np.column_stack([found.x[own], found.y[own]]).astype(float)
    at = place_on_map(coordinates, np.array([similarity for _, similarity in known]))
    return [at, *((float(x), float(y)) for x, y in coordinates)]


@remembered(maxsize=256)
def reasons(workspace: Workspace, run_id: str, cover_id: int, *, k: int) -> "Reasons | None":
    """The training covers that speak for and against what a classifier said of a cover; None if it said nothing."""
    from analysis.predicting.near import reasons

    found = judged.judgement(workspace, run_id, cover_id)
    if found is None:
        return None
    covers = queries.covers(workspace)
    genres = np.array(covers.genres, dtype=object)[covers.genre]
    return reasons(workspace, results.run_of(workspace, run_id), cover_id, found.predicted, genres, k=k)


@remembered(maxsize=64)
def spoken_for(workspace: Workspace, run_id: str, cover_id: int, genre: str) -> bytes:
    """Where in a cover a network that was trained here sees what speaks for a genre: a JPEG.

    Raises GenrescopeError where the cover can no longer be read or the network has no such place.
    """
    from analysis.networks.gradcam import overlay_file
    from analysis.networks.kept import network_that_judged
    from data.intake.images import load_cover

    cover = queries.cover(workspace, cover_id)
    if cover is None:
        raise GenrescopeError(f"this workspace has no cover number {cover_id}")
    network = network_that_judged(workspace, results.run_of(workspace, run_id), cover_id)
    return overlay_file(network, load_cover(cover.path, cover.sha256), genre)


def _said(workspace: Workspace, run: Run, pictures: "Pictures", stamp: Any) -> Said:
    from analysis.predicting.fitted import fitted
    from analysis.predicting.predict import ranked

    if trouble := _trouble(workspace, run.run_id, stamp):
        return Said(run, trouble=trouble)
    try:
        classifier = fitted(workspace, run.run_id)
        return Said(run, ranked(classifier.classes, classifier.classify(pictures)[0]))
    except GenrescopeError as error:
        return Said(run, trouble=str(error))


@lru_cache(maxsize=1024)
def _trouble(workspace: Workspace, run_id: str, stamp: Any) -> str:  # noqa: ARG001
    """Why a kept classifier cannot be read, '' where it can: tried once, and again when somebody has written."""
    from analysis.predicting.fitted import fitted

    try:
        fitted(workspace, run_id)
    except GenrescopeError as error:
        return str(error)
    return ""


@lru_cache(maxsize=2)
def _kept(workspace: Workspace, stamp: Any) -> set[str]:  # noqa: ARG001
    from data.store.kept import kept_run_ids

    return kept_run_ids(workspace)
