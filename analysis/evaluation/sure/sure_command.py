"""The verb `sure`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.options import json_option, workspace_option

if TYPE_CHECKING:
    from data.store.runs import Run
    from data.store.workspace import Workspace

SHOWN = {"calibration_error": "calibration error", "brier": "Brier score", "miscalibration": "of which miscalibration"}
SETS = ("set_coverage", "set_size", "set_single", "set_empty")


@click.command("sure")
@click.argument("classifier")
@click.option("--split", metavar="NAME", help="'folds', or the name of a hold-out [default: folds where it has them].")
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="How often a set is to hold the genre.",
)
@json_option
@workspace_option
def sure_command(classifier: str, split: str | None, level: float, as_json: bool, workspace: Path | None) -> None:
    """Tell how sure a classifier's predictions are: are its probabilities right, and which genres may a cover have.

    CLASSIFIER is CLASSIFIER@EMBEDDING, a CLASSIFIER that is on one embedding only, or a run id. The calibration error
    is how far its probabilities are from how often it is right, in points of probability and without what chance adds.
    A prediction set names every genre that a cover may have: of each genre's covers, so many have it in their set. The
    sets themselves are written by 'genrescope export prediction_sets'. Defined in docs/methods.md.

    \b
    Examples:
      genrescope sure logistic@resnet18
      genrescope sure logistic@resnet18 --level 0.8 --json
    """
    from analysis.evaluation.finding import find_classifier
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    found = _facts(opened, find_classifier(opened, classifier, split=split), level)
    click.echo(json.dumps(found, indent=2) if as_json else _in_words(found))


def _facts(workspace: "Workspace", run: "Run", level: float) -> dict[str, Any]:
    from analysis.evaluation.predictions import read_predictions
    from analysis.evaluation.scores import score, value_of
    from analysis.evaluation.sure.sets import make_sets, read_set_scores

    predictions = read_predictions(workspace, run)
    scores, sets = score(predictions), make_sets(workspace, run, level=level)
    rows = json.loads(read_set_scores(workspace, sets).to_json(orient="records", double_precision=15))
    return {
        "run_id": run.run_id,
        "title": predictions.title,
        **{metric: list(value_of(scores, metric)) for metric in SHOWN},
        "sets": {"run_id": sets.run_id, "level": level, "sentence": sets.results["sentence"], "scores": rows},
    }


def _in_words(found: dict[str, Any]) -> str:
    from analysis.figures.numbers import shown
    from data.listing import ends

    lines = [found["title"]]
    lines += [f"  {title:<24} {shown(*found[metric])}" for metric, title in SHOWN.items()]
    cells = {
        (row["genre"], row["metric"]): shown(row["value"], row["low"], row["high"]) for row in found["sets"]["scores"]
    }
    lines += [found["sets"]["sentence"], f"  {'':<20} {'genre in its set':<22} {'genres in a set':<22} one alone"]
    rows = []
    for genre in dict.fromkeys(genre for genre, _ in cells):
        coverage, size, single, _ = (cells[genre, metric] for metric in SETS)
        rows.append(f"  {genre or 'mean of genres':<20} {coverage:<22} {size:<22} {single}")
    return "\n".join([*lines, *ends(rows, lambda left: f"  ... {left:,} more: --json lists them all")])
