"""The verb `recommend`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data.options import group_option, json_option, many, workspace_option

if TYPE_CHECKING:
    import pandas as pd

    from analysis.recommending.recommend import Recommendation

K = 12


@click.command("recommend")
@many("--like", "liked", metavar="COVER", required=True, help="A cover that you like; may be repeated.")
@many("--unlike", "disliked", metavar="COVER", help="A cover that you do not like; may be repeated.")
@click.option("--across-genres", is_flag=True, help="Only covers that share no genre with those you like.")
@click.option("--embedding", metavar="NAME", help="Encoder's name or run id [default: the best separated one].")
@click.option("-k", "k", type=click.IntRange(1, 1000), default=K, show_default=True, help="How many covers.")
@group_option
@json_option
@workspace_option
def recommend_command(
    liked: tuple[str, ...],
    disliked: tuple[str, ...],
    across_genres: bool,
    embedding: str | None,
    k: int,
    group_by: tuple[str, ...],
    as_json: bool,
    workspace: Path | None,
) -> None:
    """Recommend covers by those you like and do not like, each with its reason.

    COVER is a cover id, as the app's panel and 'genrescope export covers' show it, or a file with a column cover_id.
    Near to what you like and away from what you do not, without two of a kind, and nothing of the groups of the covers
    named: copies, the same album and, where artists are known, the same artist ('--group-by none' keeps the latter in).
    How good such lists are, 'genrescope evaluate-recommendations' measures. Defined in docs/methods.md.

    \b
    Examples:
      genrescope recommend --like 12
      genrescope recommend --like 12 --like 40 --unlike 7 --across-genres --embedding resnet18 --json
    """
    from analysis.recommending.recommend import best_embedding, recommend
    from data.grouping.groups import chosen_columns, make_groups
    from data.store.covers import collection, read_covers
    from data.store.runs import latest_run
    from data.store.workspace import open_workspace
    from embeddings.changing.setting_aside import covers_named

    opened = open_workspace(workspace)
    run = latest_run(opened, "embedding", name=embedding) if embedding else best_embedding(opened)
    groups = make_groups(opened, columns=chosen_columns(group_by))
    like, unlike = covers_named(opened, liked), covers_named(opened, disliked)
    found = recommend(opened, like, unlike, embedding=run, groups=groups, k=k, across_genres=across_genres)
    covers = read_covers(opened, collection(opened))[["path", "genre"]]
    rows = [{"place": place, **asdict(each), **covers.loc[each.cover_id]} for place, each in enumerate(found, 1)]
    if as_json:
        facts = {"embedding": run.name, "liked": like, "disliked": unlike, "across_genres": across_genres}
        click.echo(json.dumps({**facts, "recommendations": rows}, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_line(place, each, covers) for place, each in enumerate(found, 1)) or "no cover is left")


def _line(place: int, each: "Recommendation", covers: "pd.DataFrame") -> str:
    from data.texts import clean

    path, genre = covers.loc[each.cover_id]
    away = f", to disliked {each.disliked} {each.similarity_to_disliked:.2f}" if each.disliked is not None else ""
    why = f"near to {each.near_to} ({each.similarity:.2f}{away})"
    return f"{place:>4}  cover {each.cover_id:>6}  {each.score:.3f}  {clean(genre)}  {why}  {clean(path)}"
