"""The verb `findings`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import json_option, workspace_option

if TYPE_CHECKING:
    import pandas as pd


@click.command("findings")
@click.option("--embedding", metavar="NAME", help="An encoder's name [default: that of the best classifier].")
@json_option
@workspace_option
def findings_command(embedding: str | None, as_json: bool, workspace: Path | None) -> None:
    """Show the findings of a study in one table: the genres told best and worst, and those said wrongly.

    Of the classifier with the highest balanced accuracy out of fold. Below stands what an older protocol would have
    found (a nearest neighbour on a random split, copies on both sides, plain accuracy) and what stands in its place.
    Values have 95 % intervals; a genre is called best or worst only where no other one may be it.

    \b
    Examples:
      genrescope findings --workspace study
      genrescope findings --embedding resnet18 --json
    """
    from analysis.report.findings import findings
    from data.store.workspace import open_workspace

    found = findings(open_workspace(workspace), embedding=embedding)
    click.echo(found.to_json(orient="records", indent=2, double_precision=15) if as_json else _text(found))


def _text(found: "pd.DataFrame") -> str:
    from analysis.figures.numbers import place, shown
    from analysis.report.findings import NO_CLAIM, in_words

    genres, whole = found[found.genre.notna()], found[found.genre.isna()]
    best = whole.iloc[-1]
    lines = [f"{best.classifier}, {best.division}:"]
    for _, row in genres.iterrows():
        what = f"{row.measure.replace('_', ' ')} {shown(row.value, row.low, row.high)}"
        lines.append(f"  {in_words(row)[:-1]} ({what}, place {place(row.rank_low, row.rank_high)}).")
    if genres.empty:
        lines.append(f"  {NO_CLAIM}")
    lines.append("\nThe older study's protocol, and what stands in its place:")
    for _, row in whole.iterrows():
        measure = row.measure.replace("_", " ")
        lines.append(
            f"  {row.finding}: {row.classifier}, {row.division}: {measure} {shown(row.value, row.low, row.high)}"
        )
    return "\n".join(lines)
