"""The learning rate by fastai's finder (Smith 2017): it rises step by step; where the loss falls longest is chosen."""

from typing import Any

from analysis.networks.learning.seeds import seed_everything

# Of the finder; fastai's own number.
STEPS = 100


def find_rate(learner: Any, *, frozen: bool, seed: int) -> tuple[float, list[list[float]]]:
    """The head's learning rate, and the curve: (rate, smoothed loss) of every step.

    frozen: with the body frozen, as in the first epochs of a training that begins so. The network is as before.
    """
    seed_everything(learner, [seed, 0])
    if frozen:
        learner.freeze()
    with learner.no_bar() if hasattr(learner, "progress") else learner.no_logging():
        rate = float(learner.lr_find(num_it=STEPS, show_plot=False).valley)
    steps = zip(learner.recorder.lrs, learner.recorder.losses, strict=True)
    return rate, [[float(x), float(loss)] for x, loss in steps]
