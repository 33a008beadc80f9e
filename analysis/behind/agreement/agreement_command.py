"""The verb `agreement`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.options import group_option, json_option, seed_option, workspace_option

if TYPE_CHECKING:
    from data.store.runs import Run
    from data.store.workspace import Workspace


@click.command("agreement")
@click.argument("names", metavar="[EMBEDDING ...]", nargs=-1)
@group_option
@json_option
@seed_option
@workspace_option
def agreement_command(
    names: tuple[str, ...], group_by: tuple[str, ...], as_json: bool, seed: int, workspace: Path | None
) -> None:
    """Tell whether embeddings see the same: neighbours that they share cover by cover, and linear CKA.

    EMBEDDING ...: encoders' names or run ids, two or more [default: every current embedding], compared in all pairs. Of
    a cover's ten nearest outside its group in one, how many are among its ten nearest in the other, and how many would
    be by chance; CKA is 1 for embeddings that are equal but for rotation and scale, 0 for unrelated ones. Where a
    classifier was trained on both, it also says how many covers are seen right in one only. 'genrescope export
    agreements FILE' writes the shares cover by cover; the map of the app colours by them.

    \b
    Examples:
      genrescope agreement
      genrescope agreement resnet18 color --json
    """
    from analysis.behind.agreement.agreement import measure_agreements
    from data.grouping.groups import chosen_columns
    from data.store.runs import latest_run
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    embeddings = [latest_run(opened, "embedding", name=name) for name in names]
    runs = measure_agreements(opened, embeddings=embeddings or None, columns=chosen_columns(group_by), seed=seed)
    found = [_facts(opened, run) for run in runs]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(" ".join(facts["sentences"]) for facts in found))


def _facts(workspace: "Workspace", run: "Run") -> dict[str, Any]:
    from analysis.behind.agreement.agreement import read_agreement_metrics
    from analysis.behind.agreement.words import seen_by_one, seen_in_words, sentences

    metrics = read_agreement_metrics(workspace, run)
    seen = seen_in_words(run, seen_by_one(workspace, run))
    said = [*sentences(run, metrics), *([seen] if seen else [])]
    rows = json.loads(metrics.to_json(orient="records"))
    return {"run": run.run_id, "sentences": said, **run.results, "metrics": rows}
