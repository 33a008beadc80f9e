"""The verb `read-text`."""

from pathlib import Path

import click

from data.options import LEFT_OUT, workspace_option


@click.command("read-text", short_help="Read the words on all covers, by OCR.")
@workspace_option
@click.pass_context
def read_text_command(context: click.Context, workspace: Path | None) -> None:
    """Read the words on all covers, by OCR: each with its box and confidence, and the language where it can be guessed.

    The words then stand beside each cover in the app, covers are found by them, and the encoders 'text' and 'lettering'
    make vectors of what they say and of how they stand. Logos, letters upside down or on a curve are often missed: see
    docs/methods.md for how many. Some two to three covers a second and core; what was read is not read again, and a
    command that was stopped or killed goes on where it stopped.

    Needs the extra: pip install 'genrescope[lettering]'.

    \b
    Examples:
      genrescope read-text --workspace study
      genrescope embed --encoder text --encoder lettering --workspace study

    Exit status: 0 if every cover was read, 3 if some files could not be ('genrescope audit' says why), 1 on an error.
    """
    from data.store.runs import find_runs
    from data.store.workspace import open_workspace
    from embeddings.lettering.reading import KIND, read_text

    opened = open_workspace(workspace)
    known = {run.run_id for run in find_runs(opened, KIND)}
    run = read_text(opened)
    results = run.results
    rate = results["covers"] / max(results["seconds"], 0.01)
    how = "already there" if run.run_id in known else f"in {results['seconds']:,.0f} s ({rate:,.1f} a second)"
    left_out = f"; {results['left_out']:,} covers left out" if results["left_out"] else ""
    click.echo(
        f"{results['words']:,} words on {results['covers']:,} covers, none on {results['without']:,}, {how}{left_out}"
    )
    click.echo("Next: genrescope embed --encoder text --encoder lettering, then genrescope analyze")
    if results["left_out"]:
        context.exit(LEFT_OUT)
