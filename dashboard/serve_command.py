"""The verb `serve`."""

import os
import sys
from pathlib import Path

import click

from data.options import workspace_option


@click.command("serve")
@workspace_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; 0.0.0.0 for every network.")
@click.option("--port", type=click.IntRange(0, 65535), default=8050, show_default=True, help="0 takes any free one.")
def serve_command(workspace: Path | None, host: str, port: int) -> None:
    """Show the workspace in the browser: map, separability, classifiers, search, audit.

    It only reads the workspace, so a pipeline may run at the same time. Ctrl-C stops it.

    \b
    Example:
      genrescope serve --workspace study --port 8051
    """
    from dashboard.serve import serve
    from data.store.workspace import open_workspace

    serve(
        open_workspace(workspace),
        host=host,
        port=port,
        ready=lambda address: click.echo(f"genrescope is at {address} (Ctrl-C stops it)"),
    )
    # At an ordinary exit, threads that still compute would be stopped in the middle of C++ code, which aborts.
    sys.stdout.flush()
    os._exit(0)
