"""The verb `embed`."""

import re
from collections.abc import Iterable
from pathlib import Path

import click

from data.options import LEFT_OUT, many, workspace_option
from embeddings.encoders.registry import PREPROCESSINGS, encoder_names, get_encoder

# NAME=PATH, where NAME may end with options of its own: timm:NAME?option=value&option=value.
_WEIGHTS = re.compile(r"([^=?]+(?:\?[^=&]+=[^=&]+(?:&[^=&]+=[^=&]+)*)?)=(.+)")

HELP = """Compute the vectors of all covers with one or more encoders.

\b
Encoders:
{encoders}

\b
Examples:
  genrescope embed --encoder color --encoder resnet18 --workspace study
  genrescope embed --encoder resnet18 --weights resnet18=resnet18-f37072fd.pth

An encoder's weights are the library's own, downloaded once, unless --weights names a file (.pth, .pt, .safetensors). By
default an encoder sees the whole cover, resized to its input; its own transform, '--preprocessing encoder', would
crop the borders off, and make an embedding of its own.

What is there already is not computed again. A command that was stopped or killed goes on where it stopped; after an
import only the new covers are computed.

Exit status: 0 if every cover got its vector, 3 if some were left out ('genrescope audit' says why), 1 on an error.
"""


def parse_weights(values: Iterable[str]) -> dict[str, Path]:
    """The values NAME=PATH of --weights as a dictionary; raises click.BadParameter for anything else."""
    weights = {}
    for value in values:
        found = _WEIGHTS.fullmatch(value)
        if found is None:
            raise click.BadParameter(
                f"'{value}' is not NAME=PATH, as in resnet18=weights/resnet18.pth", param_hint="--weights"
            )
        weights[found[1]] = Path(found[2]).expanduser()
    return weights


@click.command(
    "embed",
    help=HELP.format(encoders="\n".join(f"  {name:<21} {about}" for name, about in encoder_names().items())),
    short_help="Compute the vectors of all covers.",
)
@many("--encoder", "encoders", metavar="NAME", required=True, help="An encoder; may be repeated.")
@many("--weights", metavar="NAME=PATH", help="A weights file for the encoder NAME; may be repeated.")
@click.option(
    "--preprocessing",
    type=click.Choice(PREPROCESSINGS),
    default="whole",
    show_default=True,
    help="Show the encoder the whole cover, or what its own transform leaves of it.",
)
@workspace_option
@click.pass_context
def embed_command(
    context: click.Context,
    encoders: tuple[str, ...],
    weights: tuple[str, ...],
    preprocessing: str,
    workspace: Path | None,
) -> None:
    """Compute the vectors of all covers; the help is HELP."""
    from data.store.runs import Run, find_runs
    from data.store.workspace import open_workspace
    from embeddings.embed import embed

    store, files = open_workspace(workspace), parse_weights(weights)
    for name in files.keys() - set(encoders):
        raise click.BadParameter(f"'{name}' is none of the encoders asked for", param_hint="--weights")
    if len(encoders) > 1:  # a mistake in the last one shows before the first one's hours of work
        for name in encoders:
            get_encoder(name, weights=files.get(name), preprocessing=preprocessing, workspace=store)
    known = {run.run_id for run in find_runs(store, "embedding")}

    def say(run: Run) -> None:
        results = run.results
        what = f"{run.name}: {results['covers']:,} vectors of {results['dimension']:,} numbers"
        how = "already there" if run.run_id in known else f"in {results['seconds']:,.0f} s ({results['backend']})"
        left_out = f"; {results['left_out']:,} covers left out" if results["left_out"] else ""
        click.echo(f"{what}, {how}{left_out}")

    runs = []
    for name in dict.fromkeys(encoders):
        runs.append(embed(store, name, weights=files.get(name), preprocessing=preprocessing))
        say(runs[-1])
    if any(run.results["left_out"] for run in runs):
        context.exit(LEFT_OUT)
