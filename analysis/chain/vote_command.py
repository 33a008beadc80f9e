"""The verb `vote`."""

import json
from pathlib import Path

import click

from data.options import OUT_OF_FOLD, json_option, workspace_option


@click.command("vote")
@click.argument("a")
@click.argument("b")
@click.argument("others", metavar="[C ...]", nargs=-1)
@click.option("--split", metavar="NAME", default=OUT_OF_FOLD, show_default=True, help="Where A or B is no run id.")
@json_option
@workspace_option
def vote_command(a: str, b: str, others: tuple[str, ...], split: str, as_json: bool, workspace: Path | None) -> None:
    """Let trained classifiers vote: the mean of their probabilities decides.

    A, B, ... are CLASSIFIER@EMBEDDING or run ids, as for 'genrescope compare', trained on the same folds or split. The
    vote is one more classifier, vote@A,B, in tables, matrices, the app, and to be compared. To let one classifier see
    several embeddings at once instead, join these: 'genrescope embed --encoder concat:resnet18+color'.

    \b
    Examples:
      genrescope vote logistic@resnet18 knn@resnet18
      genrescope vote rbf-svm@resnet50 rbf-svm@resnet18 logistic@color --json
      genrescope compare vote@knn@resnet18,logistic@resnet18 logistic@resnet18
    """
    from analysis.chain.train_command import training_facts, training_table
    from analysis.classifiers.voting import vote
    from analysis.evaluation.finding import find_classifier
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    members = [find_classifier(opened, which, split=split) for which in (a, b, *others)]
    runs = [*members, vote(opened, members)]
    click.echo(json.dumps(training_facts(opened, runs[-1:]), indent=2) if as_json else training_table(opened, runs))
