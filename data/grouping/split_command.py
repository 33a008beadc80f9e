"""The verb `split`."""

from pathlib import Path

import click

from data.options import group_option, seed_option, workspace_option


@click.command("split")
@click.option("--name", help="Name of the split [default: grouped or random].")
@click.option("--random", is_flag=True, help="Draw file by file; copies get onto both sides, as in older studies.")
@group_option
@click.option("--test-share", type=float, default=0.2, show_default=True, help="Share of each genre to test on.")
@seed_option
@workspace_option
def split_command(
    name: str | None, random: bool, group_by: tuple[str, ...], test_share: float, seed: int, workspace: Path | None
) -> None:
    """Divide the covers into train and test, stratified by genre.

    Covers of the same picture stay on one side, or a classifier could answer from memory, and so do the covers of an
    artist, where artists are known: what is tested then is the genre, not the artist's house style.

    Classifiers are trained on folds unless told otherwise; a split is for a hold-out, as older studies had it.

    \b
    Examples:
      genrescope split --workspace study
      genrescope split --group-by artist --group-by label
      genrescope split --random

    The same settings give the same split, as long as no covers are added. It warns of covers whose picture is on
    both sides.
    """
    from data.grouping.groups import chosen_columns, make_groups
    from data.grouping.splits import make_split
    from data.store.workspace import open_workspace

    opened = open_workspace(workspace)
    groups = make_groups(opened, columns=chosen_columns(group_by))
    kind = "random" if random else "grouped"
    run = make_split(opened, name=name, kind=kind, groups=groups, test_share=test_share, seed=seed)
    click.echo(f"split '{run.name}': {run.results['train']:,} covers to learn from, {run.results['test']:,} to test on")
