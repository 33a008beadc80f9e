"""Grad-CAM: which parts of a cover speak for a genre, as a network sees it (Selvaraju et al. 2017)."""

import io
from typing import Any

import numpy as np
from PIL import Image

from data.errors import GenrescopeError
from embeddings.encoders.networks import Network

# Dark is nothing; then from violet over orange to light yellow. Positions of equal distance.
COLORS = np.array([(0, 0, 4), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164)], np.float64)
OPACITY = 0.65


def heat(network: Network, image: Image.Image, genre: str) -> np.ndarray:
    """How much each part of an RGB image speaks for a genre: (h, w) float32, 0 to 1, as coarse as the last map.

    The last maps of the network (n x h x w), each weighted by the mean gradient of the genre's margin, summed; what
    speaks against is 0. All is 0 where nothing speaks for it. Raises GenrescopeError for a genre that the network does
    not know, and for a network without maps, as transformers are.
    """
    import torch

    if genre not in network.classes:
        raise GenrescopeError(f"{network.architecture} was not trained on '{genre}': choose from {network.classes}")
    pixels = torch.from_numpy(network.prepare(image).copy()).permute(2, 0, 1)[None].float() / 255
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (network.mean, network.std))
    normalised = ((pixels - mean) / std).requires_grad_()
    maps, margins = _last_maps(network.module.eval(), normalised)
    (gradient,) = torch.autograd.grad(margins[0, network.classes.index(genre)], maps)
    spoken = (gradient.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1)[0].clamp(min=0).detach().numpy()
    return spoken / spoken.max() if spoken.max() > 0 else spoken


def overlay(image: Image.Image, spoken: np.ndarray) -> Image.Image:
    """The image, darker where nothing speaks for the genre, and coloured the more the more does."""
    smooth = Image.fromarray(spoken.astype(np.float32)).resize(image.size, Image.Resampling.BICUBIC)
    strength = np.clip(np.asarray(smooth), 0, 1)
    places = np.linspace(0, 1, len(COLORS))
    colors = np.stack([np.interp(strength, places, COLORS[:, channel]) for channel in range(3)], axis=-1)
    opacity = (OPACITY * (0.35 + 0.65 * strength))[..., None]
    blended = (1 - opacity) * np.asarray(image.convert("RGB"), np.float64) + opacity * colors
    return Image.fromarray(blended.round().astype(np.uint8))


def overlay_file(network: Network, image: Image.Image, genre: str, *, side: int = 512) -> bytes:
    """The overlay as a JPEG, no side longer than `side`."""
    small = image.convert("RGB")
    small.thumbnail((side, side))
    content = io.BytesIO()
    overlay(small, heat(network, image, genre)).save(content, "JPEG", quality=85)
    return content.getvalue()


def _last_maps(module: Any, inputs: Any) -> tuple[Any, Any]:
    """The last output (1, n, h, w) of any layer that still has places, and the margins."""
    seen: list[Any] = []

    def look(layer: Any, given: Any, output: Any) -> None:  # noqa: ARG001
        if hasattr(output, "dim") and output.dim() == 4 and output.shape[2] * output.shape[3] > 1:
            seen.append(output)

    layers = [layer for layer in module.modules() if not list(layer.children())]
    hooks = [layer.register_forward_hook(look) for layer in layers]
    try:
        margins = module(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    # Leaves see the sum of a residual block only through its last activation.
    if not seen or not seen[-1].requires_grad:
        raise GenrescopeError("this network has no maps of places, as Grad-CAM needs: take a convolutional one")
    return seen[-1], margins
