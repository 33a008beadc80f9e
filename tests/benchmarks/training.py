"""Covers a second that a network learns from: a plain fastai loop, and each thing that makes it faster, in one run.

    python tests/benchmarks/training.py [COVERS_FOLDER]

Rounds are interleaved, and the best round of each counts, since a shared machine only ever slows down; seconds of
processor time stand beside. The plain loop decodes and resizes files, in float32, batches of 32, no workers.
"""

import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.networks.learning.learner import augmentations, make_learner
from analysis.networks.recipe import Recipe
from data.drawing.sample import write_sample
from data.intake.images import load_cover
from embeddings.encoders.networks import build_network

ROUNDS, BATCHES, SIZE = 4, 1, 224


def main() -> None:
    """Print the table after each round."""
    logging.disable(logging.WARNING)
    files = covers()
    images = np.stack([np.asarray(load_cover(file).resize((SIZE, SIZE))) for file in files])
    loops = {
        "plain fastai, from files": plain(files),
        "  + covers from the cache": ours(images, channels_last=False, fused=False, half=False, train_bn=True),
        "  + channels-last": ours(images, channels_last=True, fused=False, half=False, train_bn=True),
        "  + fused AdamW": ours(images, channels_last=True, fused=True, half=False, train_bn=True),
        "  + bfloat16: as we train": ours(images, channels_last=True, fused=True, half=True, train_bn=True),
        "the same, no augmentation": ours(images, channels_last=True, fused=True, half=True, augment="none"),
        "the same at 160 pixels": ours(images[:, :160, :160], channels_last=True, fused=True, half=True),
        "head alone, body frozen": ours(images, channels_last=True, fused=True, half=True, frozen=True),
    }
    best: dict[str, tuple[float, float]] = {}
    for done in range(ROUNDS):
        for name, loop in loops.items():
            wall, processor = time.perf_counter(), time.process_time()
            covers_done = loop()
            rate = covers_done / (time.perf_counter() - wall)
            seconds = (time.process_time() - processor) / covers_done
            before = best.get(name, (0.0, 9e9))
            best[name] = max(rate, before[0]), min(seconds, before[1])
        report(best, rounds=done + 1)


def report(best: dict[str, tuple[float, float]], *, rounds: int) -> None:
    """The table so far: the best round of each, against the plain loop."""
    import torch

    print(f"\nResNet18, {SIZE} pixels, {torch.get_num_threads()} threads; best of {rounds} interleaved rounds")
    plain_rate, plain_seconds = best["plain fastai, from files"]
    for name, (rate, seconds) in best.items():
        print(
            f"{name:<28} {rate:6.1f} covers/s {rate / plain_rate:5.2f} x   "
            f"{1000 * seconds:6.1f} ms of processor time a cover {plain_seconds / seconds:5.2f} x",
            flush=True,
        )


def covers() -> list[Path]:
    """Enough covers for a round: of the folder that is named, or drawn."""
    if len(sys.argv) > 1:
        found = sorted(Path(sys.argv[1]).rglob("*.jpg"))
    else:
        folder = Path(tempfile.mkdtemp())
        write_sample(folder, covers=100)
        found = sorted(folder.rglob("*.jpg"))
    return found[:: max(len(found) // 96, 1)][:96]


def plain(files: list[Path]) -> Callable[[], int]:
    """What fastai's documentation would have one write."""
    from fastai.vision.augment import Resize
    from fastai.vision.data import ImageDataLoaders
    from torchvision.models import resnet18

    table = pd.DataFrame({"file": [str(file) for file in files], "genre": genres(len(files)), "valid": False})
    loaders = ImageDataLoaders.from_df(
        table,
        path="/",
        fn_col="file",
        label_col="genre",
        valid_col="valid",
        item_tfms=Resize(SIZE, method="squish"),
        batch_tfms=augmentations("covers"),
        bs=32,
        num_workers=0,
        device="cpu",
    )
    return looped(vision_learner(loaders, resnet18))


def vision_learner(loaders: Any, architecture: Any) -> Any:
    """fastai's own learner with its head, all of it learning."""
    from fastai.vision.learner import vision_learner

    learner = vision_learner(loaders, architecture, pretrained=False, normalize=False)
    learner.remove_cbs([cb for cb in learner.cbs if type(cb).__name__ == "ProgressCallback"])
    learner.unfreeze()
    return learner


def ours(
    images: np.ndarray,
    *,
    channels_last: bool,
    fused: bool,
    half: bool,
    augment: str = "covers",
    frozen: bool = False,
    train_bn: bool = False,
) -> Callable[[], int]:
    """Our learner, with some of what makes it fast left out."""
    from fastai.callback.channelslast import ChannelsLast
    from fastai.optimizer import Adam

    recipe = Recipe(augment=augment)
    network = build_network("resnet18", ["a", "b"], weights="none", size=images.shape[1])
    frame = pd.DataFrame({"row": range(len(images)), "genre": genres(len(images)), "held_out": False})
    learner = make_learner(network, frame, images, recipe, folder=Path(tempfile.mkdtemp()))
    if not channels_last:
        learner.remove_cbs([cb for cb in learner.cbs if isinstance(cb, ChannelsLast)])
    if not half:
        learner.remove_cbs([cb for cb in learner.cbs if type(cb).__name__ == "Bfloat16"])
    if not fused:
        learner.opt_func = Adam
    learner.train_bn = train_bn
    learner.create_opt()
    if frozen:
        learner.freeze()
    return looped(learner)


def looped(learner: Any) -> Callable[[], int]:
    """A call learns from BATCHES batches more and says from how many covers."""
    if learner.opt is None:
        learner.create_opt()
    learner("before_fit")
    learner.epoch = 0
    learner.dl = learner.dls.train
    learner("before_train")
    learner.n_iter = len(learner.dl)
    batches = endless(learner.dls.train)

    def loop() -> int:
        done = 0
        for i in range(BATCHES):
            batch = next(batches)
            learner.one_batch(i, batch)
            done += len(batch[1])
        return done

    loop()  # what is compiled once
    return loop


def endless(loader: Any) -> Iterator[Any]:
    """Batches, epoch after epoch."""
    while True:
        yield from loader


def genres(count: int) -> list[str]:
    """Some label for each cover: speed does not depend on it."""
    return ["a" if i % 2 else "b" for i in range(count)]


if __name__ == "__main__":
    main()
