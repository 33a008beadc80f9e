"""The verb `compare`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.options import OUT_OF_FOLD, json_option, seed_option, workspace_option

if TYPE_CHECKING:
    import pandas as pd

    from analysis.evaluation.comparison import Comparison
    from data.store.runs import Run
    from data.store.workspace import Workspace


@click.command("compare")
@click.argument("a")
@click.argument("b")
@click.argument("others", metavar="[C ...]", nargs=-1)
@click.option("--split", metavar="NAME", default=OUT_OF_FOLD, show_default=True, help="Where A or B is no run id.")
@click.option("--margin", type=click.FloatRange(0, 1), default=0.02, show_default=True, help="What counts as equal.")
@seed_option
@json_option
@workspace_option
def compare_command(
    a: str,
    b: str,
    others: tuple[str, ...],
    split: str,
    margin: float,
    seed: int,
    as_json: bool,
    workspace: Path | None,
) -> None:
    """Tell whether classifier A beats classifier B, or whether it is noise.

    A, B, ... are CLASSIFIER@EMBEDDING or run ids; they are compared on the covers that both judged, more than two in
    all pairs. Over all the mean recall of the genres decides (balanced accuracy), within a genre the AUC of its
    probability, which a classifier that merely says the genre more often does not win; its recall, precision and
    share of the predictions stand beside. Differences are A - B with 95 % intervals; p-values come from swapping whole
    groups of covers, corrected for the number of genres or pairs (Holm). Defined in docs/methods.md.

    \b
    Examples:
      genrescope compare logistic@resnet18 knn@resnet18
      genrescope compare logistic@resnet18 logistic@color --split grouped
      genrescope compare logistic@resnet18 knn@resnet18 rbf-svm@resnet18 --margin 0.01
    """
    from analysis.evaluation.comparison import compare, compare_all
    from analysis.evaluation.predictions import read_predictions
    from analysis.evaluation.words import at_length, in_pairs
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    runs = [find_classifier(opened, which, split=split) for which in (a, b, *others)]
    predictions = [read_predictions(opened, run) for run in runs]
    if others:
        table = compare_all(predictions, margin=margin, seed=seed)
        click.echo(_json(table) if as_json else in_pairs(table))
    else:
        found = compare(*predictions, margin=margin, seed=seed)
        click.echo(json.dumps(as_dict(found), indent=2) if as_json else at_length(found))


def find_classifier(workspace: "Workspace", which: str, *, split: str | None) -> "Run":
    """The newest run of a CLASSIFIER@EMBEDDING on that split, or the run with this id; raises RunNotFound.

    split: 'folds', the name of a hold-out, or None for any: the folds where it was trained on these.
    """
    from analysis.evaluation.predictions import division_of
    from data.errors import RunNotFound
    from data.store.runs import find_runs, get_run

    classifier, at, embedding = which.partition("@")
    if not at:
        run = get_run(workspace, which)
        if run.kind == "classifier" and run.finished:
            return run
        raise RunNotFound(f"run {which} is no finished classifier: name one as CLASSIFIER@EMBEDDING, or by its run id")
    runs = [run for run in find_runs(workspace, "classifier", name=classifier) if run.results["embedding"] == embedding]
    newest = {division_of(workspace, run).name: run for run in reversed(runs)}
    chosen = newest.get(split or OUT_OF_FOLD) or next((run for run in runs if split is None), None)
    if chosen:
        return chosen
    there = f"there is one with --split {' or '.join(newest)}, or " if newest else ""
    split = split or OUT_OF_FOLD
    raise RunNotFound(
        f"no {classifier} on {embedding}, split '{split}', in {workspace.folder}: {there}make it with "
        f"'{_making(classifier, embedding, split=split)}'"
    )


def _making(classifier: str, embedding: str, *, split: str) -> str:
    """The command that makes CLASSIFIER@EMBEDDING; of a vote the embedding says who its members are."""
    name, _, search = classifier.partition(":")
    if name == "vote":
        return f"genrescope vote {embedding.replace(',', ' ')} --split {split}"
    if name == "fastai":
        return f"genrescope train --classifier {name} --arch {search or 'resnet18'} --split {split}"
    option = f" --search {search}" if search else ""
    return f"genrescope train --classifier {name}{option} --embedding {embedding} --split {split}"


def as_dict(found: "Comparison") -> dict[str, Any]:
    """A comparison for JSON: its facts, the sentence, and its tables as lists of rows."""
    from analysis.evaluation.words import sentence

    facts = ("title_a", "title_b", "covers", "groups", "repeats", "folds", "margin")
    return {
        **{name: getattr(found, name) for name in facts},
        "sentence": sentence(found),
        "holds": found.holds(),
        **{name: json.loads(_json(getattr(found, name))) for name in ("measures", "overlap", "matrix")},
    }


def _json(table: "pd.DataFrame") -> str:
    return str(table.to_json(orient="records", indent=2, double_precision=15))
