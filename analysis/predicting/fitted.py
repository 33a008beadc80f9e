"""Kept classifiers, ready to look at further images.

A kind of classifier is a function in KINDS that makes a `Fitted` of what is kept of a run; what predicts, shows or
explains knows no kinds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from cachetools import LRUCache, cached
from PIL import Image

from analysis.classifiers.divisions import Side
from analysis.classifiers.keeping import restore
from analysis.classifiers.sharpening import sharpen
from analysis.classifiers.training import learnt_from
from analysis.classifiers.voting import read_members
from analysis.classifiers.zero_shot import probabilities_of, read_text_vectors
from analysis.commands import command_of
from analysis.evaluation.predictions import codes_of
from analysis.networks.kept import networks_of, predict_images
from data.errors import GenrescopeError, UnreadableClassifier
from data.store.disk.remembered import born, remembered
from data.store.kept import Kept, kept_run_ids, read_kept
from data.store.runs import Run, get_run
from data.store.workspace import Workspace
from embeddings.encoders.families.joined import Block, is_joined
from embeddings.joining import blocks_of, parents_of

# Bytes of classifiers that stay in memory (those of one that finds its covers again are as many as their vectors'), and
# how many encoders do, some hundred megabytes each.
FITTED, ENCODERS = 3_000_000_000, 8


@dataclass(frozen=True)
class Pictures:
    """m images to be classified, each encoded once for each embedding, however many classifiers look at them.

    weights: files for encoders whose weights no longer lie where they were, by the encoder's name.
    """

    images: Sequence[Image.Image]
    weights: Mapping[str, Path] = field(default_factory=dict)
    _vectors: dict[str, np.ndarray | GenrescopeError] = field(default_factory=dict)

    def vectors(self, workspace: Workspace, embedding: Run) -> np.ndarray:
        """Vectors (m, d) as that embedding has them; raises MissingWeights."""
        if embedding.run_id not in self._vectors:
            try:
                self._vectors[embedding.run_id] = self._encoded(workspace, embedding)
            except GenrescopeError as error:  # once, and not again for the next classifier
                self._vectors[embedding.run_id] = error
        found = self._vectors[embedding.run_id]
        if isinstance(found, GenrescopeError):
            raise found
        return found

    def _encoded(self, workspace: Workspace, embedding: Run) -> np.ndarray:
        from embeddings.encoders.encoder import embed_images

        if is_joined(embedding.name):
            parts = [self.vectors(workspace, parent) for parent in parents_of(workspace, embedding)]
            blocks = zip(_blocks(workspace, embedding.run_id), parts, strict=True)
            return np.hstack([block(part) for block, part in blocks])
        return embed_images(encoder(workspace, embedding.run_id, self.weights.get(embedding.name)), self.images)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A classifier that can be asked.

    classes: c genres. classify: gives probabilities (m, c) of m pictures. embedding: where covers near to a picture are
    sought, None where there is no such. training: ids of the covers that it learnt from, ascending. size: about how
    many bytes it takes.
    """

    run: Run
    classes: list[str]
    classify: Callable[[Pictures], np.ndarray]
    embedding: Run | None
    training: np.ndarray
    size: int = 1


def classify(workspace: Workspace, run: Run, images: Sequence[Image.Image]) -> np.ndarray:
    """Probabilities (m, c) of m images by the classifier that is kept of a run; genres as in its results' classes.

    Raises GenrescopeError where nothing is kept or it cannot be read, and MissingWeights.
    """
    return fitted(workspace, run.run_id).classify(Pictures(images))


def _key(workspace: Workspace, run_id: str) -> tuple[Workspace, str, str]:
    return workspace, born(workspace), run_id


@cached(LRUCache(FITTED, getsizeof=lambda found: found.size), key=_key, lock=Lock())
def fitted(workspace: Workspace, run_id: str) -> Fitted:
    """The classifier that is kept of a run; raises GenrescopeError where there is none or it cannot be read."""
    run = get_run(workspace, run_id)
    if run_id not in kept_run_ids(workspace):
        raise GenrescopeError(f"nothing is kept of {run.name}, run {run_id}: '{command_of(workspace, run)}' keeps it")
    kept = read_kept(workspace, run)
    kind = kept[0].description.get("kind")
    if kind not in KINDS:
        raise GenrescopeError(
            f"{run.name} {run.run_id} was kept as '{kind}', which this genrescope does not know: upgrade genrescope"
        )
    try:
        return KINDS[kind](workspace, run, kept)
    except UnreadableClassifier as error:
        raise GenrescopeError(f"{error}: '{command_of(workspace, run)}'") from error
    except GenrescopeError:  # of a member of a vote, or of missing weights, with what to do
        raise
    except Exception as error:  # descriptions that somebody changed raise whatever they happen to stumble over
        reason = f"{type(error).__name__} {error}".partition("\n")[0]
        raise GenrescopeError(
            f"the classifier kept of run {run_id} cannot be read ({reason}): the command that trained it makes it "
            f"anew, its predictions stay: '{command_of(workspace, run)}'"
        ) from error


