"""The verb `validate`."""

import click


@click.command("validate")
@click.option("--draws", type=click.IntRange(10), default=400, show_default=True, help="Collections drawn a scenario.")
def validate_command(draws: int) -> None:
    """Check on drawn collections whose truth is known that intervals cover, p-values are uniform and ranks hold.

    Prints the tables of docs/methods.md; needs no workspace. 400 draws take some 35 minutes on two cores, and leave
    each rate uncertain by two percentage points.
    """
    from analysis.validation.report import tables

    click.echo(tables(draws=draws))
