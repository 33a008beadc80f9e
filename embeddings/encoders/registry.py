"""The registry of encoders: from a name on the command line to an Encoder."""

import difflib
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from data.errors import GenrescopeError

if TYPE_CHECKING:
    from data.store.workspace import Workspace
    from embeddings.encoders.encoder import Encoder

PREPROCESSINGS = ("whole", "encoder")


class Family(NamedTuple):
    """A file of `families` whose `make(name, weights=, preprocessing=)` makes the encoders of that name.

    from_workspace: `make` takes the workspace, too.
    """

    module: str
    about: str
    from_workspace: bool = False


# By name, or by the prefix before the colon.
FAMILIES = {
    "color": Family("color", "palette and layout, no weights: the control for 'is it only colour?'"),
    "resnet18": Family("torchvision_encoders", "ResNet18 trained on ImageNet"),
    "resnet50": Family("torchvision_encoders", "ResNet50 trained on ImageNet"),
    "resnet18-untrained": Family(
        "torchvision_encoders", "ResNet18 as it was born, no weights: the control for 'is it only the architecture?'"
    ),
    "clip-vit-b-32": Family("clip", "CLIP, ViT-B/32 trained on LAION-2B; covers can be searched by text"),
    "clip:ARCH:PRETRAINED": Family("clip", "any CLIP that open_clip offers, as clip:ViT-L-14:openai"),
    "timm:NAME": Family("timm_encoders", "anything timm offers, as timm:vit_small_patch14_dinov2.lvd142m"),
    "text": Family("lettered", "what the words on a cover say: n-grams of words and letters (see read-text)"),
    "text:FOLDER": Family(
        "lettered", "what they say by a sentence embedding of yours, as sentence-transformers saves it"
    ),
    "text-without-names": Family(
        "lettered", "the same without words of one artist, genres' names and 'parental advisory'"
    ),
    "lettering": Family("lettered", "how the words stand: how many, how large, where, in capitals, how tilted"),
    "finetuned:RUN": Family(
        "finetuned", "the network of a classifier trained here (train --classifier fastai)", from_workspace=True
    ),
    "vectors:FILE": Family("own_vectors", "your own vectors, a .npy or Parquet file"),
    "concat:A+B": Family(
        "joined", "finished embeddings side by side, each weighing the same, as concat:resnet18+color"
    ),
}


def encoder_names() -> dict[str, str]:
    """Every encoder's name, or the form of its name, with a line that says what it is."""
    return {name: family.about for name, family in FAMILIES.items()}


def get_encoder(
    name: str, *, weights: Path | None = None, preprocessing: str = "whole", workspace: "Workspace | None" = None
) -> "Encoder":
    """The encoder with this name.

    weights: a local file (.pth, .pt, .safetensors) instead of the library's own. preprocessing: 'whole' resizes the
    whole cover to the encoder's input; 'encoder' is the transform that the encoder was evaluated with, which
    usually crops the borders away. workspace: where the encoder is looked for that was trained in one.
    Raises GenrescopeError for an unknown name or unfit weights, and MissingWeights.
    """
    if preprocessing not in PREPROCESSINGS:
        raise GenrescopeError(f"unknown preprocessing '{preprocessing}': there are {' and '.join(PREPROCESSINGS)}")
    family = _family(name)
    module = importlib.import_module(f"embeddings.encoders.families.{family.module}")
    more: dict[str, Any] = {"workspace": workspace} if family.from_workspace else {}
    return module.make(name, weights=weights, preprocessing=preprocessing, **more)


def reads_words(name: str) -> bool:
    """Whether the encoder of that name has a text tower."""
    return name.partition(":")[0] in ("clip", "clip-vit-b-32")


def _family(name: str) -> Family:
    if name in FAMILIES and ":" not in name:
        return FAMILIES[name]
    prefix, colon, rest = name.partition(":")
    for form, family in FAMILIES.items():
        if colon and rest and form.partition(":")[0] == prefix and ":" in form:
            return family
    close = difflib.get_close_matches(name, FAMILIES, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(FAMILIES)}"
    raise GenrescopeError(f"unknown encoder '{name}': {hint}")
