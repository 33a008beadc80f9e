"""The verb `compare`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import workspace_option

if TYPE_CHECKING:
    from data.store.runs import Run
    from data.store.workspace import Workspace


@click.command("compare")
@click.argument("a")
@click.argument("b")
@click.option("--split", metavar="NAME", default="folds", show_default=True, help="Where A or B is no run id.")
@workspace_option
def compare_command(a: str, b: str, split: str, workspace: Path | None) -> None:
    """Tell whether classifier A beats classifier B, or whether it is noise.

    A and B are CLASSIFIER@EMBEDDING or run ids, tested on the same covers. 'A - B' is the difference of the accuracies
    with its 95 % interval (paired bootstrap over duplicate groups); 'only A' counts the covers that only A got
    right; p is McNemar's exact test, for genres after Holm's correction.

    \b
    Examples:
      genrescope compare logistic@resnet18 knn@resnet18
      genrescope compare logistic@resnet18 logistic@color
    """
    from analysis.evaluation.comparison import compare
    from analysis.evaluation.predictions import read_predictions
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    first, second = (read_predictions(opened, find_classifier(opened, which, split=split)) for which in (a, b))
    click.echo(f"A: {first.title}\nB: {second.title}\n")
    click.echo(f"{'genre':<20} {'covers':>6}  {'A':>5}  {'B':>5}  {'A - B':<24} {'only A':>6} {'only B':>6}  p")
    for row in compare(first, second).itertuples():
        difference = _interval(row.difference, row.low, row.high, sign="+")
        click.echo(
            f"{row.genre or 'all':<20} {row.covers:>6}  {row.accuracy_a:.3f}  {row.accuracy_b:.3f}  {difference:<24} "
            f"{row.only_a:>6} {row.only_b:>6}  {row.p_adjusted:.2g}"
        )


def find_classifier(workspace: "Workspace", which: str, *, split: str) -> "Run":
    """The newest run of a CLASSIFIER@EMBEDDING on that split, or the run with this id; raises RunNotFound."""
    from data.errors import RunNotFound
    from data.store.runs import find_runs, get_run

    classifier, at, embedding = which.partition("@")
    if not at:
        run = get_run(workspace, which)
        if run.kind == "classifier" and run.finished:
            return run
        raise RunNotFound(f"run {which} is no finished classifier: name one as CLASSIFIER@EMBEDDING, or by its run id")
    for run in find_runs(workspace, "classifier", name=classifier):
        if run.results["embedding"] == embedding and run.results["split"] == split:
            return run
    raise RunNotFound(
        f"no {classifier} on {embedding}, split '{split}', in {workspace.folder}: make it with "
        f"'genrescope train --classifier {classifier} --embedding {embedding} --split {split}'"
    )


def _interval(value: float, low: float, high: float, *, sign: str = "") -> str:
    return f"{value:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"
