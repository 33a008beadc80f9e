"""Predicting: what a kept classifier says of image files that were never imported."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from analysis.evaluation.finding import find_classifier
from analysis.evaluation.sure.sets import find_sets, set_of
from analysis.predicting.fitted import Fitted, Pictures, fitted
from analysis.predicting.near import Near, nearest_training_covers
from data.errors import UnreadableImage
from data.intake.images import load_cover
from data.intake.sources import files_below
from data.store.runs import Run, latest_run
from data.store.workspace import Workspace

NEAREST = 3
BATCH = 32


@dataclass(frozen=True)
class Answer:
    """What a classifier says of a file. probabilities: by genre, highest first; nearest: training covers (cover_id,
    cosine similarity), nearest first. likely: the prediction set, None where there is none of this classifier.
    trouble: why it says nothing, else ''."""

    path: str
    probabilities: tuple[tuple[str, float], ...] = ()
    nearest: Near = ()
    likely: tuple[str, ...] | None = None
    trouble: str = ""

    @property
    def predicted(self) -> str:
        """The most probable genre, '' where there is none."""
        return self.probabilities[0][0] if self.probabilities else ""


def find_kept(workspace: Workspace, which: str) -> Run:
    """A classifier run by its run id, as CLASSIFIER@EMBEDDING, or the newest of a name; raises RunNotFound.

    Of CLASSIFIER@EMBEDDING the one on folds, else the newest on a hold-out.
    """
    if "@" in which:
        return find_classifier(workspace, which, split=None)
    return latest_run(workspace, "classifier", name=which)


def predict(
    workspace: Workspace,
    run: Run,
    files: Sequence[str | Path],
    *,
    nearest: int = NEAREST,
    weights: Mapping[str, Path] | None = None,
) -> Iterator[Answer]:
    """An answer for each image file, and for each that has the name of an image in the folders; in this order.

    nearest: how many training covers to name. weights: files for encoders whose weights have moved, by encoder.
    Raises GenrescopeError where the classifier cannot be read, before the first answer, and MissingWeights.
    """
    classifier = fitted(workspace, run.run_id)
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="decode") as pool:
        for paths in _batches(_listed(files)):
            yield from _answers(workspace, classifier, paths, list(pool.map(_load, paths)), nearest, weights or {})


def ranked(classes: Sequence[str], probabilities: np.ndarray) -> tuple[tuple[str, float], ...]:
    """Genres with their probabilities (c,), the highest first, equal ones in order."""
    return tuple((classes[i], float(probabilities[i])) for i in np.argsort(-probabilities, kind="stable"))


def _answers(
    workspace: Workspace,
    classifier: Fitted,
    paths: Sequence[str],
    loaded: Sequence[Image.Image | str],
    nearest: int,
    weights: Mapping[str, Path],
) -> Iterator[Answer]:
    images = [image for image in loaded if not isinstance(image, str)]
    pictures = Pictures(images, weights)
    probabilities = iter(classifier.classify(pictures) if images else ())
    near = iter(_near(workspace, classifier, pictures, nearest) if images else ())
    sets = find_sets(workspace, classifier.run)
    for path, image in zip(paths, loaded, strict=True):
        if isinstance(image, str):
            yield Answer(path, trouble=image)
        else:
            said = ranked(classifier.classes, next(probabilities))
            yield Answer(path, said, next(near), set_of(sets, dict(said)) if sets else None)


def _near(workspace: Workspace, classifier: Fitted, pictures: Pictures, k: int) -> list[Near]:
    if classifier.embedding is None or not k:
        return [()] * len(pictures.images)
    vectors = pictures.vectors(workspace, classifier.embedding)
    return nearest_training_covers(workspace, classifier.embedding, vectors, classifier.training, k=k)


def _load(path: str) -> Image.Image | str:
    """The image in a file, or why there is none."""
    if os.path.isdir(path):
        return "holds no file with the name of an image"
    try:
        return load_cover(path)
    except UnreadableImage as error:
        return str(error)


def _batches(paths: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(paths, BATCH)):
        yield batch


def _listed(files: Sequence[str | Path]) -> Iterator[str]:
    """The files; of a folder those in it that have the name of an image, or itself where there are none."""
    for file in (os.fspath(each) for each in files):
        found = files_below(file)[0] if os.path.isdir(file) else []
        yield from found or [file]
