"""The verb `report`."""

from pathlib import Path

import click

from data.options import workspace_option


@click.command("report")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--no-covers", is_flag=True, help="Leave all pictures of covers out, for whoever may not pass them on.")
@click.option(
    "--files",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the tables as CSV and LaTeX and the figures as SVG there, too.",
)
@workspace_option
def report_command(file: Path, no_covers: bool, folder: Path | None, workspace: Path | None) -> None:
    """Write what was found as one HTML FILE that needs nothing else, for those who will not start the app.

    The question, the covers and their faults, the answer in words, tables, figures and covers, how everything was
    measured, every run with its parameters, and the commands that make it all anew. It prints well. What has not
    been computed is named, with the command that makes it.

    \b
    Examples:
      genrescope report report.html --workspace study
      genrescope report report.html --no-covers --files tables
    """
    from analysis.report.page import write_report
    from data.store.workspace import open_workspace

    for line in write_report(open_workspace(workspace), file, covers=not no_covers, folder=folder):
        click.echo(line)
