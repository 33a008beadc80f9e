"""The verb `train`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.classifiers.registry import CLASSIFIERS, DEFAULT_CLASSIFIERS
from data.options import many, seed_option, workspace_option

if TYPE_CHECKING:
    from data.store.runs import Run
    from data.store.workspace import Workspace

KNOWN = "\n".join(f"  {name:<11} {recipe.title}" for name, recipe in CLASSIFIERS.items())
TRAIN_HELP = f"""Train classifiers on embeddings, and test them on the covers they have not seen.

Each learns from the training covers of a split and predicts every test cover; predictions and probabilities are
stored. The table gives accuracy and macro-F1 with 95 % intervals, beside the accuracy of guessing (chance).

\b
Classifiers:
{KNOWN}

\b
Examples:
  genrescope train
  genrescope train --classifier logistic --classifier rbf-svm --embedding resnet18
  genrescope train --classifier 1nn --split random
"""


@click.command("train", help=TRAIN_HELP)
@many(
    "--classifier",
    "classifiers",
    metavar="NAME",
    help=f"A classifier; may be repeated [default: {', '.join(DEFAULT_CLASSIFIERS)}].",
)
@many(
    "--embedding", "embeddings", metavar="NAME", help="An encoder's name or a run id; may be repeated [default: all]."
)
@click.option("--split", metavar="NAME", default="grouped", show_default=True, help="Which split to train and test on.")
@seed_option
@workspace_option
def train_command(
    classifiers: tuple[str, ...], embeddings: tuple[str, ...], split: str, seed: int, workspace: Path | None
) -> None:
    from analysis.classifiers.training import train_all
    from data.store.runs import latest_run
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    runs = train_all(
        opened,
        classifiers=classifiers or DEFAULT_CLASSIFIERS,
        embeddings=[latest_run(opened, "embedding", name=name) for name in embeddings] or None,
        split=split,
        seed=seed,
    )
    for line in training_table(opened, runs):
        click.echo(line)


def training_table(workspace: "Workspace", runs: "list[Run]") -> list[str]:
    """Lines of text: embedding, classifier, accuracy and macro-F1 with intervals, chance."""
    from analysis.evaluation.evaluation import read_predictions, score, value_of

    lines = [f"{'embedding':<24} {'classifier':<12} {'accuracy':<22} {'macro-F1':<22} chance"]
    for run in runs:
        scores = score(read_predictions(workspace, run))
        accuracy, f1 = (_interval(*value_of(scores, metric)) for metric in ("accuracy", "macro_f1"))
        embedding, chance = run.results["embedding"], run.results["chance"]
        lines.append(f"{embedding:<24} {run.name:<12} {accuracy:<22} {f1:<22} {chance:.3f}")
    return lines


def _interval(value: float, low: float, high: float, *, sign: str = "") -> str:
    return f"{value:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"
