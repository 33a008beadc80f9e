"""The verb `serve`."""

import os
import sys
from pathlib import Path

import click

from data.options import many, workspace_option

# What --token is without a value.
MADE = "*"


@click.command("serve")
@workspace_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; 0.0.0.0 for every network.")
@click.option("--port", type=click.IntRange(0, 65535), default=8050, show_default=True, help="0 takes any free one.")
@many(
    "--allow-host", "allow_hosts", metavar="NAME", help="Answer to this name, too, as behind a proxy; may be repeated."
)
@click.option(
    "--token",
    is_flag=False,
    flag_value=MADE,
    metavar="[TOKEN]",
    envvar="GENRESCOPE_TOKEN",
    help="Ask browsers for this token; alone, for one that is made and printed; '' asks for none [default: none on "
    "this machine alone, else one is made].",
)
def serve_command(
    workspace: Path | None, host: str, port: int, allow_hosts: tuple[str, ...], token: str | None
) -> None:
    """Show the workspace in the browser: map, separability, classifiers, search, audit.

    It only reads the workspace, so a pipeline may run at the same time. Ctrl-C stops it.

    Nobody but this machine reaches it, unless --host opens it to a network. Then whoever opens the printed address,
    with its token, sees all covers: 'Serving to others' in the README says how to put a proxy with TLS before it. It
    answers only to localhost's names, that of --host, and those of --allow-host.

    \b
    Examples:
      genrescope serve --workspace study --port 8051
      genrescope serve --workspace study --host 0.0.0.0
      genrescope serve --workspace study --allow-host covers.example.org --token
    """
    from dashboard.serve import serve
    from dashboard.serving.guard import new_token
    from data.store.workspace import open_workspace

    serve(
        open_workspace(workspace),
        host=host,
        port=port,
        allow_hosts=allow_hosts,
        token=new_token() if token == MADE else token,
        ready=lambda address: click.echo(f"genrescope is at {address} (Ctrl-C stops it)"),
    )
    # At an ordinary exit, threads that still compute would be stopped in the middle of C++ code, which aborts.
    sys.stdout.flush()
    os._exit(0)
