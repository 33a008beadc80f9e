"""The verb `oddities`."""

import json
from pathlib import Path

import click

from data.options import json_option, workspace_option

SHOWN = 20


@click.command("oddities", short_help="List pictures that are likely no cover.")
@json_option
@workspace_option
def oddities_command(as_json: bool, workspace: Path | None) -> None:
    """List pictures that are likely no cover: vinyl labels and discs, blank pictures, placeholders.

    A disc is found by its rim and its hole, and by neighbours that have one, too; a blank picture by its one colour; a
    placeholder is one picture on many albums. Texts, shelves and other photographs are not found, as the most unusual
    covers are covers. Nothing is left out by this: 'genrescope exclude' does that, and takes the list.

    \b
    Examples:
      genrescope oddities --workspace study
      genrescope export oddities oddities.csv
      genrescope exclude 12 407 --reason "vinyl label"
    """
    from analysis.behind.oddities.oddities import find_oddities, read_oddities
    from analysis.behind.oddities.words import in_words
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    run = find_oddities(opened)
    listed = read_oddities(opened, run)
    if as_json:
        facts = {"run_id": run.run_id, "sentence": in_words(run), **run.results}
        tables = {"oddities": json.loads(listed.to_json(orient="records"))}
        click.echo(json.dumps(facts | tables, indent=2, ensure_ascii=False))
        return
    click.echo(in_words(run))
    for row in listed.head(SHOWN).itertuples():
        click.echo(f"  cover {row.cover_id:>6}  {row.reason:<11} {row.score:.2f}  {row.path}")
    if len(listed) > SHOWN:
        click.echo(f"  ... and {len(listed) - SHOWN:,} more: 'genrescope oddities --json' lists them all")
