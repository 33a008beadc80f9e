"""The verb `relocate`."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from data.options import LEFT_OUT, json_option, workspace_option


@click.command("relocate")
@click.argument("folder", type=click.Path(path_type=Path))
@workspace_option
@json_option
@click.pass_context
def relocate_command(context: click.Context, folder: Path, workspace: Path | None, as_json: bool) -> None:
    """Find covers again whose files have moved, by their content.

    FOLDER is where they are now, at whatever depth and under whatever name. Covers that are still in their place stay
    as they are; of the others each gets the path of a file that holds, byte for byte, what was imported. Nothing else
    changes: genres, metadata, runs and thumbnails stay, nothing is computed anew, and no file is moved or changed. So
    a workspace goes to another folder or machine: copy its folder and the covers, then say where they are.

    \b
    Examples:
      genrescope relocate /media/disk/covers --workspace study
      genrescope relocate covers/ --json

    Covers in several places: call it once for each. Exit status: 0 if every cover has its file, 3 if some are still
    missing (the first few are named, with --json all of them), 1 if nothing was found.
    """
    from data.intake.relocating import relocate
    from data.store.workspace import open_workspace

    found = relocate(open_workspace(workspace), folder)
    click.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else "\n".join(found.lines()))
    if found.missing:
        context.exit(LEFT_OUT)
