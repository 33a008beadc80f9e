"""The verb `import`."""

from pathlib import Path

import click

from data.options import LEFT_OUT, workspace_option


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
    from data.intake.importing import import_covers
    from data.store.workspace import open_workspace

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
