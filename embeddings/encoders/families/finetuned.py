"""`finetuned:RUN`: the penultimate layer of a network that was trained on covers of this workspace."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.errors import GenrescopeError
from data.store.kept import read_kept
from data.store.runs import Run, get_run
from data.store.workspace import Workspace
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.networks import load_network
from embeddings.encoders.torch_encoder import torch_encoder

PREFIX = "finetuned:"
# In the parameters of an embedding: what its network has learnt from, as far as it decides what may be measured on it.
TRAINED_ON = "trained_on"


def is_finetuned(name: str) -> bool:
    """Whether this is the name of an encoder that was trained in a workspace."""
    return name.startswith(PREFIX)


def make(
    name: str, *, weights: Path | None = None, preprocessing: str = "whole", workspace: Workspace | None = None
) -> Encoder:
    """The body of the first network that is kept of classifier run RUN: what training made of the encoder it began as.

    Params say which division, repeat and fold it was trained on (`trained_on`): it has seen the genres of those covers,
    so whatever is measured on them is circular. Raises GenrescopeError for weights, another preprocessing, and a run of
    which no network is kept.
    """
    if weights is not None or preprocessing != "whole":
        raise GenrescopeError(
            f"{name} has weights and preprocessing of its own: leave out --weights and --preprocessing"
        )
    if workspace is None:
        raise GenrescopeError(f"{name} lies in a workspace: name it with --workspace")
    run = get_run(workspace, name.removeprefix(PREFIX))
    kept = next((part for part in read_kept(workspace, run) if part.description.get("kind") == "network"), None)
    if kept is None:
        raise GenrescopeError(f"run {run.run_id} ({run.name}) keeps no network: train one with --classifier fastai")
    network = load_network(kept.description, kept.content)
    return torch_encoder(
        name,
        network.module[0],
        dimension=network.dimension,
        size=(network.size, network.size),
        mean=network.mean,
        std=network.std,
        own_steps=(),
        preprocessing=preprocessing,
        params={
            "architecture": network.architecture,
            "run": run.run_id,
            TRAINED_ON: _trained_on(run, kept.description),
        },
        weights_file=None,
    )


def _trained_on(run: Run, description: Mapping[str, Any]) -> dict[str, Any]:
    return {"division": run.inputs[1], "repeat": description["repeat"], "fold": description["fold"]}
