"""The verb `run`."""

from pathlib import Path

import click

from data.intake.import_command import reading_options
from data.options import LEFT_OUT, group_option, many, seed_option, workspace_option


@click.command("run")
@click.argument("source")
@many("--encoder", "encoders", metavar="NAME", help="An encoder; may be repeated [default: the controls and resnet18].")
@many("--weights", metavar="NAME=PATH", help="A weights file for an encoder; may be repeated.")
@many("--classifier", "classifiers", metavar="NAME", help="A classifier; may be repeated [default: three].")
@group_option
@reading_options
@seed_option
@workspace_option
@click.pass_context
def run_command(
    context: click.Context,
    source: str,
    encoders: tuple[str, ...],
    weights: tuple[str, ...],
    classifiers: tuple[str, ...],
    group_by: tuple[str, ...],
    seed: int,
    workspace: Path | None,
    **reading: str | None,
) -> None:
    """Do it all in order: import, audit, embed, analyze, train, look behind the answer.

    SOURCE is a folder with one folder a genre, a table with a path and a genre column, or a PostgreSQL database with a
    --query; it is read as 'genrescope import --help' says. What an earlier call
    finished is found again, so the same command resumes after an interruption and goes on after an import.
    Exit status: as of 'genrescope import', 3 if some files were left out.

    \b
    Examples:
      genrescope run covers/ --encoder color --encoder resnet18 --weights resnet18=resnet18-f37072fd.pth
      genrescope run postgresql://me@localhost/music --query "SELECT path, genre, artist FROM covers"
      genrescope serve
    """
    from analysis.chain.pipeline import CLASSIFIERS, run_all
    from analysis.report.results_table import results_table
    from data.grouping.groups import chosen_columns
    from data.store.workspace import open_workspace
    from embeddings.embed_command import parse_weights

    opened = open_workspace(workspace, create=True)
    summary = run_all(
        opened,
        source,
        encoders=encoders or None,
        weights=parse_weights(weights),
        classifiers=classifiers or CLASSIFIERS,
        group_by=chosen_columns(group_by),
        seed=seed,
        **reading,
    )
    click.echo(results_table(opened))
    click.echo("\n".join(["", *summary.lines(), f"See it: genrescope serve --workspace {opened.folder}"]))
    if summary.rejected:
        context.exit(LEFT_OUT)
