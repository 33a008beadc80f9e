"""The verb `analyze`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import many, seed_option, workspace_option

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {"purity": "purity", "lift": "lift", "silhouette": "silhouette", "auc": "probe AUC"}


@click.command("analyze")
@many("--embedding", "names", metavar="NAME", help="An encoder's name or a run id [default: every current embedding].")
@seed_option
@workspace_option
def analyze_command(names: tuple[str, ...], seed: int, workspace: Path | None) -> None:
    """Measure how far genres separate: neighbour graph, map, clusters, then purity, silhouette and probe AUC.

    Values come with 95 % intervals, and a star where genres dealt out at random would hardly do as well (adjusted
    p-value below 0.05). What was analyzed before is found again.

    \b
    Example:
      genrescope analyze --embedding color --embedding resnet18
    """
    from analysis.chain.analyze import analyze
    from analysis.separability.separability import read_metrics
    from data.store.runs import latest_run
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    embeddings = [latest_run(opened, "embedding", name=name) for name in names]
    runs = analyze(opened, embeddings=embeddings or None, seed=seed)
    found = [(run.name, read_metrics(opened, run)) for run in runs]
    click.echo("\n" + league_table(found))
    for name, metrics in found:
        click.echo(f"\n{genre_table(name, metrics)}")


def league_table(found: Sequence[tuple[str, "pd.DataFrame"]]) -> str:
    """The averages over genres of each embedding's metrics, the most separable first by probe AUC."""
    overall = [(name, metrics[metrics.genre.isna()]) for name, metrics in found]
    overall.sort(key=lambda pair: -pair[1].set_index("metric").value.fillna(0)["auc"])
    return _aligned([["embedding", *COLUMNS.values()], *([name, *_cells(rows)] for name, rows in overall)])


def genre_table(name: str, metrics: "pd.DataFrame") -> str:
    """One embedding's metrics of each genre."""
    genres = metrics[metrics.genre.notna() & metrics.other_genre.isna()]
    return _aligned([[name, *COLUMNS.values()], *([genre, *_cells(rows)] for genre, rows in genres.groupby("genre"))])


def _cells(rows: "pd.DataFrame") -> list[str]:
    by_metric = rows.set_index("metric")
    return [_cell(by_metric.loc[metric]) for metric in COLUMNS]


def _cell(row: "pd.Series") -> str:
    if row.value != row.value:
        return "-"
    interval = f" [{row.low:.3f}, {row.high:.3f}]" if row.low == row.low else ""
    return f"{row.value:.3f}{interval}{'*' if row.p_adjusted < 0.05 else ' '}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)
