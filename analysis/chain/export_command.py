"""The verb `export`."""

from pathlib import Path

import click

from data.options import workspace_option
from data.postgres.addresses import is_address


@click.command("export")
@click.argument("table", required=False)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", "address", metavar="postgresql://...", help="Write every table to this PostgreSQL database.")
@click.option("--schema", metavar="NAME", help="The database's schema to write to, made where needed [genrescope].")
@click.option("--run", metavar="RUN", help="A run id, or the name of an encoder, classifier or split [default: all].")
@click.option("--raw", is_flag=True, help="CSV: leave texts as they are that a spreadsheet would take for formulas.")
@workspace_option
def export_command(
    table: str | None,
    file: Path | None,
    address: str | None,
    schema: str | None,
    run: str | None,
    raw: bool,
    workspace: Path | None,
) -> None:
    """Write a TABLE to a CSV or Parquet FILE, each row with its cover's path; or every table to PostgreSQL.

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

    --to writes all tables, as they are stored, to a PostgreSQL database: typed, with keys and comments, in one
    transaction; again, only new runs. 'postgresql://' alone takes PGHOST, PGUSER, PGPASSWORD and PGDATABASE; the
    password, which stands best there or in ~/.pgpass, is never shown or stored.

    \b
    Examples:
      genrescope export map map.csv
      genrescope export vectors resnet18.npy --run resnet18
      genrescope export learner resnet18.pkl --run fastai:resnet18
      genrescope export --to postgresql://me@localhost/study --schema covers
    """
    from analysis.chain.export import export
    from analysis.networks.exporting import export_learner
    from data.store.workspace import open_workspace

    if address or is_address(table or "") or is_address(file or ""):
        if address is None or table or run or raw:  # told without what was typed: it may hold a password
            raise click.UsageError("Name a database with --to, and leave TABLE, FILE, --run and --raw out.")
        _to_postgres(workspace, address, schema)
        return
    if table is None or file is None or schema:
        raise click.UsageError("Name a TABLE and a FILE, or a database with --to (and for that a --schema).")
    if table == "learner":
        written = export_learner(open_workspace(workspace), run, file)
        click.echo(f"{file}: {written}")
        return
    rows = export(open_workspace(workspace), table, file, run=run, raw=raw)
    click.echo(f"{file}: {rows:,} rows")


def _to_postgres(workspace: Path | None, address: str, schema: str | None) -> None:
    from data.postgres.exporting import SCHEMA, export_to_postgres
    from data.store.workspace import open_workspace

    done = export_to_postgres(open_workspace(workspace), address, schema=SCHEMA if schema is None else schema)
    click.echo("\n".join(done.lines()))
