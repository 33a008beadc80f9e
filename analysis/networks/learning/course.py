"""The course of a fit: how far it has come, and in words."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)

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


def say(course: Course, total: int) -> None:
    """Log the last epoch of `total`, and how long the others will take."""
    done, metrics = len(course.history), course.history[-1]
    minutes = metrics["seconds"] * (total - done) / 60
    measured = [f"loss {metrics['train_loss']:.3f}"]
    measured += [f"on held-out covers {metrics['held_out_loss']:.3f}"] if "held_out_loss" in metrics else []
    measured += [f"balanced accuracy {metrics['balanced_accuracy']:.3f}"] if "balanced_accuracy" in metrics else []
    spent = f"{metrics['seconds']:.0f} s, some {minutes:.1f} min left"
    log.info("epoch %d of %d: %s; %s", done, total, ", ".join(measured), spent)
