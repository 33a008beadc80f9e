"""The verb `confounds`."""

from pathlib import Path

import click

from analysis.behind.controls.controls_command import show
from data.options import json_option, many, workspace_option

COLUMNS = {"separability": "embedding", "alone": "confound", "left": "left", "adds": "adds", "held_out": "held out"}


@click.command("confounds")
@many(
    "--for", "names", metavar="COLUMN", help="brightness, palette, lettering, file or a metadata column [default: all]."
)
@many(
    "--embedding", "encoders", metavar="NAME", help="An encoder [default: all analyzed ones but color and lettering]."
)
@json_option
@workspace_option
def confounds_command(names: tuple[str, ...], encoders: tuple[str, ...], as_json: bool, workspace: Path | None) -> None:
    """What is left of the genres' separability without brightness, palette, lettering, file, any metadata column?

    'confound' is how well genres are told from it alone; 'left' the embedding's separability once it is regressed out,
    inside the training covers; 'adds' what the embedding adds to it in one joined probe; 'held out' the separability of
    covers of an artist, a label, a decade that no probe has learnt from. How well the confound itself is told from the
    covers stands in the sentence. With 95 % intervals; a star marks a p-value below 0.05, corrected for the number of
    genres (Holm). Years are taken by decade; columns that name the genre, or each cover, are left out.
    Defined in docs/methods.md.

    \b
    Examples:
      genrescope confounds
      genrescope confounds --for brightness --for year --embedding resnet18
    """
    from analysis.behind.controls.confound import measure_confounds
    from analysis.behind.controls.control import read_rows
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    runs, left_out = measure_confounds(opened, names=names, encoders=encoders)
    show([(run, read_rows(opened, run)) for run in runs], COLUMNS, as_json=as_json)
    if not as_json and not names:
        for name, reason in left_out.items():
            click.echo(f"{name} {reason}.")
