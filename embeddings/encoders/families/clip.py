"""`clip-vit-b-32` and `clip:ARCH:PRETRAINED`: CLIP through open_clip, image and text tower."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.errors import GenrescopeError, MissingWeights
from embeddings.encoders.downloads import from_model_hub
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.torch_encoder import torch_encoder
from embeddings.encoders.weights import fitting, quiet, read_weights

if TYPE_CHECKING:
    from torch import nn

# The CLIP that most studies mean: ViT-B/32, trained on LAION-2B by its authors' recipe.
VIT_B_32 = "clip:ViT-B-32:laion2b_s34b_b79k"


def make(name: str, *, weights: Path | None = None, preprocessing: str = "whole") -> Encoder:
    """CLIP (Radford et al., 2021): vectors of length 1, `encode_text` into the same space, and `text_scale`.

    `clip:ARCH:PRETRAINED` takes what open_clip.list_pretrained() lists; with a file for `weights`, `clip:ARCH` is
    enough. PRETRAINED also decides the mean, the standard deviation and CLIP's own transform.
    """
    with quiet():
        import open_clip
        from open_clip.transform import PreprocessCfg, image_transform_v2, merge_preprocess_dict

        architecture, tag = parse_name(VIT_B_32 if name == "clip-vit-b-32" else name)
        known = open_clip.get_pretrained_cfg(architecture, tag) if tag else {}
        file = weights or _own_weights(known, name)
        network = _load(architecture, file, quick_gelu=bool(known.get("quick_gelu")))
        config = merge_preprocess_dict(network.visual.preprocess_cfg, known)
        own_steps = image_transform_v2(PreprocessCfg(**config), is_train=False).transforms[:-2]
    size = config["size"]
    encoder = torch_encoder(
        name,
        _image_tower(network),
        dimension=open_clip.get_model_config(architecture)["embed_dim"],
        size=(size, size) if isinstance(size, int) else tuple(size),
        mean=config["mean"],
        std=config["std"],
        own_steps=own_steps,
        preprocessing=preprocessing,
        params={"architecture": f"open_clip {architecture}", "quick_gelu": bool(known.get("quick_gelu"))},
        weights_file=file,
    )
    scale = float(network.logit_scale.exp())
    return replace(encoder, encode_text=_text_tower(network, architecture), text_scale=scale)


def parse_name(name: str) -> tuple[str, str]:
    """`clip:ARCH:PRETRAINED` to both, PRETRAINED '' where there is none; raises GenrescopeError for unknown ones."""
    import open_clip

    architecture, _, tag = name.removeprefix("clip:").partition(":")
    if architecture not in open_clip.list_models():
        close = difflib.get_close_matches(architecture, open_clip.list_models(), n=3) or ["ViT-B-32", "ViT-L-14"]
        raise GenrescopeError(f"open_clip has no architecture '{architecture}': there are {', '.join(close)}, ...")
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if tag and tag not in tags:
        raise GenrescopeError(f"open_clip has no weights '{tag}' for {architecture}: there are {', '.join(tags)}")
    return architecture, tag


def _own_weights(known: Mapping[str, Any], name: str) -> Path:
    """The file open_clip would take: the repository's default one, or the one its entry names; safetensors first."""
    if not known:
        raise MissingWeights(f"{name} does not say which weights: write clip:ARCH:PRETRAINED, or --weights {name}=PATH")
    repository, _, file = known["hf_hub"].rpartition("/")
    if not file:
        return from_model_hub(repository, ["open_clip_model.safetensors", "open_clip_pytorch_model.bin"], name=name)
    return from_model_hub(repository, [f"{Path(file).stem}.safetensors", file], name=name)


def _load(architecture: str, file: Path, *, quick_gelu: bool) -> Any:
    import open_clip

    read_weights(file)  # refuses what open_clip would refuse with a page of text
    with fitting(file):
        return open_clip.create_model(architecture, pretrained=str(file), force_quick_gelu=quick_gelu)


def _image_tower(network: Any) -> "nn.Module":
    from torch import Tensor, nn

    class ImageTower(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.clip = network

        def forward(self, images: Tensor) -> Tensor:
            return self.clip.encode_image(images, normalize=True)

    return ImageTower()


def _text_tower(network: Any, architecture: str) -> Callable[[list[str]], np.ndarray]:
    import open_clip
    import torch

    def encode_text(texts: list[str]) -> np.ndarray:
        with quiet():
            try:
                tokenizer = open_clip.get_tokenizer(architecture)
            except (OSError, ImportError) as error:
                raise MissingWeights(
                    f"{architecture} needs a tokenizer that is not on this machine: {str(error).splitlines()[0]}"
                ) from error
        with torch.inference_mode():
            return network.encode_text(tokenizer(texts), normalize=True).numpy()

    return encode_text
