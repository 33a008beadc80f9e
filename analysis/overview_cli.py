"""Commands that span the chain: run, status, export."""

import json
from pathlib import Path
from typing import Any

import click

from data.options import json_option, many, seed_option, workspace_option


@click.command("run")
@click.argument("source", type=click.Path(path_type=Path))
@many("--encoder", "encoders", metavar="NAME", help="An encoder; may be repeated [default: the controls and resnet18].")
@many("--weights", metavar="NAME=PATH", help="A weights file for an encoder; may be repeated.")
@many("--classifier", "classifiers", metavar="NAME", help="A classifier; may be repeated [default: three].")
@seed_option
@workspace_option
@click.pass_context
def run_command(
    context: click.Context,
    source: Path,
    encoders: tuple[str, ...],
    weights: tuple[str, ...],
    classifiers: tuple[str, ...],
    seed: int,
    workspace: Path | None,
) -> None:
    """Do it all in order: import, audit, split, embed, analyze, train.

    SOURCE is a folder with one folder a genre, or a table with a path and a genre column. What an earlier call
    finished is found again, so the same command resumes after an interruption and goes on after an import.
    Exit status: as of 'genrescope import', 3 if some files were left out.

    \b
    Example:
      genrescope run covers/ --encoder color --encoder resnet18 --weights resnet18=resnet18-f37072fd.pth
      genrescope serve
    """
    from analysis.pipeline import CLASSIFIERS, run_all
    from analysis.report import results_table
    from data.cli import LEFT_OUT
    from data.workspace import open_workspace
    from embeddings.cli import parse_weights

    opened = open_workspace(workspace, create=True)
    summary = run_all(
        opened,
        source,
        encoders=encoders or None,
        weights=parse_weights(weights),
        classifiers=classifiers or CLASSIFIERS,
        seed=seed,
    )
    click.echo(results_table(opened))
    click.echo("\n".join(["", *summary.lines(), f"See it: genrescope serve --workspace {opened.folder}"]))
    if summary.rejected:
        context.exit(LEFT_OUT)


@click.command("status")
@json_option
@workspace_option
def status_command(as_json: bool, workspace: Path | None) -> None:
    """Show what the workspace holds, what is stale or unfinished, and what would come next.

    \b
    Example:
      genrescope status --json
    """
    from analysis.status import status
    from data.workspace import open_workspace

    found = status(open_workspace(workspace))
    if as_json:
        click.echo(json.dumps(_as_json(found), indent=2))
        return
    click.echo(f"{found.workspace}: {found.covers:,} covers in {len(found.genres)} genres, {found.rejected:,} left out")
    for run in found.runs:
        click.echo(f"  {run.run_id}  {run.kind:<13} {_title(run):<34} {found.state[run.run_id]}")
    click.echo("Next:")
    for step in found.next:
        click.echo(f"  {step}")


def _title(run: Any) -> str:
    return f"{run.name} on {run.results['embedding']}" if run.kind == "classifier" and run.finished else run.name


def _as_json(found: Any) -> dict[str, Any]:
    runs = [
        {
            "run_id": run.run_id,
            "kind": run.kind,
            "name": run.name,
            "state": found.state[run.run_id],
            "params": run.params,
            "seed": run.seed,
            "inputs": run.inputs,
            "started": run.started.isoformat(),
            "finished": run.finished and run.finished.isoformat(),
            "results": run.results,
        }
        for run in found.runs
    ]
    plain = ("workspace", "covers", "genres", "rejected", "next")
    return {name: getattr(found, name) for name in plain} | {"runs": runs}


@click.command("export")
@click.argument("table")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--run", metavar="RUN", help="A run id, or the name of an encoder, classifier or split [default: all].")
@workspace_option
def export_command(table: str, file: Path, run: str | None, workspace: Path | None) -> None:
    """Write a TABLE to a CSV or Parquet FILE, each row with its cover's path.

    Tables: covers, duplicates, splits, vectors, neighbors, map, clusters, predictions, metrics. Vectors also go
    to an .npy file, with a .csv beside it that says which cover each row is.

    \b
    Examples:
      genrescope export map map.csv
      genrescope export vectors resnet18.npy --run resnet18
    """
    from analysis.export import export
    from data.workspace import open_workspace

    rows = export(open_workspace(workspace), table, file, run=run)
    click.echo(f"{file}: {rows:,} rows")


OVERVIEW_COMMANDS: list[click.Command] = [run_command, status_command, export_command]
