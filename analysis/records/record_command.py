"""The verb `record`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import workspace_option

if TYPE_CHECKING:
    from data.store.runs import Run
    from data.store.workspace import Workspace


@click.command("record")
@click.argument("runs", metavar="[RUN ...]", nargs=-1)
@click.option("--experiment", metavar="NAME", help="The experiment in MLflow [default: the workspace folder's name].")
@workspace_option
def record_command(runs: tuple[str, ...], experiment: str | None, workspace: Path | None) -> None:
    """Record classifiers and separability in MLflow, each once.

    A RUN is a run id, a CLASSIFIER@EMBEDDING, or the name of an embedding, whose separability is meant; without one all
    current ones are recorded. A record holds parameters, seed and the ids of the runs it rests on, every metric with
    its interval (NAME, NAME_low, NAME_high), the curves of training, the confusion matrix and how far probabilities can
    be trusted as figures, and the fitted classifier as a model: mlflow.pyfunc.load_model gives it back.

    They go into a file in the workspace, or to the server that MLFLOW_TRACKING_URI names. Nothing is sent elsewhere.
    Needs the extra: pip install 'genrescope[mlflow]'.

    \b
    Examples:
      genrescope record
      genrescope record logistic@color color --experiment covers
    """
    from analysis.records.record import record
    from analysis.records.tracking import how_to_look
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    chosen = [find_recordable(opened, which) for which in runs] or None
    for found in record(opened, chosen, experiment=experiment):
        name = (
            f"{found.run.name} on {found.run.results['embedding']}"
            if found.run.kind == "classifier"
            else found.run.name
        )
        click.echo(
            f"{found.run.run_id}  {found.run.kind:<13} {name:<34} {'recorded' if found.new else 'there already'}"
        )
    click.echo(f"See it: {how_to_look(opened)}")


def find_recordable(workspace: "Workspace", which: str) -> "Run":
    """The run that a user means by an id, CLASSIFIER@EMBEDDING, or the name of an embedding; raises RunNotFound."""
    from analysis.evaluation.finding import find_classifier
    from data.errors import RunNotFound
    from data.store.runs import get_run, latest_run

    if "@" in which:
        return find_classifier(workspace, which, split=None)
    try:
        return get_run(workspace, which)
    except RunNotFound:
        return latest_run(workspace, "separability", name=which)
