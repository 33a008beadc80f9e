"""One fit: a network learns from the training covers of a part, epoch by epoch, and is calibrated on those held out."""

import logging
import random
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.classifiers.estimators.calibration import best_temperature
from analysis.networks import checkpoints
from analysis.networks.learner import make_learner
from analysis.networks.recipe import FIND, Recipe
from data.progress import progress
from embeddings.encoders.networks import Network

log = logging.getLogger(__name__)

# Covers at a time when a trained network judges.
CHUNK = 256
# Called after every epoch with its number from 0 and its metrics.
Told = Callable[[int, Mapping[str, float]], None]


@dataclass
class Course:
    """How far a fit has come; what a checkpoint holds beside weights and optimizer.

    phase, epoch: the next one, epoch within its phase. history: metrics of every epoch so far. rate: of the head.
    finder: (learning rate, loss) of the finder's steps. best: weights of the epoch with the least held-out loss, its
    loss and number; kept only where there is patience. stopped: ended early. seconds: spent so far.
    """

    phase: int = 0
    epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    rate: float = 0.0
    finder: list[list[float]] = field(default_factory=list)
    best: dict[str, Any] = field(default_factory=dict)
    stopped: bool = False
    seconds: float = 0.0


def fit_network(
    network: Network, frame: pd.DataFrame, images: np.ndarray, recipe: Recipe, *, file: Path, seed: int, told: Told
) -> Course:
    """Train the network in place on the covers of `frame` (see `make_learner`), from its checkpoint where there is one.

    file: the checkpoint, written after every epoch; each epoch begins with random numbers of its own, so that what goes
    on after a kill ends as it would have without (on the same machine with as many threads).
    """
    import torch

    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")  # what fastai and torch remark on while they train
        learner = make_learner(network, frame, images, recipe, folder=file.parent)
        learner.create_opt()
        state = checkpoints.load(file)
        course = Course(**state["course"]) if state else Course(rate=_rate(learner, recipe, seed))
        if isinstance(recipe.rate, str) and not state:
            course.finder = _finder_curve(learner)
        for number, metrics in enumerate(course.history):
            told(number, metrics)
        _go_on(learner, recipe, course, state, file=file, seed=seed, told=told)
    if recipe.patience and course.best:
        network.module.load_state_dict(course.best["module"])
    network.module.eval()
    return course


def calibrate(network: Network, frame: pd.DataFrame, images: np.ndarray, *, weighted: bool) -> float:
    """Divide the margins by the temperature that gives the least log loss on held-out covers, in the last layer itself.

    Returns the temperature (Guo et al. 2017, as in `calibration.Calibrated`); 1 where nothing is held out.
    """
    import torch

    held_out = frame[frame.held_out]
    if held_out.empty:
        return 1.0
    truth = np.searchsorted(network.classes, held_out.genre.to_numpy(dtype=str))
    weights = 1 / np.bincount(truth)[truth] if weighted else np.ones(len(truth))
    temperature, _ = best_temperature(margins_of(network, images, held_out.row.to_numpy()), truth, weights)
    head: Any = network.module[1]
    last = head[-1]
    with torch.no_grad():
        last.weight /= temperature
        last.bias /= temperature
    return temperature


