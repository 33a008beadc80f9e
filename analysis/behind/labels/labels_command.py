"""The verb `labels`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import json_option, seed_option, workspace_option

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 20


@click.command("labels", short_help="List likely wrong labels, and say how far the list can be trusted.")
@click.option("--classifier", metavar="NAME", help="CLASSIFIER@EMBEDDING or a run id [default: the best out of fold].")
@seed_option
@json_option
@workspace_option
def labels_command(classifier: str | None, seed: int, as_json: bool, workspace: Path | None) -> None:
    """List likely wrong labels, and say how far the list can be trusted.

    A label is doubted by a classifier that has not seen the cover (cleanlab) and, beside it, by the genres of the
    nearest covers outside its group. A wrong label and an unusual cover look alike to both, so wrong labels are planted
    among these very covers and counted on the list: that says what it is worth here. Where genres overlap, how many
    labels are wrong cannot be estimated, and it says so. Nothing is changed: 'genrescope exclude' leaves a cover out.

    \b
    Examples:
      genrescope labels --workspace study
      genrescope labels --classifier logistic@color --json
      genrescope export doubts doubts.csv
    """
    from analysis.behind.labels.labels import doubt_labels, read_doubts, read_estimates, sentences
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    run = doubt_labels(opened, classifier=classifier, seed=seed)
    listed, estimates, said = read_doubts(opened, run), read_estimates(opened, run), sentences(opened, run)
    if as_json:
        facts = {"run_id": run.run_id, "sentences": said, **run.results}
        tables = {"estimates": _records(estimates), "doubts": _records(listed)}
        click.echo(json.dumps(facts | tables, indent=2, ensure_ascii=False))
        return
    for sentence in said:
        click.echo(sentence)
    click.echo(f"\nBy {run.results['classifier']} and the neighbours in {run.results['embedding']}:")
    for row in listed.head(SHOWN).itertuples():
        near = (
            "" if row.own_share != row.own_share else f", neighbours {row.own_share:.0%} to {row.suggested_share:.0%}"
        )
        chances = f"probability {row.quality:.0%} to {row.suggested_probability:.0%}{near}"
        click.echo(f"  {row.place:>3}  {row.genre} -> {row.suggested}: {chances}  {row.path}")
    if len(listed) > SHOWN:
        click.echo(f"  ... 'genrescope export doubts FILE' writes all {len(listed):,}")


def _records(frame: "pd.DataFrame") -> list[dict]:
    return json.loads(frame.to_json(orient="records"))
