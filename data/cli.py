"""Commands of the data package."""

from pathlib import Path

import click

from data.audit_cli import audit_command
from data.options import seed_option, workspace_option
from data.sample_cli import sample

# Exit status of a command that went on without some files.
LEFT_OUT = 3


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@workspace_option
@click.option("--path-column", metavar="NAME", help="Column with the files [default: path, file, image, ...].")
@click.option("--genre-column", metavar="NAME", help="Column with the genres [default: genre, genres, label, ...].")
@click.option("--table", metavar="NAME", help="Table to read, where a DuckDB file holds several.")
@click.pass_context
def import_command(
    context: click.Context,
    source: Path,
    workspace: Path | None,
    path_column: str | None,
    genre_column: str | None,
    table: str | None,
) -> None:
    """Add covers to the workspace.

    SOURCE is a folder with one folder a genre, or a table (CSV, TSV, Parquet, JSON, DuckDB) with a column of paths
    and a column of genres. Several genres of a cover are a list, or separated by '|', ';' or ','; the first counts as
    its label. All other columns are kept as metadata: 'genrescope split --group-by artist' uses them.

    \b
    Examples:
      genrescope import covers/ --workspace study
      genrescope import discogs.csv --genre-column style --workspace study

    Files are never moved or changed, and must stay where they are. Importing again adds what is new, tries again what
    was left out, and changes nothing else.

    Exit status: 0 if every file was added or there already, 3 if some were left out ('genrescope audit' says
    why), 1 if nothing could be done.
    """
    from data.importing import import_covers
    from data.workspace import open_workspace

    summary = import_covers(
        open_workspace(workspace, create=True),
        source,
        path_column=path_column,
        genre_column=genre_column,
        table=table,
    )
    for line in summary.lines():
        click.echo(line)
    if summary.rejected:
        context.exit(LEFT_OUT)


@click.command("split")
@click.option("--name", help="Name of the split [default: grouped, random, grouped-artist, ...].")
@click.option("--random", is_flag=True, help="Draw file by file; copies get onto both sides, as in older studies.")
@click.option("--group-by", metavar="COLUMN", help="Keep equal values of this metadata column on one side, too.")
@click.option("--test-share", type=float, default=0.2, show_default=True, help="Share of each genre to test on.")
@seed_option
@workspace_option
def split_command(
    name: str | None, random: bool, group_by: str | None, test_share: float, seed: int, workspace: Path | None
) -> None:
    """Divide the covers into train and test, stratified by genre.

    Covers of the same picture stay on one side, or a classifier could answer from memory. With --group-by artist
    so do the covers of an artist: what is tested then is the genre, not the artist's house style.

    \b
    Examples:
      genrescope split --workspace study
      genrescope split --group-by artist
      genrescope split --random

    The same settings give the same split, as long as no covers are added. It warns of covers whose picture is on
    both sides.
    """
    from data.splits import make_split
    from data.workspace import open_workspace

    kind = "random" if random else "grouped"
    run = make_split(
        open_workspace(workspace), name=name, kind=kind, group_by=group_by, test_share=test_share, seed=seed
    )
    click.echo(f"split '{run.name}': {run.results['train']:,} covers to learn from, {run.results['test']:,} to test on")


COMMANDS: list[click.Command] = [sample, import_command, audit_command, split_command]
