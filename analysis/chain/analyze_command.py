"""The verb `analyze`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from data.listing import ends
from data.options import group_option, json_option, many, seed_option, workspace_option

if TYPE_CHECKING:
    import pandas as pd

    from data.store.runs import Run
    from data.store.workspace import Workspace

# (metric, title) of the columns, the primary measure first.
COLUMNS = {"separability": "separability", "purity_above_chance": "purity above chance", "silhouette": "silhouette"}


@click.command("analyze")
@many("--embedding", "names", metavar="NAME", help="An encoder's name or a run id [default: every current embedding].")
@group_option
@json_option
@seed_option
@workspace_option
def analyze_command(
    names: tuple[str, ...], group_by: tuple[str, ...], as_json: bool, seed: int, workspace: Path | None
) -> None:
    """Measure how far genres separate: neighbour graph, map, clusters, then separability, purity and silhouette.

    Separability is 2 AUC - 1 of a linear probe that ranks covers it has not seen: 0 is chance, 1 is perfect, whatever
    the sizes of the genres. Values come with 95 % intervals; 'place' says between which ranks a genre stands, all
    genres at once; a star marks what genres dealt out at random would hardly reach (adjusted p-value below 0.05).
    Covers of one picture or one artist count as one. What was analyzed before is found again.

    Where covers have several genres, membership follows: each genre as a question of yes or no, a cover counting in all
    of its genres. And which genres are kin, the hardest to tell apart, with the support of each fork of their tree.

    \b
    Examples:
      genrescope analyze --embedding color --embedding resnet18
      genrescope analyze --group-by none --json
    """
    from analysis.chain.analyze import analyze
    from analysis.separability.separability import read_metrics
    from data.grouping.groups import chosen_columns
    from data.store.runs import latest_run
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    embeddings = [latest_run(opened, "embedding", name=name) for name in names]
    runs = analyze(opened, embeddings=embeddings or None, columns=chosen_columns(group_by), seed=seed)
    found = [(run, read_metrics(opened, run)) for run in runs]
    found.sort(key=lambda pair: -(pair[0].results["separability"] or 0))
    beside = {run.run_id: _beside(opened, run) for run in runs}
    if as_json:
        facts = [_facts(run, metrics) | _beside_facts(opened, beside[run.run_id]) for run, metrics in found]
        click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for line in report_lines(found, beside):
        click.echo(line)


def report_lines(
    found: "Sequence[tuple[Run, pd.DataFrame]]", beside: "Mapping[str, dict[str, Run]]" = MappingProxyType({})
) -> Iterator[str]:
    """The embeddings, the most separable first, then each one's answer, genres, and what ignoring groups would show.

    beside: by run id the runs of membership and kinship, whose sentences follow.
    """
    from analysis.separability.memberships import said
    from analysis.separability.pure.sensitivity import ignoring_sentences

    yield "\n" + _aligned(
        [["embedding", *COLUMNS.values()], *([run.name, *_cells(m[m.genre.isna()])] for run, m in found)]
    )
    for run, metrics in found:
        yield f"\n{run.name}: {run.results['sentence']}"
        yield _genre_table(metrics)
        yield from ignoring_sentences(run.results["ignoring"])
        runs = beside.get(run.run_id, {})
        yield from (said(each) for kind, each in runs.items() if kind == "membership")
        yield from (each.results["sentence"] for kind, each in runs.items() if kind == "kinship")


def _beside(workspace: "Workspace", run: "Run") -> "dict[str, Run]":
    """The runs of membership and kinship beside a separability run, by their kind."""
    from analysis.separability.kinship import current_kinship
    from analysis.separability.memberships import current_membership

    runs = {"membership": current_membership(workspace, run), "kinship": current_kinship(workspace, run)}
    return {kind: each for kind, each in runs.items() if each is not None}


def _beside_facts(workspace: "Workspace", runs: "Mapping[str, Run]") -> dict[str, Any]:
    """Results and rows of these runs, by their kind."""
    from analysis.separability.separability import read_metrics

    found = {kind: json.loads(read_metrics(workspace, run).to_json(orient="records")) for kind, run in runs.items()}
    return {kind: {"run": runs[kind].run_id, **runs[kind].results, "metrics": rows} for kind, rows in found.items()}


def _facts(run: "Run", metrics: "pd.DataFrame") -> dict[str, Any]:
    rows = json.loads(metrics.to_json(orient="records"))
    return {"embedding": run.name, "run": run.run_id, **run.results, "metrics": rows}


def _genre_table(metrics: "pd.DataFrame") -> str:
    """The metrics of each genre, the most separable first."""
    own = metrics[metrics.genre.notna() & metrics.other_genre.isna()]
    order = own[own.metric == "separability"].sort_values("value", ascending=False).genre
    of = dict(list(own.groupby("genre")))
    rows = [[genre, _place(of[genre]), *_cells(of[genre])] for genre in order]
    rows = ends(rows, lambda left: [f"... {left:,} more: --json lists them all", *[""] * (1 + len(COLUMNS))])
    return _aligned([["genre", "place", *COLUMNS.values()], *rows])


def _place(rows: "pd.DataFrame") -> str:
    row = rows[rows.metric == "separability"].iloc[0]
    if not row.rank_low:
        return "-"
    return f"{row.rank_low:.0f}" if row.rank_low == row.rank_high else f"{row.rank_low:.0f} to {row.rank_high:.0f}"


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
