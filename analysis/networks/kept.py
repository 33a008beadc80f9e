"""Networks that are kept of a run, and what they say of further images."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from analysis.networks.recipe import FASTAI
from data.errors import GenrescopeError
from data.grouping.folds import read_folds
from data.store.disk.remembered import remembered
from data.store.kept import read_kept
from data.store.runs import Run, get_run
from data.store.workspace import Workspace
from embeddings.encoders.networks import Network, load_network

KIND = "network"


def networks_of(workspace: Workspace, run: Run) -> list[Network]:
    """The networks of a run: one of a hold-out, one a fold out of fold. Raises GenrescopeError where none is kept."""
    return list(_networks(workspace, run.run_id))


def is_network(run: Run) -> bool:
    """Whether a classifier run trained a network on the covers themselves."""
    return run.name.startswith(f"{FASTAI}:")


def is_readable(workspace: Workspace, run: Run) -> bool:
    """Whether the networks of a finished run are kept and can be read."""
    try:
        return bool(networks_of(workspace, run))
    except GenrescopeError:
        return False


def network_that_judged(workspace: Workspace, run: Run, cover_id: int) -> Network:
    """The network that said of a cover in the first repeat what it is: of a hold-out the one there is."""
    networks, division = networks_of(workspace, run), get_run(workspace, run.inputs[1])
    if division.kind != "folds":
        return networks[0]
    folds = [part.description["fold"] for part in read_kept(workspace, run)]
    return networks[folds.index(int(read_folds(workspace, division)[0, cover_id]))]


@remembered(maxsize=4)
def _networks(workspace: Workspace, run_id: str) -> tuple[Network, ...]:
    run = get_run(workspace, run_id)
    parts = [part for part in read_kept(workspace, run) if part.description.get("kind") == KIND]
    if not parts:
        raise GenrescopeError(f"run {run_id} ({run.name}) keeps no network: train one with --classifier fastai")
    return tuple(load_network(part.description, part.content) for part in parts)


def predict_images(networks: Sequence[Network], images: Sequence[Image.Image], classes: list[str]) -> np.ndarray:
    """Probabilities (m, c) of RGB images by `classes`: the mean of what each network says; 0 for what none knows."""
    found = np.zeros((len(images), len(classes)))
    for network in networks:
        prepared = np.stack([network.prepare(image) for image in images])
        columns = [classes.index(genre) for genre in network.classes]
        found[:, columns] += network.predict_proba(prepared) / len(networks)
    return found
