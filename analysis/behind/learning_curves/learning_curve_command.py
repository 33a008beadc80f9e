"""The verb `learning-curve`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.options import group_option, json_option, many, seed_option, workspace_option

if TYPE_CHECKING:
    from data.store.runs import Run
    from data.store.workspace import Workspace


@click.command("learning-curve")
@many("--embedding", "names", metavar="NAME", help="An encoder's name or a run id [default: every current embedding].")
@group_option
@json_option
@seed_option
@workspace_option
def learning_curve_command(
    names: tuple[str, ...], group_by: tuple[str, ...], as_json: bool, seed: int, workspace: Path | None
) -> None:
    """Tell whether more covers would help a genre, or its covers overlap with others'.

    Probes learn from ever larger shares of the collection (whole groups, every genre in its share, the covers judged
    staying the same), and a law of such curves says what a collection twice and four times as large would give. "More
    covers would help" is said where doubling surely adds more than 0.01 to separability, "nothing more is to be gained"
    where it surely adds less than 0.02, and "cannot be told" of all else, so, too, where the last doubling did not come
    out as foretold. Covers of another kind, or another embedding, may do what more of these cannot.

    \b
    Examples:
      genrescope learning-curve
      genrescope learning-curve --embedding resnet18 --json
    """
    from analysis.behind.learning_curves.learning_curve import measure_learning_curve
    from data.grouping.folds import make_folds
    from data.grouping.groups import chosen_columns, make_groups
    from data.store.runs import latest_run
    from data.store.workspace import open_workspace
    from embeddings.vectors import current_embeddings

    opened = open_workspace(workspace)
    wanted = [latest_run(opened, "embedding", name=name) for name in names] or current_embeddings(opened)
    folds = make_folds(opened, make_groups(opened, columns=chosen_columns(group_by)), seed=seed)
    found = []
    for embedding in wanted:
        found.append(_facts(opened, measure_learning_curve(opened, embedding, folds, seed=seed)))
        if not as_json:
            click.echo("\n".join([f"{embedding.name}:", *(f"  {said}" for said in found[-1]["sentences"])]))
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))


def _facts(workspace: "Workspace", run: "Run") -> dict[str, Any]:
    from analysis.behind.learning_curves.learning_curve import read_curves, read_gains
    from analysis.behind.learning_curves.words import sentences

    curves, gains = read_curves(workspace, run), read_gains(workspace, run)
    rows = {name: json.loads(table.to_json(orient="records")) for name, table in (("curves", curves), ("gains", gains))}
    said = sentences(run.results["verdicts"], curves, gains)
    return {"embedding": run.name, "run": run.run_id, "sentences": said, **run.results, **rows}
