"""The options of `train` that are about networks."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.networks.recipe import Recipe

if TYPE_CHECKING:
    from data.store.runs import Run

ABOUT = """With --classifier fastai a network is trained on the covers themselves, by default on the hold-out 'grouped'
(made if there is none), on folds with --split folds, then once over. It is kept with its run, epochs are stored as
they come, and the same command goes on where a killed training stood."""

# Option by the field of a Recipe.
_OPTIONS = {
    "architecture": click.option(
        "--arch", "architecture", metavar="NAME", help="resnet18, resnet50 or a name of timm's."
    ),
    "weights": click.option(
        "--weights", metavar="FILE", help="To begin with; 'none' for random ones [default: the library's own]."
    ),
    "epochs": click.option("--epochs", type=int, help="Of the whole network [default: 5]."),
    "frozen_epochs": click.option("--frozen-epochs", type=int, help="Of its head alone, before [default: 1]."),
    "size": click.option("--size", type=int, help="Pixels a side that covers are resized to [default: the network's]."),
    "batch": click.option("--batch", type=int, help="Covers a step [default: 32]."),
    "rate": click.option("--rate", metavar="RATE", help="Largest learning rate, or 'find' [default: 0.002]."),
    "augment": click.option("--augment", metavar="NAME", help="covers, flips or none [default: covers]."),
    "mixup": click.option("--mixup", type=float, metavar="ALPHA", help="Blend covers, 0.4 is usual [default: 0, not]."),
    "smoothing": click.option("--smoothing", type=float, metavar="SHARE", help="Label smoothing [default: 0]."),
    "patience": click.option(
        "--patience", type=int, metavar="EPOCHS", help="Stop after so many without a lower loss [default: 0, never]."
    ),
}


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command with the options of a Recipe; what was not asked for is None."""
    for option in reversed(_OPTIONS.values()):
        command = option(command)
    return command


def named(asked: Mapping[str, Any]) -> list[str]:
    """What was asked for, as it is called on the command line."""
    names = {"architecture": "--arch"}
    return [names.get(name, f"--{name.replace('_', '-')}") for name, value in asked.items() if value is not None]


def recipe_from(asked: Mapping[str, Any]) -> Recipe:
    """The Recipe that was asked for; raises GenrescopeError for what cannot be."""
    from embeddings.encoders.networks import NO_WEIGHTS

    given = {name: value for name, value in asked.items() if value is not None}
    if given.get("weights", NO_WEIGHTS) != NO_WEIGHTS:
        given["weights"] = Path(given["weights"]).expanduser()
    if "rate" in given:
        given["rate"] = _number(given["rate"])
    recipe = Recipe(**given)
    recipe.check()
    return recipe


def asked_of(run: "Run") -> list[str]:
    """The options of a network run, beside its architecture; FILE stands for its weights."""
    words = ["--weights", "FILE" if run.params["weights"] else "none", "--size", str(run.params["size"])]
    usual = Recipe()
    for name in ("epochs", "frozen_epochs", "batch", "rate", "augment", "mixup", "smoothing", "patience"):
        if run.params[name] != getattr(usual, name):
            words += [f"--{name.replace('_', '-')}", str(run.params[name])]
    return words


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
