"""What a training was asked for: the parameters of its run."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import GenrescopeError

if TYPE_CHECKING:
    from embeddings.encoders.networks import Network

# What the names of these classifiers begin with.
FASTAI = "fastai"
AUGMENTATIONS = ("covers", "flips", "none")
# Instead of a number: let the finder choose.
FIND = "find"
MISSING = (
    "networks are trained by fastai, which is not installed: get it with 'pip install \"genrescope[fastai]\"'; "
    "everything else works without"
)


@dataclass(frozen=True)
class Recipe:
    """How a network is to be trained; see docs/methods.md for what was chosen and why.

    architecture: resnet18, resnet50 or any name of timm's. weights: a file, 'none' for random ones, or None for the
    library's own. size: of the covers in pixels; None for the architecture's own. epochs: with the whole network,
    after `frozen_epochs` in which only its head learns (fastai's fine_tune; 0 is one cycle for all). rate: the largest
    learning rate of the head, or 'find'. augment: see `learner.augmentations`. mixup: alpha of its beta distribution,
    0 for none. patience: epochs without a lower loss on held-out covers after which training ends, with the best; 0
    for never. held_out: share of the training groups that calibrates the probabilities and is not learnt from.
    """

    architecture: str = "resnet18"
    weights: Path | str | None = None
    size: int | None = None
    epochs: int = 5
    frozen_epochs: int = 1
    batch: int = 32
    rate: float | str = 2e-3
    augment: str = "covers"
    mixup: float = 0.0
    smoothing: float = 0.0
    dropout: float = 0.5
    decay: float = 0.01
    weighted: bool = True
    patience: int = 0
    held_out: float = 0.1

    def check(self) -> None:
        """Raise GenrescopeError for what cannot be trained."""
        if self.augment not in AUGMENTATIONS:
            raise GenrescopeError(f"there is no augmentation '{self.augment}': choose from {', '.join(AUGMENTATIONS)}")
        if self.epochs + self.frozen_epochs < 1 or min(self.epochs, self.frozen_epochs) < 0 or self.batch < 2:
            raise GenrescopeError("a training takes at least one epoch and two covers a batch")
        if (isinstance(self.rate, str) and self.rate != FIND) or (not isinstance(self.rate, str) and not self.rate > 0):
            raise GenrescopeError(f"{self.rate} is no learning rate: give a number above 0, or '{FIND}'")
        if (
            not 0 <= self.held_out < 0.9
            or not 0 <= self.smoothing < 1
            or not 0 <= self.dropout < 1
            or not self.mixup >= 0
        ):
            raise GenrescopeError("held-out share, label smoothing and dropout are shares below 1, mixup is 0 or more")

    def params(self, network: "Network") -> dict[str, Any]:
        """The parameters that identify a run; weights by what is in the file."""
        facts = {name: value for name, value in vars(self).items() if name not in ("architecture", "weights", "size")}
        return facts | {"architecture": network.architecture, "weights": network.weights, "size": network.size}


def check_fastai() -> None:
    """Import fastai, before anything else of it is; raise GenrescopeError where it is not installed."""
    with warnings.catch_warnings():
        # fastai.layers compiles two functions with it, whether anybody calls them or not.
        warnings.filterwarnings("ignore", "`torch.jit.script` is", FutureWarning, r"torch\.jit\._script")
        try:
            import fastai.basics  # noqa: F401
        except ImportError as error:
            raise GenrescopeError(MISSING) from error
