"""The verb `status`."""

import json
from pathlib import Path
from typing import Any

import click

from data.options import json_option, workspace_option


@click.command("status")
@json_option
@workspace_option
def status_command(as_json: bool, workspace: Path | None) -> None:
    """Show what the workspace holds, what is stale or unfinished, and what would come next.

    \b
    Example:
      genrescope status --json
    """
    from analysis.chain.status import status
    from data.store.workspace import open_workspace

    found = status(open_workspace(workspace))
    if as_json:
        click.echo(json.dumps(_as_json(found), indent=2))
        return
    aside = f", {found.set_aside:,} set aside" if found.set_aside else ""
    click.echo(
        f"{found.workspace}: {found.covers:,} covers in {len(found.genres)} genres, {found.rejected:,} left out{aside}"
    )
    for run in found.runs:
        click.echo(f"  {run.run_id}  {run.kind:<13} {found.titles[run.run_id]:<34} {found.state[run.run_id]}")
    click.echo("Next:")
    for step in found.next:
        click.echo(f"  {step}")


def _as_json(found: Any) -> dict[str, Any]:
    runs = [
        {
            "run_id": run.run_id,
            "kind": run.kind,
            "name": run.name,
            "state": found.state[run.run_id],
            "params": run.params,
            "seed": run.seed,
            "inputs": run.inputs,
            "started": run.started.isoformat(),
            "finished": run.finished and run.finished.isoformat(),
            "results": run.results,
        }
        for run in found.runs
    ]
    plain = ("workspace", "covers", "genres", "rejected", "set_aside", "next")
    return {name: getattr(found, name) for name in plain} | {"runs": runs}
