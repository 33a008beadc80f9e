"""The verb `predict`."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.options import json_option, many, workspace_option

if TYPE_CHECKING:
    from analysis.predicting.predict import Answer
    from data.store.runs import Run
    from data.store.workspace import Workspace

GENRES = 5


@click.command("predict")
@click.argument("run", metavar="RUN")
@click.argument("files", metavar="FILES...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--nearest", type=click.IntRange(0), default=3, show_default=True, help="Training covers to name.")
@many("--weights", metavar="NAME=PATH", help="Where the weights of the encoder NAME lie now; may be repeated.")
@json_option
@workspace_option
@click.pass_context
def predict_command(
    context: click.Context,
    run: str,
    files: tuple[Path, ...],
    nearest: int,
    weights: tuple[str, ...],
    as_json: bool,
    workspace: Path | None,
) -> None:
    """Say of image files that were never imported which genre a classifier takes them for.

    RUN is a classifier's name (the newest of it), CLASSIFIER@EMBEDDING or a run id. FILES are image files, and folders
    with such. Of each the probabilities of the likeliest genres are shown (--json: of all), as on a shelf with equally
    many covers a genre; its prediction set, which holds the true genre in 90 % of the cases of each genre ("one of
    Rock, Pop (90 %)"; JSON: likely); and the nearest of the covers that the classifier learnt from, by cosine
    similarity.

    \b
    Examples:
      genrescope predict logistic cover.jpg --workspace study
      genrescope predict logistic@resnet18 new-covers/ --json

    Exit status: 0 if every file was classified, 1 if some were no images, or nothing could be done.
    """
    from analysis.predicting.predict import find_kept, predict
    from data.store.workspace import open_workspace
    from embeddings.embed_command import parse_weights

    opened = open_workspace(workspace)
    found = find_kept(opened, run)
    answers = predict(opened, found, files, nearest=nearest, weights=parse_weights(weights))
    bad = _as_json(opened, found, answers) if as_json else _as_table(opened, found, answers)
    if bad:
        context.exit(1)


def _as_json(workspace: "Workspace", run: "Run", answers: "Iterable[Answer]") -> int:
    """Print all answers at once; returns how many files were no images."""
    paths, genres = _covers(workspace, run)
    images: list[dict[str, Any]] = []
    for answer in answers:
        if answer.trouble:
            images.append({"path": answer.path, "error": answer.trouble})
            continue
        near = [
            {"cover_id": cover_id, "path": paths[cover_id], "genre": genres[cover_id], "similarity": similarity}
            for cover_id, similarity in answer.nearest
        ]
        said = {"predicted": answer.predicted, "probabilities": dict(answer.probabilities), "likely": answer.likely}
        images.append({"path": answer.path, **said, "nearest": near})
    click.echo(json.dumps({**_facts(run), "images": images}, indent=2))
    return sum("error" in image for image in images)


def _as_table(workspace: "Workspace", run: "Run", answers: "Iterable[Answer]") -> int:
    """Print each answer as it comes; returns how many files were no images."""
    from analysis.evaluation.sure.sets import set_in_words

    paths, genres = _covers(workspace, run)
    bad = 0
    for number, answer in enumerate(answers):
        if not number:
            click.echo(f"{run.name} on {run.results.get('embedding', 'covers')}, run {run.run_id}")
        if answer.trouble:
            bad += 1
            click.echo(f"{answer.path}: left out, {answer.trouble}")
            continue
        likeliest = [f"{genre} {probability:.2f}" for genre, probability in answer.probabilities[:GENRES]]
        likely = "" if answer.likely is None else f"; {set_in_words(answer.likely, count=len(answer.probabilities))}"
        click.echo(f"{answer.path}: {'  '.join(likeliest)}{likely}")
        for cover_id, similarity in answer.nearest:
            click.echo(f"  near {similarity:.3f}  {genres[cover_id]}  {paths[cover_id]}")
    return bad


def _facts(run: "Run") -> dict[str, Any]:
    facts = {"run_id": run.run_id, "classifier": run.name, "classes": list(run.results["classes"])}
    return {**facts, "embedding": run.results.get("embedding")}


def _covers(workspace: "Workspace", run: "Run") -> tuple[list[str], list[str]]:
    """Path and genre of every cover of the collection that a classifier learnt from, by cover_id."""
    from analysis.evaluation.predictions import division_of
    from data.store.covers import read_covers
    from data.store.runs import get_run

    covers = read_covers(workspace, get_run(workspace, division_of(workspace, run).inputs[0]))
    return covers.path.tolist(), covers.genre.tolist()
