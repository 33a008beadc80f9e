"""Small covers whose genre can be seen, in a workspace with a hold-out."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.networks.recipe import Recipe
from analysis.networks.training import train_network, train_networks
from data.grouping.splits import make_split
from data.intake.importing import import_covers
from data.store.runs import Run, latest_run
from data.store.workspace import Workspace

COLORS = {"Blue": (40, 60, 200), "Green": (40, 180, 60), "Red": (200, 50, 40)}
EACH = 24
# All of it can be asked for on the command line, too.
TINY = Recipe(architecture="resnet10t", weights="none", size=64, epochs=2, batch=8, rate=5e-3)
# A hundredth of its weights, for what need not learn anything.
SMALLEST = replace(TINY, architecture="test_resnet", size=32)


@pytest.fixture(autouse=True, scope="package")
def _steady() -> Iterator[None]:
    """In float32 on one thread: what is small is not faster otherwise, and ends the same on every machine."""
    import torch

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENRESCOPE_BACKEND", "cpu-float32")
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        yield
        torch.set_num_threads(before)


@pytest.fixture(scope="session")
def colored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 covers of each of three genres: mostly of the colour that the genre is named after, with noise."""
    folder = tmp_path_factory.mktemp("colored")
    dice = np.random.default_rng(0)
    for genre, color in COLORS.items():
        (folder / genre).mkdir()
        for number in range(EACH):
            noise = dice.integers(0, 256, (12, 12, 3))
            pixels = (0.45 * noise + 0.55 * np.array(color)).astype(np.uint8)
            image = Image.fromarray(pixels).resize((96, 96), Image.Resampling.NEAREST)
            image.save(folder / genre / f"{number}.png")
    return folder


@pytest.fixture(scope="package")
def gallery(new_workspace: Callable[[], Workspace], colored: Path) -> Workspace:
    """The covers, imported and split; shared by all tests here, which only add runs."""
    workspace = new_workspace()
    import_covers(workspace, colored)
    make_split(workspace, test_share=0.25)
    return workspace


@pytest.fixture(scope="package")
def trained(gallery: Workspace) -> tuple[Workspace, Run]:
    """The workspace, and a finished training of two epochs."""
    return gallery, train_network(gallery, latest_run(gallery, "split"), TINY)


@pytest.fixture(scope="package")
def out_of_fold(gallery: Workspace) -> tuple[Workspace, Run]:
    """The workspace, and a network for each of two folds."""
    return gallery, train_networks(gallery, replace(SMALLEST, epochs=1), split="folds", folds=2)


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of weights for SMALLEST, as drawn."""
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(1)
    file = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_file(timm.create_model(SMALLEST.architecture, pretrained=False).state_dict(), file)
    return file
