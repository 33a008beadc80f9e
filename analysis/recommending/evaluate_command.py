"""The verb `evaluate-recommendations`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import group_option, json_option, many, seed_option, workspace_option

if TYPE_CHECKING:
    import pandas as pd

    from data.store.runs import Run

SHOWN = ("precision", "recall", "ndcg", "mrr", "coverage", "diversity", "novelty", "hubs")


@click.command("evaluate-recommendations", short_help="How good are recommendations, beside colour and chance?")
@many("--embedding", "names", metavar="NAME", help="Encoder's name or run id [default: the best separated one].")
@click.option("-k", "k", type=click.IntRange(1, 100), default=10, show_default=True, help="How many covers a list.")
@group_option
@json_option
@seed_option
@workspace_option
def evaluate_command(
    names: tuple[str, ...], k: int, group_by: tuple[str, ...], as_json: bool, seed: int, workspace: Path | None
) -> None:
    """How good are recommendations? Each cover in turn is the one that is liked, and its list is held against the rest.

    Right is a cover of the same genre; where the metadata has artists and labels, also of the same artist, of the same
    label. Never counted is one of the liked cover's own group. Beside the embedding stand the nearest covers without
    diversity, colour, the untrained network (where they are embedded), the most popular covers, and chance. Precision,
    recall, nDCG and MRR with 95 % intervals over groups; coverage, diversity, novelty; hubs, the bias to the popular.
    'genrescope export recommendation_scores FILE' writes all of it. Defined in docs/methods.md.

    \b
    Examples:
      genrescope evaluate-recommendations
      genrescope evaluate-recommendations --embedding resnet18 --embedding resnet50 --json
    """
    from analysis.recommending.evaluation import evaluate_recommendations, read_evaluation
    from analysis.recommending.recommend import best_embedding
    from data.grouping.groups import chosen_columns
    from data.store.runs import latest_run
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    chosen = [latest_run(opened, "embedding", name=name) for name in names] or [best_embedding(opened)]
    columns = chosen_columns(group_by)
    runs = [run for each in chosen for run in evaluate_recommendations(opened, each, columns=columns, k=k, seed=seed)]
    found = [(run, read_evaluation(opened, run)) for run in runs]
    if as_json:
        click.echo(json.dumps([_facts(run, rows) for run, rows in found], indent=2, ensure_ascii=False))
    else:
        click.echo("\n\n".join(_said(run, rows) for run, rows in found))


def _facts(run: "Run", rows: "pd.DataFrame") -> dict[str, object]:
    from analysis.recommending.words import sentences

    metrics = json.loads(rows.to_json(orient="records"))
    return {"run": run.run_id, "sentences": sentences(run, rows), **run.results, "metrics": metrics}


def _said(run: "Run", rows: "pd.DataFrame") -> str:
    """The sentences, a line a recommender, and what is right of each genre's covers."""
    from analysis.recommending.words import called, sentences

    overall = rows[rows.genre.isna() & rows.measure.isin(SHOWN)]
    table = overall.pivot(index="recommender", columns="measure", values="value")
    by_genre = rows[(rows.measure == "precision") & rows.genre.notna()]
    genres = by_genre.pivot(index="recommender", columns="genre", values="value").iloc[:, :40]
    both = table[list(SHOWN)].join(genres).loc[run.results["recommenders"]].rename(index=called)
    shown = both.rename_axis(index=None, columns=None).to_string(float_format=lambda value: f"{value:.3f}")
    title = f"{run.name}, by {run.results['relevant']}, {run.results['covers']:,} covers liked one by one"
    return "\n".join([title, *sentences(run, rows), shown])