def margins_of(network: Network, images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Margins (m, c) of these rows of the mapped images, some at a time."""
    parts = [network.margins(images[rows[start : start + CHUNK]]) for start in range(0, len(rows), CHUNK)]
    return np.concatenate([np.zeros((0, len(network.classes)), np.float32), *parts])


def _rate(learner: Any, recipe: Recipe, seed: int) -> float:
    """The head's learning rate: as asked for, or by fastai's finder (Smith 2017), where the loss falls longest."""
    if recipe.rate != FIND:
        return float(recipe.rate)
    _seed(learner, [seed, 0])
    if recipe.frozen_epochs:
        learner.freeze()
    with learner.no_bar() if hasattr(learner, "progress") else learner.no_logging():
        return float(learner.lr_find(show_plot=False).valley)


def _finder_curve(learner: Any) -> list[list[float]]:
    return [
        [float(rate), float(loss)] for rate, loss in zip(learner.recorder.lrs, learner.recorder.losses, strict=True)
    ]


def _phases(recipe: Recipe, rate: float) -> list[dict[str, Any]]:
    """The two halves of fastai's `fine_tune`, one cycle each (Smith 2018), so that either can begin in its middle.

    Without frozen epochs it is `fit_one_cycle`, the body a hundredth to a tenth as fast as the head.
    """
    frozen = {"n_epoch": recipe.frozen_epochs, "lr_max": slice(rate), "pct_start": 0.99}
    whole = {"n_epoch": recipe.epochs, "lr_max": slice(rate / 200, rate / 2), "pct_start": 0.3, "div": 5.0}
    if not recipe.frozen_epochs:
        whole |= {"lr_max": slice(rate / 100, rate), "div": 25.0}
    return [frozen, whole]


def _go_on(learner: Any, recipe: Recipe, course: Course, state: Any, *, file: Path, seed: int, told: Told) -> None:
    if state:
        learner.model.load_state_dict(state["module"])
    phases = _phases(recipe, course.rate)
    total = sum(phase["n_epoch"] for phase in phases)
    bar = progress(total=total * len(learner.dls.train_ds), what="training", initial=0)
    with bar, learner.no_logging():
        bar.update(len(course.history) * len(learner.dls.train_ds))
        learner.add_cb(_epochs(recipe, course, file=file, seed=seed, told=told, bar=bar, total=total))
        while course.phase < len(phases) and not course.stopped:
            (learner.unfreeze if course.phase else learner.freeze)()
            if state:
                _load_optimizer(learner, state["optimizer"])
            state = None
            if course.epoch < phases[course.phase]["n_epoch"]:
                learner.fit_one_cycle(**phases[course.phase], start_epoch=course.epoch)
            course.phase, course.epoch = course.phase + 1, 0


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


def _seed(learner: Any, numbers: list[int]) -> None:
    """Random numbers of torch, numpy, fastai's transforms and its shuffling, all of these numbers."""
    import torch

    drawn = [int(number) for number in np.random.SeedSequence(numbers).generate_state(3)]
    torch.manual_seed(drawn[0])
    np.random.seed(drawn[1])
    random.seed(drawn[2])
    learner.dls.train.rng = random.Random(drawn[2])


def _epochs(recipe: Recipe, course: Course, *, file: Path, seed: int, told: Told, bar: Any, total: int) -> Any:
    """The callback that seeds an epoch, measures it, writes it down, and ends a training that no longer improves."""
    from fastai.callback.core import Callback, CancelFitException

    class Epochs(Callback):
        order = 65  # behind what measures and schedules, before what skips epochs

        def before_epoch(self) -> None:
            _seed(self.learn, [seed, 1 + len(course.history)])
            self.started = time.perf_counter()
            self.losses: list[tuple[float, int]] = []
            self.said: list[np.ndarray] = []
            self.truth: list[np.ndarray] = []

        def after_batch(self) -> None:
            if self.training:
                bar.update(len(self.yb[0]))
                self.losses.append((float(self.loss), len(self.yb[0])))
            else:
                self.said.append(self.pred.argmax(dim=1).cpu().numpy())
                self.truth.append(self.yb[0].cpu().numpy())

        def after_epoch(self) -> None:
            if self.epoch < course.epoch:
                return  # skipped: it was done before
            metrics = self.measured()
            course.history.append(metrics)
            course.epoch, course.seconds = self.epoch + 1, course.seconds + metrics["seconds"]
            self.compare(metrics)
            state = {"course": vars(course), "module": self.model.state_dict(), "optimizer": self.opt.opt.state_dict()}
            checkpoints.save(file, state)
            told(len(course.history) - 1, metrics)
            _say(course, total)
            if course.stopped:
                raise CancelFitException

        def measured(self) -> dict[str, float]:
            seconds = time.perf_counter() - self.started
            # Not the recorder's, a moving average that would begin anew where a killed training goes on.
            losses, covers = zip(*self.losses, strict=True)
            train, held_out = np.average(losses, weights=covers), self.recorder.values[-1][1]
            found = {"train_loss": train, "held_out_loss": held_out, **_accuracies(self.said, self.truth)}
            found |= {"rate": self.opt.hypers[-1]["lr"], "whole": float(course.phase), "seconds": seconds}
            return {name: float(value) for name, value in found.items() if value is not None}

        def compare(self, metrics: Mapping[str, float]) -> None:
            loss = metrics.get("held_out_loss")
            if not recipe.patience or loss is None or not course.phase:
                return
            if loss < course.best.get("loss", np.inf):
                weights = {name: value.clone() for name, value in self.model.state_dict().items()}
                course.best.update(loss=loss, epoch=len(course.history) - 1, module=weights)
            course.stopped = len(course.history) - 1 - course.best["epoch"] >= recipe.patience

    return Epochs()


def _accuracies(said: list[np.ndarray], truth: list[np.ndarray]) -> dict[str, float]:
    """Accuracy and balanced accuracy on the held-out covers; nothing where there are none."""
    if not truth:
        return {}
    right, genres = np.concatenate(said) == np.concatenate(truth), np.concatenate(truth)
    recalls = [right[genres == genre].mean() for genre in np.unique(genres)]
    return {"accuracy": float(right.mean()), "balanced_accuracy": float(np.mean(recalls))}


def _say(course: Course, total: int) -> None:
    done, metrics = len(course.history), course.history[-1]
    held_out = f", on held-out covers {metrics['held_out_loss']:.3f}" if "held_out_loss" in metrics else ""
    accuracy = f", balanced accuracy {metrics['balanced_accuracy']:.3f}" if "balanced_accuracy" in metrics else ""
    left = metrics["seconds"] * (total - done) / 60
    log.info(
        "epoch %d of %d: loss %.3f%s%s; %.0f s, some %.1f min left",
        done,
        total,
        metrics["train_loss"],
        held_out,
        accuracy,
        metrics["seconds"],
        left,
    )
