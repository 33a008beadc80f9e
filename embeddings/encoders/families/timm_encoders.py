"""`timm:NAME`: any image encoder that timm offers, its pooled output before the classifier."""

import ast
import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.errors import GenrescopeError, MissingWeights
from embeddings.encoders.downloads import from_model_hub, from_torch_hub
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.torch_encoder import torch_encoder
from embeddings.encoders.weights import fitting, quiet, read_weights

# Options of a name that are about the input; all others go to timm's constructor of the network.
INPUT = ("img_size", "input_size", "mean", "std", "interpolation", "crop_pct", "crop_mode")


def make(name: str, *, weights: Path | None = None, preprocessing: str = "whole") -> Encoder:
    """An encoder from `timm:ARCHITECTURE[.TAG][?OPTION=VALUE&...]`; timm says what input it wants.

    Options are for weights that were trained in another way than timm's own: those of the input (mean, std,
    img_size, interpolation, crop_pct, crop_mode) and any of the network's constructor, as in
    `timm:mobilenetv2_100?pad_type=same&mean=0.5&std=0.5` for weights that come from TensorFlow.
    """
    architecture, options = parse_name(name)
    input_options = {key: options[key] for key in INPUT if key in options}
    network_options = {key: value for key, value in options.items() if key not in INPUT}
    file = file_of(architecture, name, weights)
    with quiet():
        network = load(architecture, network_options, file)
        from timm.data import create_transform, resolve_data_config

        config = resolve_data_config(input_options, model=network)
        own_steps = create_transform(**config).transforms[:-2]  # the last two make a tensor and normalise it
    return torch_encoder(
        name,
        network,
        dimension=network.head_hidden_size,
        size=config["input_size"][1:],
        mean=config["mean"],
        std=config["std"],
        own_steps=own_steps,
        preprocessing=preprocessing,
        params={"architecture": f"timm {architecture}", "options": options},
        weights_file=file,
    )


def parse_name(name: str) -> tuple[str, dict[str, Any]]:
    """`timm:NAME?key=value&...` to the architecture (with its tag) and the options; raises GenrescopeError."""
    import timm

    architecture, _, query = name.removeprefix("timm:").partition("?")
    if not timm.is_model(architecture):
        close = difflib.get_close_matches(architecture, timm.list_models(), n=3)
        hint = f"did you mean {' or '.join(f'timm:{found}' for found in close)}?" if close else "see timm.list_models()"
        raise GenrescopeError(f"timm has no '{architecture}': {hint}")
    try:
        timm.get_pretrained_cfg(architecture)
    except RuntimeError as error:
        tags = ", ".join(timm.list_pretrained(f"{architecture.partition('.')[0]}.*")) or "none"
        raise GenrescopeError(f"timm has no weights '{architecture}': there are {tags}") from error
    options = {}
    for option in filter(None, query.split("&")):
        key, equals, value = option.partition("=")
        if not equals:
            raise GenrescopeError(f"'{option}' in {name} is no option: write timm:NAME?option=value&option=value")
        options[key] = _value(value)
    for key in ("mean", "std"):
        if key in options:
            options[key] = [options[key]] * 3 if isinstance(options[key], int | float) else list(options[key])
    return architecture, options


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def file_of(architecture: str, name: str, weights: Path | str | None) -> Path:
    """The file of an architecture's weights: the given one, or timm's own; raises MissingWeights."""
    import timm

    if weights is not None:
        return Path(weights)
    config = timm.get_pretrained_cfg(architecture)
    if config is not None and config.hf_hub_id:
        files = [config.hf_hub_filename] if config.hf_hub_filename else ["model.safetensors", "pytorch_model.bin"]
        return from_model_hub(config.hf_hub_id, files, name=name)
    if config is not None and config.url:
        return from_torch_hub(config.url if isinstance(config.url, str) else config.url[0], name=name)
    raise MissingWeights(f"timm has no weights for {architecture}: name a file with --weights {name}=PATH")


def load(architecture: str, options: Mapping[str, Any], file: Path | None) -> Any:
    """timm's network without its classifier, with the weights of a file, or random ones; raises GenrescopeError."""
    import timm

    try:
        if file is None:
            return timm.create_model(architecture, pretrained=False, num_classes=0, **options)
        overlay = {"state_dict": read_weights(file)}
        with fitting(file):
            # With its classifier, for without it timm forgives weights that do not fit at all.
            network: Any = timm.create_model(architecture, pretrained=True, pretrained_cfg_overlay=overlay, **options)
    except TypeError as error:  # an option that the constructor does not know
        raise GenrescopeError(f"timm's {architecture} does not take these options: {error}") from error
    network.reset_classifier(0)
    return network
