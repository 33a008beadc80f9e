"""The verb `export`."""

from pathlib import Path

import click

from data.options import workspace_option


@click.command("export")
@click.argument("table")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--run", metavar="RUN", help="A run id, or the name of an encoder, classifier or split [default: all].")
@click.option("--raw", is_flag=True, help="CSV: leave texts as they are that a spreadsheet would take for formulas.")
@workspace_option
def export_command(table: str, file: Path, run: str | None, raw: bool, workspace: Path | None) -> None:
    """Write a TABLE to a CSV or Parquet FILE, each row with its cover's path.

    Of covers: covers, duplicates, groups, folds, splits, vectors, neighbors, map, clusters, predictions,
    prediction_sets, doubts, oddities, agreements. Of figures: metrics, curves, memberships, kinship, controls,
    confounds, wrong_labels, set_scores, learning_curves, learning_gains, agreement_scores,
    recommendation_scores, epochs, searches.

    In CSV a text that begins like a formula (with =, +, -, @, a tab or a new line) gets an apostrophe before it, so
    that no spreadsheet computes it; --raw leaves it as it is. Numbers and Parquet are never changed.

    Vectors also go to an .npy file, with a .csv beside it that says which cover each row is. What the figures mean
    is said in docs/methods.md.

    'learner' writes a network that was trained here, named by --run, as a file for fastai's load_learner: a pickle,
    unlike all else, so that loading it runs code.

    \b
    Examples:
      genrescope export map map.csv
      genrescope export vectors resnet18.npy --run resnet18
      genrescope export learner resnet18.pkl --run fastai:resnet18
    """
    from analysis.chain.export import export
    from analysis.networks.exporting import export_learner
    from data.store.workspace import open_workspace

    if table == "learner":
        written = export_learner(open_workspace(workspace), run, file)
        click.echo(f"{file}: {written}")
        return
    rows = export(open_workspace(workspace), table, file, run=run, raw=raw)
    click.echo(f"{file}: {rows:,} rows")
