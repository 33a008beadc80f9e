"""The verb `import`."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from data.options import LEFT_OUT, workspace_option

_READING = (
    click.option("--path-column", metavar="NAME", help="Column with the files [default: path, file, image, ...]."),
    click.option("--genre-column", metavar="NAME", help="Column with the genres [default: genre, genres, label, ...]."),
    click.option("--table", metavar="NAME", help="Table to read, where a DuckDB file holds several."),
    click.option("--query", metavar="SQL", help="What to read, where SOURCE is a PostgreSQL database."),
    click.option(
        "--primary", metavar="RULE", help="Which of several genres strict figures take: first, drawn or rarest."
    ),
    click.option(
        "--side", type=click.Choice(["front", "back", "both"]), help="Side that analysis takes [default: front]."
    ),
)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How a source is read: the options of every verb that imports, named as the arguments of `import_covers`."""
    return reduce(lambda decorated, option: option(decorated), reversed(_READING), command)


@click.command("import")
@click.argument("source")
@workspace_option
@reading_options
@click.pass_context
def import_command(context: click.Context, source: str, workspace: Path | None, **reading: str | None) -> None:
    """Add covers to the workspace.

    SOURCE is a folder with one folder a genre, a table (CSV, TSV, Parquet, JSON, DuckDB) with a column of paths and a
    column of genres, or a PostgreSQL database, of which --query gives such a table. Several genres of a cover are a
    list, or separated by '|', ';' or ',', or stand in rows of the same path. All other columns are kept as metadata:
    'genrescope split --group-by artist' uses them.

    A cover of several genres counts as each of them in measures of membership, and has one primary genre for the strict
    figures: the first that the source names (first), one drawn by the file's content (drawn), or the one that the
    fewest covers have (rarest). Without --primary it is the first where the source's order may mean something, and
    drawn where it is alphabetical or comes from several rows, so that no genre loses its covers to the alphabet.

    Covers whose column 'side' says 'back' are entered, too, but analysis leaves them out, as if by 'exclude': --side
    both counts them, --side back them alone, and so do 'include backs' and 'exclude fronts' later. Equal values of a
    column 'release_group_id' are one sleeve, and always kept together.

    \b
    Examples:
      genrescope import covers/ --workspace study
      genrescope import discogs.csv --genre-column style --workspace study
      genrescope import discogs.csv --primary rarest --workspace rarest
      genrescope import postgresql://me@localhost/music --query "SELECT path, genre, artist FROM covers"

    The password for PostgreSQL stands best in PGPASSWORD or ~/.pgpass; it is never shown or stored.

    Files are never moved or changed; where you move them, 'genrescope relocate' finds them again. Importing again adds
    what is new, tries again what was left out, and changes nothing else.

    Exit status: 0 if every file was added or there already, 3 if some were left out ('genrescope audit' says
    why), 1 if nothing could be done.
    """
    from data.intake.importing import import_covers
    from data.store.workspace import open_workspace

    summary = import_covers(open_workspace(workspace, create=True), source, **reading)
    for line in summary.lines():
        click.echo(line)
    if summary.rejected:
        context.exit(LEFT_OUT)
