"""A fastai Learner for covers: DataLoaders from a DataFrame, augmentation, loss, optimizer, precision."""

from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.networks.recipe import Recipe
from embeddings import backends
from embeddings.encoders.networks import Network

# Shares of covers that are zoomed and shifted, and whose light is changed; and how much.
ZOOM, LIGHT, SHARE = 1.1, 0.2, 0.75


def make_learner(network: Network, frame: pd.DataFrame, images: np.ndarray, recipe: Recipe, *, folder: Path) -> Any:
    """A Learner over the covers of `frame`: columns row (of `images`), genre, held_out (not learnt from, but judged).

    images: uint8 (n, size, size, 3). folder: where fastai may write what it writes, and removes again. The network's
    module is trained in place, in groups: the earlier half of the body, the later one, the head.
    """
    import fastai.callback.schedule  # noqa: F401 (gives a Learner fit_one_cycle and lr_find)
    from fastai.callback.mixup import MixUp
    from fastai.learner import Learner
    from fastai.optimizer import OptimWrapper
    from torch.optim import AdamW

    loaders = make_loaders(network, frame, images, recipe, folder=folder)
    loss = _loss(frame[~frame.held_out].genre, network.classes, recipe)
    # Fused: one pass over all weights rather than eight over each; betas and eps as in fastai's own Adam.
    optimizer = partial(OptimWrapper, opt=partial(AdamW, fused=True, betas=(0.9, 0.99), eps=1e-5))
    return Learner(
        loaders,
        network.module,
        loss_func=loss,
        opt_func=optimizer,
        splitter=groups_of,
        wd=recipe.decay,
        train_bn=False,  # a frozen body then needs no backward pass
        path=folder,
        default_cbs=False,
        cbs=_callbacks() + ([MixUp(recipe.mixup)] if recipe.mixup else []),
    )


def make_loaders(network: Network, frame: pd.DataFrame, images: np.ndarray, recipe: Recipe, *, folder: Path) -> Any:
    """DataLoaders by fastai's `from_df`, which reads the rows of `images` instead of files."""
    from fastai.data.block import CategoryBlock
    from fastai.data.transforms import Normalize
    from fastai.vision.data import ImageDataLoaders

    learnt = int((~frame.held_out).sum())
    return ImageDataLoaders.from_df(
        frame,
        path=folder,
        fn_col="row",
        label_col="genre",
        valid_col="held_out",
        y_block=CategoryBlock(vocab=list(network.classes), sort=False),
        img_cls=_image_class(images),
        batch_tfms=[*augmentations(recipe.augment), Normalize.from_stats(network.mean, network.std, cuda=False)],
        bs=min(recipe.batch, learnt),
        num_workers=0,  # a row is copied out of the mapped file; decoding is done
        device=_device(),
    )


def augmentations(name: str) -> list[Any]:
    """The transforms of a batch. 'covers': zoom up to 1.1, brightness and contrast by 0.2, three covers in four.

    No flips, no rotation, no perspective: covers are made upright and straight, and lettering reads one way. 'flips'
    is the same with left and right swapped in half of them; 'none' shows every cover as it is.
    """
    from fastai.vision.augment import aug_transforms

    if name == "none":
        return []
    return aug_transforms(
        do_flip=name == "flips",
        max_rotate=0,
        max_warp=0,
        max_zoom=ZOOM,
        max_lighting=LIGHT,
        p_affine=SHARE,
        p_lighting=SHARE,
    )


def groups_of(module: Any) -> list[list[Any]]:
    """The parameters in three groups, for learning rates of their own: earlier and later half of the body, head."""
    body, head = module[0], module[1]
    children = [list(child.parameters()) for child in body.children()]
    children = [child for child in children if child]
    half = len(children) // 2 + 1
    parts = [chain.from_iterable(part) for part in (children[:half], children[half:])]
    groups = [list(part) for part in (*parts, head.parameters())]
    return [group for group in groups if group]


def precision() -> str:
    """How this machine trains fastest: 'cuda bfloat16', 'cpu bfloat16', or 'float32' on either.

    GENRESCOPE_BACKEND leaves no choice, as for embeddings: one in float32 means float32.
    """
    import torch

    asked, device = backends.asked_for(), _device()
    halves = torch.cuda.is_bf16_supported() if device == "cuda" else backends.is_fast_at_bfloat16()
    wanted = asked.endswith("16") if asked else halves
    return f"{device} {'bfloat16' if wanted else 'float32'}"


def _device() -> str:
    import torch

    asked = backends.asked_for()
    return "cuda" if torch.cuda.is_available() and not asked.startswith("cpu") else "cpu"


def _loss(genres: pd.Series, classes: tuple[str, ...], recipe: Recipe) -> Any:
    """Cross entropy; weighted: every genre counts the same, however many covers it has."""
    import torch
    from fastai.losses import CrossEntropyLossFlat

    counts = genres.value_counts().reindex(list(classes)).to_numpy()
    balanced = torch.tensor(len(genres) / (len(classes) * counts), dtype=torch.float32)
    return CrossEntropyLossFlat(weight=balanced if recipe.weighted else None, label_smoothing=recipe.smoothing)


def _callbacks() -> list[Any]:
    from fastai.callback.channelslast import ChannelsLast
    from fastai.callback.core import TrainEvalCallback
    from fastai.learner import CastToTensor, Recorder

    half = [_bfloat16(_device())] if precision().endswith("bfloat16") else []
    return [TrainEvalCallback(), Recorder(add_time=False), CastToTensor(), ChannelsLast(), *half]


def _bfloat16(device: str) -> Any:
    """Forward pass and loss under autocast, weights in float32; fastai's own callback knows GPUs only."""
    import torch
    from fastai.callback.core import Callback

    class Bfloat16(Callback):
        order = 10

        def before_batch(self) -> None:
            self.autocast = torch.autocast(device, dtype=torch.bfloat16)
            self.autocast.__enter__()

        def after_pred(self) -> None:
            self.learn.pred = self.learn.pred.float()

        def after_loss(self) -> None:
            self.autocast.__exit__(None, None, None)

    return Bfloat16()


def _image_class(images: np.ndarray) -> Any:
    """What fastai takes for its class of images: made from the row number at the end of a name."""
    import torch
    from fastai.torch_core import TensorImage

    class CachedCover(TensorImage):
        @classmethod
        def create(cls, name: Any) -> Any:
            # Seen as (3, size, size) the pixels stay where they are; a batch is then channels-last.
            return TensorImage(torch.from_numpy(np.array(images[int(Path(name).name)])).permute(2, 0, 1))

    return CachedCover
