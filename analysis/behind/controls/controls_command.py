"""The verb `controls`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.listing import ends
from data.options import json_option, many, workspace_option

if TYPE_CHECKING:
    import pandas as pd

    from data.store.runs import Run

COLUMNS = {"separability": "encoder", "alone": "control", "difference": "difference", "adds": "adds", "left": "left"}
SIGNED = ("difference", "adds", "lost", "purity_difference", "held_out_lost")


@click.command("controls")
@many("--embedding", "encoders", metavar="NAME", help="An encoder [default: all analyzed ones but the controls].")
@many("--control", "controls", metavar="NAME", help="What to hold it against [default: color, resnet18-untrained].")
@json_option
@workspace_option
def controls_command(
    encoders: tuple[str, ...], controls: tuple[str, ...], as_json: bool, workspace: Path | None
) -> None:
    """Is it only colour? Every encoder beside a control, genre by genre: the difference, and what it adds.

    'difference' is the encoder's separability less the control's, on the same covers, folds and resamples; 'adds' what
    the encoder adds to the control in one joined probe; 'left' its separability once the control is regressed out of
    it. An encoder tells a genre beyond a control where both of these are shown. With 95 % intervals; a star marks a
    p-value below 0.05, corrected for the number of genres (Holm). What was measured before is found again.
    Defined in docs/methods.md.

    \b
    Examples:
      genrescope controls
      genrescope controls --embedding resnet18 --control color --json
    """
    from analysis.behind.controls.control import CONTROLS, measure_controls, read_rows
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    runs = measure_controls(opened, encoders=encoders, controls=controls or CONTROLS)
    show([(run, read_rows(opened, run)) for run in runs], COLUMNS, as_json=as_json)


def show(found: "list[tuple[Run, pd.DataFrame]]", columns: dict[str, str], *, as_json: bool) -> None:
    """Each run's sentences and its genres as a table, or all of it as JSON."""
    if as_json:
        facts = [
            {"run": run.run_id, **run.results, "metrics": json.loads(rows.to_json(orient="records"))}
            for run, rows in found
        ]
        click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for run, rows in found:
        click.echo(f"\n{run.name}: {run.results['sentence']}\n{genre_table(rows, columns)}")


def genre_table(rows: "pd.DataFrame", columns: dict[str, str]) -> str:
    """Genres down, the highest separability first, then their mean; metrics (by name: title) across."""
    there = {name: title for name, title in columns.items() if (rows.metric == name).any()}
    names = rows[(rows.metric == "separability") & rows.genre.notna()].sort_values("value", ascending=False).genre
    by_genre = rows.assign(genre=rows.genre.fillna("")).set_index(["genre", "metric"])
    lines = [["genre", *there.values()]]
    rows = [[genre or "mean", *(_cell(by_genre.loc[(genre, name)], name) for name in there)] for genre in [*names, ""]]
    lines += ends(rows, lambda left: [f"... {left:,} more: --json lists them all", *[""] * len(there)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def _cell(row: "pd.Series", metric: str) -> str:
    if row.value != row.value:
        return "-"
    sign = "+" if metric in SIGNED else ""
    star = "*" if row.p_adjusted < 0.05 else " "
    return f"{row.value:{sign}.3f} [{row.low:{sign}.3f}, {row.high:{sign}.3f}]{star}"
