"""What happens around every epoch of a fit: it is seeded, measured, written down, told, and may be the last."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from analysis.networks.learning import checkpoints
from analysis.networks.learning.course import Course, Told, say
from analysis.networks.learning.seeds import seed_everything


def epochs(course: Course, *, patience: int, file: Path, seed: int, told: Told, bar: Any, total: int) -> Any:
    """The callback that does it, for a training of `total` epochs; `file` is its checkpoint, `bar` counts covers.

    patience: see `Recipe`. Everything goes into the course.
    """
    from fastai.callback.core import Callback, CancelFitException

    class Epochs(Callback):
        order = 65  # behind what measures and schedules, before what skips epochs

        def before_epoch(self) -> None:
            seed_everything(self.learn, [seed, 1 + len(course.history)])
            self.started = time.perf_counter()
            self.losses: list[tuple[float, int]] = []
            self.said: list[np.ndarray] = []
            self.truth: list[np.ndarray] = []

        def after_batch(self) -> None:
            if self.training:
                bar.update(len(self.yb[0]))
                self.losses.append((float(self.loss.detach()), len(self.yb[0])))
            else:
                self.said.append(self.pred.argmax(dim=1).cpu().numpy())
                self.truth.append(self.yb[0].cpu().numpy())

        def after_epoch(self) -> None:
            if self.epoch < course.epoch:
                return  # skipped: it was done before
            metrics = self.measured()
            course.history.append(metrics)
            course.epoch, course.seconds = self.epoch + 1, course.seconds + metrics["seconds"]
            _compare(course, metrics, self.model, patience=patience)
            self.write()
            told(len(course.history) - 1, metrics)
            say(course, total)
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

        def write(self) -> None:
            state = {"course": vars(course), "module": self.model.state_dict(), "optimizer": self.opt.opt.state_dict()}
            checkpoints.save(file, state)

    return Epochs()


def _compare(course: Course, metrics: Mapping[str, float], module: Any, *, patience: int) -> None:
    """Remember the best epoch of the whole network, and end what no longer improves; nothing without patience."""
    loss = metrics.get("held_out_loss")
    if not patience or loss is None or not course.phase:
        return
    done = len(course.history) - 1
    if loss < course.best.get("loss", np.inf):
        weights = {name: value.clone() for name, value in module.state_dict().items()}
        course.best.update(loss=loss, epoch=done, module=weights)
    course.stopped = done - course.best["epoch"] >= patience


def _accuracies(said: list[np.ndarray], truth: list[np.ndarray]) -> dict[str, float]:
    """Accuracy and balanced accuracy on the held-out covers; nothing where there are none."""
    if not truth:
        return {}
    right, genres = np.concatenate(said) == np.concatenate(truth), np.concatenate(truth)
    recalls = [right[genres == genre].mean() for genre in np.unique(genres)]
    return {"accuracy": float(right.mean()), "balanced_accuracy": float(np.mean(recalls))}
