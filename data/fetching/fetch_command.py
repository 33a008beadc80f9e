"""The verb `fetch`."""

from pathlib import Path

import click

from data.options import LEFT_OUT, contact_option, many, seed_option


@click.command("fetch", short_help="Fetch covers by genre from MusicBrainz and the Cover Art Archive.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@many("--genre", "genres", metavar="NAME", required=True, help="A genre as MusicBrainz names it; may be repeated.")
@click.option("--per-genre", type=click.IntRange(1, 100_000), default=100, show_default=True, help="Albums a genre.")
@click.option("--side", type=click.Choice(["front", "back", "both"]), default="front", show_default=True)
@click.option(
    "--size", type=click.Choice(["250", "500", "1200"]), default="500", show_default=True, help="Longest side."
)
@click.option("--max-gigabytes", type=click.FloatRange(0, min_open=True), default=5.0, show_default=True)
@contact_option
@click.option("--dry-run", is_flag=True, help="Say what would be loaded and how long it takes, and stop.")
@seed_option
@click.pass_context
def fetch_command(
    context: click.Context,
    folder: Path,
    genres: tuple[str, ...],
    per_genre: int,
    side: str,
    size: str,
    max_gigabytes: float,
    contact: str | None,
    dry_run: bool,
    seed: int,
) -> None:
    """Fetch covers of official albums into DIR, with a table DIR/covers.csv that 'genrescope import' takes as it is.

    An album's genre is the one asked for that has the most votes at MusicBrainz; where two have as many, the album is
    left out and counted. Which albums of a genre are taken is drawn by the seed. The table has artist, title, year,
    label, country, ids, side, all genres with their votes, and where each picture comes from.

    One request a second goes to MusicBrainz, one after the other to the archive; busy servers are waited for. Stopped,
    the same command goes on where it was, and asks for no picture twice. Covers are their owners' copyright.

    \b
    Examples:
      genrescope fetch metal --genre "death metal" --genre "black metal" --contact me@example.org --dry-run
      genrescope fetch metal --genre "death metal" --genre "black metal" --per-genre 500 --contact me@example.org
      genrescope import metal/covers.csv --workspace study

    Exit status: 3 if pictures had to be left out, or the bound on the disk was reached.
    """
    from data.fetching.client import Client
    from data.fetching.fetch import NOT_NOW, UNUSABLE, fetch
    from data.fetching.plan import ANSWERS, Wanted, make_plan

    wanted = Wanted(tuple(genres), per_genre, side, int(size), seed, int(max_gigabytes * 1e9))
    client = Client(contact, cache=folder / ANSWERS)
    plan, names = make_plan(client, wanted)
    for line in plan.lines(client.services.pause):
        click.echo(line)
    if dry_run:
        return
    done = fetch(client, folder, plan, names)
    for line in done.lines():
        click.echo(line)
    click.echo(f"Next: genrescope import {done.table}")
    if done.full or any(passed[NOT_NOW] + passed[UNUSABLE] for passed in done.passed.values()):
        context.exit(LEFT_OUT)