def _of_estimator(workspace: Workspace, run: Run, kept: Sequence[Kept]) -> Fitted:
    """A classifier on the vectors of an embedding."""
    embedding, division = (get_run(workspace, run_id) for run_id in run.inputs[:2])
    training = _learnt_from(workspace, embedding.run_id, division.run_id)
    estimator = restore(run, kept[0], training.vectors)
    classes = list(run.results["classes"])
    columns = codes_of(map(str, estimator.classes_), classes)

    def classify(pictures: Pictures) -> np.ndarray:
        vectors = pictures.vectors(workspace, embedding)
        probabilities = np.zeros((len(vectors), len(classes)))
        probabilities[:, columns] = estimator.predict_proba(vectors)
        return probabilities

    return Fitted(run, classes, classify, embedding, training.cover_ids, size=bytes_of(estimator))


def _of_zero_shot(workspace: Workspace, run: Run, kept: Sequence[Kept]) -> Fitted:
    """CLIP and the genres' text vectors; as no cover taught it, no covers speak for what it says."""
    embedding = get_run(workspace, run.inputs[0])
    scale, classes = float(kept[0].description["scale"]), list(kept[0].description["classes"])
    text = read_text_vectors(run, kept[0])

    def classify(pictures: Pictures) -> np.ndarray:
        return probabilities_of(pictures.vectors(workspace, embedding), text, scale=scale)

    return Fitted(run, classes, classify, None, np.empty(0, np.int32))


def _of_network(workspace: Workspace, run: Run, kept: Sequence[Kept]) -> Fitted:
    """Networks on the covers themselves, of which each says what it thinks and the mean stands."""
    networks, classes = networks_of(workspace, run), list(run.results["classes"])

    def classify(pictures: Pictures) -> np.ndarray:
        return predict_images(networks, pictures.images, classes)

    size = sum(len(part.content) for part in kept)
    return Fitted(run, classes, classify, None, np.empty(0, np.int32), size=size)


def _of_vote(workspace: Workspace, run: Run, kept: Sequence[Kept]) -> Fitted:
    """The members, each as it is kept, and the mean of what they say, as sure as it may be."""
    run_ids, classes, temperature = read_members(kept)
    if not set(run_ids) <= set(run.inputs):  # where somebody changed them, a vote could be its own member
        raise ValueError("these are not the members it was made of")
    members = [fitted(workspace, run_id) for run_id in run_ids]

    def classify(pictures: Pictures) -> np.ndarray:
        total = np.zeros((len(pictures.images), len(classes)))
        for member in members:
            total[:, codes_of(member.classes, classes)] += member.classify(pictures)
        return sharpen(total / len(members), temperature)

    training = np.unique(np.concatenate([member.training for member in members]))
    embedding = next((member.embedding for member in members if member.embedding), None)
    return Fitted(run, classes, classify, embedding, training)


# By what stands in the description of a run's first kept part.
KINDS: dict[Any, Callable[[Workspace, Run, Sequence[Kept]], Fitted]] = {
    "estimator": _of_estimator,
    "zero-shot": _of_zero_shot,
    "vote": _of_vote,
    "network": _of_network,
}


def bytes_of(estimator: Any) -> int:
    """Bytes of the arrays of an estimator, and of the one inside it."""
    inner = getattr(estimator, "estimator_", None)
    own = sum(value.nbytes for value in vars(estimator).values() if isinstance(value, np.ndarray))
    return own + (bytes_of(inner) if inner is not None else 0)


@remembered(maxsize=ENCODERS)
def _blocks(workspace: Workspace, run_id: str) -> list[Block]:
    return blocks_of(workspace, get_run(workspace, run_id))


@remembered(maxsize=1)
def _learnt_from(workspace: Workspace, embedding_id: str, division_id: str) -> Side:
    """As `learnt_from`, read once for classifiers on one embedding that are asked one after the other."""
    return learnt_from(workspace, get_run(workspace, embedding_id), get_run(workspace, division_id))


@remembered(maxsize=ENCODERS)
def encoder(workspace: Workspace, run_id: str, weights: Path | None = None) -> Any:
    """The encoder behind an embedding run; raises MissingWeights. Loads torch and weights where it needs them."""
    from embeddings.further import encoder_of

    return encoder_of(workspace, get_run(workspace, run_id), weights=weights)
