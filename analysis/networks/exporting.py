"""A kept network as a file of fastai's Learner, for those who go on with it there."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from analysis.networks.kept import networks_of
from analysis.networks.recipe import FASTAI, check_fastai
from data.errors import GenrescopeError, RunNotFound
from data.store.runs import Run, find_runs, latest_run
from data.store.workspace import Workspace
from embeddings.encoders.networks import Network


def export_learner(workspace: Workspace, which: str | None, file: Path) -> str:
    """Write the first network that is kept of a run as a Learner; says what was written.

    which: a run id or the name of a classifier; by default the newest network that was trained.

    `load_learner(file).predict(path)` then says in plain fastai what the run says: the same network, covers resized
    whole, the temperature in its last layer. Unlike what is kept such a file is a pickle: loading it runs code. Raises
    GenrescopeError where fastai is not installed or no network is kept.
    """
    check_fastai()
    run = latest_run(workspace, "classifier", name=which) if which else _newest(workspace)
    networks = networks_of(workspace, run)
    with tempfile.TemporaryDirectory() as sample:
        learner = _learner(networks[0], Path(sample))
    learner.path = file.absolute().parent
    try:
        learner.export(file.name)
    except (OSError, RuntimeError) as error:  # torch's writer has an error of its own
        raise GenrescopeError(f"cannot write {file}: {str(error).partition(chr(10))[0]}") from error
    first = f", the first of {len(networks)}" if len(networks) > 1 else ""
    return f"the network of {run.name} {run.run_id}{first}, for fastai's load_learner"


def _newest(workspace: Workspace) -> Run:
    for run in find_runs(workspace, "classifier"):
        if run.name.startswith(f"{FASTAI}:"):
            return run
    raise RunNotFound("no network was trained yet: 'genrescope train --classifier fastai' trains one")


def _learner(network: Network, folder: Path) -> Any:
    """A Learner of torch's, timm's and fastai's own classes alone, so that it loads where genrescope is not.

    folder: where a picture is put that fastai looks at while it makes the Learner.
    """
    from fastai.data.block import CategoryBlock
    from fastai.data.transforms import Normalize
    from fastai.learner import Learner
    from fastai.losses import CrossEntropyLossFlat
    from fastai.vision.augment import Resize
    from fastai.vision.core import PILImage
    from fastai.vision.data import ImageDataLoaders

    classes = list(network.classes)
    Image.new("RGB", (8, 8)).save(folder / "cover.png")
    table = pd.DataFrame({"file": ["cover.png"] * len(classes), "genre": classes, "valid": False})
    loaders = ImageDataLoaders.from_df(
        table,
        path=folder,
        fn_col="file",
        label_col="genre",
        valid_col="valid",
        y_block=CategoryBlock(vocab=classes, sort=False),
        img_cls=PILImage,
        item_tfms=Resize(network.size, method="squish"),
        batch_tfms=Normalize.from_stats(network.mean, network.std, cuda=False),
        bs=len(classes),
        num_workers=0,
        device="cpu",
    )
    # A copy that can learn on: what only says something was told that it need not.
    module = copy.deepcopy(network.module).requires_grad_()
    return Learner(loaders, module, loss_func=CrossEntropyLossFlat(), path=folder)
