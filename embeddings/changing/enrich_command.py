"""The verb `enrich`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import contact_option, workspace_option

if TYPE_CHECKING:
    from data.store.workspace import Workspace

DOUBTFUL_TABLE = "doubtful.csv"


@click.command("enrich", short_help="Look up artist, year and label of covers that are there, at MusicBrainz.")
@workspace_option
@contact_option
@click.option("--dry-run", is_flag=True, help="Say what would be asked for and how long it takes, and ask nobody.")
@click.option(
    "--accept",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Take the rows of a table of doubtful matches that you have gone through; asks nobody.",
)
def enrich_command(workspace: Path | None, contact: str | None, dry_run: bool, accept: Path | None) -> None:
    """Look up artist, year, label and more for covers that lack one of them, at MusicBrainz.

    A cover is looked up by its MusicBrainz id (columns release_id, release_group_id, mbid, ...), its Discogs release
    (column discogs_release_id, or a file name like R-10011179-...), its barcode, else by artist and title. Sure matches
    are taken into the covers' metadata, never over what is there. Doubtful ones - several albums, names that are only
    alike, a contradiction - are not: they stand in doubtful.csv in the workspace. Go through it, delete the rows that
    are wrong, and give it back with --accept.

    Artists make groups ('genrescope split --group-by artist'), so what was measured before is out of date afterwards;
    embeddings are carried over without encoding. Answers are kept, and not asked for again.

    \b
    Examples:
      genrescope enrich --dry-run --workspace study
      genrescope enrich --contact me@example.org --workspace study
      genrescope enrich --accept study/doubtful.csv --workspace study
    """
    from data.fetching.client import Client
    from data.fetching.enrich import accepted, answers_folder, look_up, plan_lines, questions, sure, write_doubtful
    from data.fetching.services import usual_services
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    if accept is not None:
        _say(opened, accepted(opened, accept))
        return
    asked = questions(opened)
    for line in plan_lines(opened, asked, pause=usual_services().pause):
        click.echo(line)
    if dry_run or not any(question.key for question in asked):
        return
    found = look_up(Client(contact, cache=answers_folder(opened)), asked)
    unknown = sum(not each.facts for each in found)
    table = opened.folder / DOUBTFUL_TABLE
    doubtful = write_doubtful(table, found)
    click.echo(f"{len(sure(found)):,} sure, {doubtful:,} doubtful, {unknown:,} not found")
    _say(opened, sure(found))
    if doubtful:
        click.echo(f"none of the doubtful is taken: go through {table}, then 'genrescope enrich --accept {table}'")


def _say(workspace: "Workspace", found: list) -> None:
    from data.intake.importing import counted
    from embeddings.changing.enriching import take_in

    count, runs = take_in(workspace, found)
    click.echo(f"{counted(count, 'cover')} gained facts")
    for run in runs:
        click.echo(f"{run.name}: {run.results['covers']:,} vectors carried over")
    if count:
        click.echo("Next: genrescope analyze, genrescope train")
