"""The fits of a run: a network for each part of its division, or what was done of it before the run was killed."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.classifiers.divisions import Part, Side
from analysis.classifiers.estimators.temperature import hold_out
from analysis.networks.kept import KIND
from analysis.networks.learning import checkpoints
from analysis.networks.learning.course import Course, Told
from analysis.networks.learning.fitting import fit_network
from analysis.networks.learning.judging import calibrate, margins_of
from analysis.networks.recipe import Recipe
from embeddings.encoders.networks import Network, build_network, describe, to_bytes


@dataclass(frozen=True)
class Task:
    """What the fits of a run have in common.

    side: the covers, without vectors; images: uint8 (n, size, size, 3), row i is cover i; folder: of the checkpoints.
    """

    side: Side
    images: np.ndarray
    recipe: Recipe
    folder: Path
    seed: int


@dataclass(frozen=True)
class Fit:
    """What is known of a fit when it is done; as a file it is what a killed run of several fits goes on with.

    description, content: the network as it is kept. probabilities: of the part's test covers (m, c), by the network's
    own classes. facts: what stands of it in the run's results.
    """

    description: dict[str, Any]
    content: bytes
    probabilities: np.ndarray
    course: Course
    facts: dict[str, Any]


def fit_part(task: Task, part: Part, *, told: Callable[[Part, int, Mapping[str, float]], None]) -> Fit:
    """Fit one part, or read what was done of it before; told: called after every epoch, with its metrics."""
    file = task.folder / f"{part.repeat}-{part.fold}.safetensors"
    finished = file.with_suffix(".done")
    done = checkpoints.load(finished)
    if done:
        return _restored(done)
    found = _fit(task, part, file=file, told=partial(told, part))
    checkpoints.save(finished, _as_state(found))
    file.unlink(missing_ok=True)
    return found


def _fit(task: Task, part: Part, *, file: Path, told: Told) -> Fit:
    """Train a new network on the part, from its checkpoint where there is one, and let it judge."""
    frame = learning_frame(task.side.take(part.training), share=task.recipe.held_out, seed=task.seed)
    network = _new_network(task, sorted(set(frame.genre)))
    seed = task.seed + 1000 * part.repeat + part.fold
    course = fit_network(network, frame, task.images, task.recipe, file=file, seed=seed, told=told)
    temperature = calibrate(network, frame, task.images, weighted=task.recipe.weighted)
    facts = _facts(course, frame) | {"temperature": temperature}
    return _judged(task, part, network, course, facts)


def learning_frame(training: Side, *, share: float, seed: int) -> pd.DataFrame:
    """The covers that teach, as fastai's `from_df` takes them: row, genre, held_out.

    held_out: about this share, whole groups, none of a genre with too few: they calibrate and are not learnt from.
    """
    genres = training.genres.astype(str)
    codes = np.unique(genres, return_inverse=True)[1]
    folds = round(1 / share) if share else 0
    out = hold_out(codes, training.groups, folds=folds, seed=seed) if folds else np.zeros(len(codes), bool)
    return pd.DataFrame({"row": training.cover_ids, "genre": genres, "held_out": out})


def _new_network(task: Task, classes: list[str]) -> Network:
    asked = task.recipe
    return build_network(
        asked.architecture, classes, weights=asked.weights, size=asked.size, dropout=asked.dropout, seed=task.seed
    )


def _judged(task: Task, part: Part, network: Network, course: Course, facts: dict[str, Any]) -> Fit:
    """Let a network judge the part's test covers, as what is kept of it will: in float32."""
    from scipy.special import softmax

    margins = margins_of(network, task.images, task.side.cover_ids[part.test])
    probabilities = softmax(margins.astype(np.float64), axis=1).astype(np.float32)
    where = {"repeat": part.repeat, "fold": part.fold}
    description = {"kind": KIND, **describe(network), **where, "learnt": facts["learnt"]}
    return Fit(description, to_bytes(network), probabilities, course, where | facts)


def _facts(course: Course, frame: pd.DataFrame) -> dict[str, Any]:
    """How a fit went; covers_per_second: learnt from, by the whole network."""
    whole = [epoch["seconds"] for epoch in course.history if epoch["whole"]]
    learnt = int((~frame.held_out).sum())
    return {
        "epochs": len(course.history),
        "rate": course.rate,
        "covers_per_second": round(learnt / (sum(whole) / len(whole)), 1) if whole else None,
        "seconds": round(course.seconds, 1),
        "learnt": learnt,
        "held_out": int(frame.held_out.sum()),
    }


def _as_state(fit: Fit) -> dict[str, Any]:
    import torch

    return {
        "description": fit.description,
        "content": torch.frombuffer(bytearray(fit.content), dtype=torch.uint8),
        "probabilities": torch.from_numpy(fit.probabilities),
        "course": asdict(replace(fit.course, best={})),
        "facts": fit.facts,
    }


def _restored(state: Mapping[str, Any]) -> Fit:
    content, probabilities = state["content"].numpy().tobytes(), state["probabilities"].numpy()
    return Fit(state["description"], content, probabilities, Course(**state["course"]), state["facts"])
