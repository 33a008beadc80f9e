"""The verbs `exclude` and `include`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import workspace_option

if TYPE_CHECKING:
    from data.store.runs import Run

NEXT = "Next: genrescope analyze, genrescope train"


@click.command("exclude", short_help="Leave covers out of analysis, by your word; 'include' takes them back.")
@click.argument("covers", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why: it stands in the audit and beside every run.")
@workspace_option
def exclude_command(covers: tuple[str, ...], reason: str, workspace: Path | None) -> None:
    """Leave covers out of analysis, by your word.

    COVERS are cover ids, or files with a column cover_id, such as 'genrescope export' writes and you have gone through;
    or 'fronts' or 'backs', as a column 'side' says.
    They stay in the workspace and in the audit, with the reason; nothing else counts them. Embeddings are carried over
    at once, without encoding; graphs, maps, separability and classifiers are made anew by 'genrescope analyze' and
    'genrescope train'. What was computed with them stays, and is current again after 'genrescope include'.

    \b
    Examples:
      genrescope exclude 12 407 --reason "vinyl label"
      genrescope exclude gone-through.csv --reason "no cover" --workspace study
    """
    from data.store.workspace import open_workspace
    from embeddings.changing.setting_aside import covers_named, exclude

    opened = open_workspace(workspace)
    count, runs = exclude(opened, covers_named(opened, covers), reason=reason)
    click.echo(f"{_covers(count)} set aside ({reason})")
    _say(runs)


@click.command("include", short_help="Count covers again that were left out.")
@click.argument("covers", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All covers that were left out.")
@workspace_option
def include_command(covers: tuple[str, ...], everything: bool, workspace: Path | None) -> None:
    """Count covers again that were left out.

    COVERS as for 'genrescope exclude'. Once none is left out any more, all that was computed before is current again.

    \b
    Examples:
      genrescope include 12
      genrescope include backs
      genrescope include --all
    """
    from data.store.workspace import open_workspace
    from embeddings.changing.setting_aside import covers_named, include

    if bool(covers) == everything:
        raise click.UsageError("name covers, or say --all")
    opened = open_workspace(workspace)
    count, runs = include(opened, None if everything else covers_named(opened, covers))
    click.echo(f"{_covers(count)} {'counts' if count == 1 else 'count'} again")
    _say(runs)


def _covers(count: int) -> str:
    return f"{count:,} {'cover' if count == 1 else 'covers'}"


def _say(runs: "list[Run]") -> None:
    for run in runs:
        click.echo(f"{run.name}: {run.results['covers']:,} vectors, {_covers(run.results['left_out'])} left out")
    if runs:
        click.echo(NEXT)
