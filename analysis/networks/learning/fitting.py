"""One fit: a network learns from the training covers of a part, epoch by epoch, and goes on where it was killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.networks.learning import checkpoints
from analysis.networks.learning.course import Course, Told
from analysis.networks.learning.epochs import epochs
from analysis.networks.learning.finder import find_rate
from analysis.networks.learning.learner import make_learner
from analysis.networks.recipe import FIND, Recipe
from data.errors import GenrescopeError
from data.progress import progress
from embeddings.encoders.networks import Network


def fit_network(
    network: Network, frame: pd.DataFrame, images: np.ndarray, recipe: Recipe, *, file: Path, seed: int, told: Told
) -> Course:
    """Train the network in place on the covers of `frame` (see `make_learner`), from its checkpoint where there is one.

    file: the checkpoint, written after every epoch; each epoch begins with random numbers of its own, so that what goes
    on after a kill ends as it would have without (on the same machine with as many threads).
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        learner = make_learner(network, frame, images, recipe, folder=file.parent)
        learner.create_opt()
        state = checkpoints.load(file)
        course = Course(**state["course"]) if state else _begun(learner, recipe, seed)
        for number, metrics in enumerate(course.history):
            told(number, metrics)
        if state:
            learner.model.load_state_dict(state["module"])
        total = recipe.frozen_epochs + recipe.epochs
        with _bar(learner, course, total) as bar, learner.no_logging():
            patience = recipe.patience
            learner.add_cb(epochs(course, patience=patience, file=file, seed=seed, told=told, bar=bar, total=total))
            _go_on(learner, _phases(recipe, course.rate), course, state)
    if recipe.patience and course.best:
        network.module.load_state_dict(course.best["module"])
    network.module.eval()
    return course


def _begun(learner: Any, recipe: Recipe, seed: int) -> Course:
    """A course before its first epoch, at the rate asked for or the one that the finder chose."""
    if recipe.rate != FIND:
        return Course(rate=float(recipe.rate))
    rate, curve = find_rate(learner, frozen=recipe.frozen_epochs > 0, seed=seed)
    return Course(rate=rate, finder=curve)


def _phases(recipe: Recipe, rate: float) -> list[dict[str, Any]]:
    """The two halves of fastai's `fine_tune`, one cycle each (Smith 2018), so that either can begin in its middle.

    Without frozen epochs it is `fit_one_cycle`, the body a hundredth to a tenth as fast as the head.
    """
    frozen = {"n_epoch": recipe.frozen_epochs, "lr_max": slice(rate), "pct_start": 0.99}
    whole = {"n_epoch": recipe.epochs, "lr_max": slice(rate / 200, rate / 2), "pct_start": 0.3, "div": 5.0}
    if not recipe.frozen_epochs:
        whole |= {"lr_max": slice(rate / 100, rate), "div": 25.0}
    return [frozen, whole]


def _bar(learner: Any, course: Course, total: int) -> Any:
    """A bar of the covers that `total` epochs learn from, those of the epochs that are done behind it."""
    covers = len(learner.dls.train_ds)
    return progress(total=total * covers, what="training", initial=len(course.history) * covers)


def _go_on(learner: Any, phases: list[dict[str, Any]], course: Course, state: Any) -> None:
    """Train from where the course stands to its end; state: the checkpoint, where there is one."""
    while course.phase < len(phases) and not course.stopped:
        with _plainly():
            _phase(learner, phases[course.phase], course, state)
        course.phase, course.epoch, state = course.phase + 1, 0, None


@contextmanager
def _plainly() -> Iterator[None]:
    """An error of ours says what it said: fastai writes into it which callback it came from, on a line of its own."""
    try:
        yield
    except GenrescopeError as error:
        raise GenrescopeError(str(error).rpartition("\n\t")[2]) from error


def _phase(learner: Any, phase: dict[str, Any], course: Course, state: Any) -> None:
    """What is left of the phase that the course is in; state: the checkpoint, where it begins with one."""
    (learner.unfreeze if course.phase else learner.freeze)()
    if state:
        _load_optimizer(learner, state["optimizer"])
    if course.epoch < phase["n_epoch"]:
        learner.fit_one_cycle(**phase, start_epoch=course.epoch)


def _load_optimizer(learner: Any, state: Any) -> None:
    """Give the optimizer its state back, laid out in memory as the weights are: a fused step reads both in one go."""
    import torch

    learner.model.to(memory_format=torch.channels_last)
    optimizer = learner.opt.opt
    optimizer.load_state_dict(state)
    for weight, moments in optimizer.state.items():
        for name, value in moments.items():
            if torch.is_tensor(value) and value.shape == weight.shape:
                moments[name] = torch.empty_like(weight, dtype=value.dtype).copy_(value)
