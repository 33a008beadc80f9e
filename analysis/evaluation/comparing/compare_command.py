"""The verb `compare`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.options import OUT_OF_FOLD, json_option, seed_option, workspace_option

if TYPE_CHECKING:
    import pandas as pd

    from analysis.evaluation.comparing.comparison import Comparison


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

    A, B, ... are CLASSIFIER@EMBEDDING, a CLASSIFIER that is on one embedding only, or run ids; they are compared on
    the covers that both judged, more than two in all pairs. Over all the mean recall of the genres decides (balanced
    accuracy), within a genre the AUC of its probability, which a classifier that merely says the genre more often does
    not win; its recall, precision and share of the predictions stand beside. Differences are A - B with 95 %
    intervals; p-values come from swapping whole groups of covers, corrected for the number of genres or pairs (Holm).
    Defined in docs/methods.md.

    \b
    Examples:
      genrescope compare logistic@resnet18 knn@resnet18
      genrescope compare logistic@resnet18 logistic@color --split grouped
      genrescope compare logistic@resnet18 knn@resnet18 rbf-svm@resnet18 --margin 0.01
    """
    from analysis.evaluation.comparing.comparison import compare, compare_all
    from analysis.evaluation.finding import find_classifier
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
