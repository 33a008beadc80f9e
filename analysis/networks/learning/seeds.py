"""Random numbers of a training: every epoch has its own, so that a killed one goes on as it would have."""

import random
from typing import Any

import numpy as np


def seed_everything(learner: Any, numbers: list[int]) -> None:
    """Random numbers of torch, numpy, fastai's transforms and its shuffling, all of these numbers."""
    import torch

    drawn = [int(number) for number in np.random.SeedSequence(numbers).generate_state(3)]
    torch.manual_seed(drawn[0])
    np.random.seed(drawn[1])
    random.seed(drawn[2])
    learner.dls.train.rng = random.Random(drawn[2])
