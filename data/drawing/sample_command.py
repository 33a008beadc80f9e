"""The verb `sample`."""

from pathlib import Path

import click

from data.options import seed_option


@click.command("sample", short_help="Draw covers with planted truth, to try things out.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--covers", type=int, default=600, show_default=True, help="How many covers to draw, in ten genres.")
@seed_option
def sample(folder: Path, covers: int, seed: int) -> None:
    """Draw a collection of covers into DIR, one folder a genre, to try genrescope without covers of your own.

    The ten genres are invented, and it is known what is to be found among them: two are nearly alike
    (Moonwave, Tidewave), two differ by colour only (Grid House, Grid Techno), two by shape only (Prairie
    Folk, Velvet Soul), and one is a mixture of the others (Crossover). 6 % of the covers are filed under a
    wrong genre, 4 % are exact copies of a cover of another genre, 3 % are re-encoded near-copies.
    DIR/truth.csv says which, along with title, artist, year and label; it can be imported as a table.

    \b
    Example:
      genrescope sample covers
      genrescope run covers/truth.csv
    """
    from data.drawing.sample import GENRES, write_sample

    truth = write_sample(folder, covers=covers, seed=seed)
    click.echo(f"{covers} covers in {len(GENRES)} genres drawn into {folder}; what is planted in them: {truth}")
    click.echo(f"Next: genrescope import {truth}")
