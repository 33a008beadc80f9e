"""The verb `train`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.classifiers.grids import GRIDS
from analysis.classifiers.registry import CLASSIFIERS, DEFAULT_CLASSIFIERS
from analysis.networks.options import ABOUT, named, network_options, recipe_from
from data.options import OUT_OF_FOLD, group_option, json_option, many, seed_option, workspace_option

if TYPE_CHECKING:
    from data.store.runs import Run
    from data.store.workspace import Workspace

KNOWN = "\n".join(f"  {name:<11} {recipe.title}" for name, recipe in CLASSIFIERS.items())
ASKED = f"  {'zero-shot':<11} CLIP, asked which genre's name suits the cover; learns nothing, needs a CLIP embedding"
TRAIN_HELP = f"""Train classifiers on embeddings, and let each predict the covers it has not seen.

The covers are divided into folds, groups kept whole (equal pictures and, where artists are known, one artist's
covers), and every fold is predicted by what was trained on the others. That is done over several times, so that
every cover is judged, and no single division decides. With --split a hold-out is predicted instead, once.

All genres count the same in training, however many covers they have. The table gives balanced accuracy, the mean of
the genres' recalls, then accuracy and macro-F1, with 95 % intervals and, behind a slash, what guessing would reach:
any guess (balanced accuracy), or always the most frequent genre (accuracy). Where covers have several genres a second
line gives credit for any of them, beside the best that saying always the same would reach.

Each classifier has settings that suit most embeddings. --search quick tries a few others, thorough many, each time
inside the training covers alone, by log loss on groups held out of these: a classifier of its own, rbf-svm:quick, to
be compared with rbf-svm. What it found is written by 'genrescope export searches'.

\b
Classifiers:
{KNOWN}
{ASKED}
  fastai      a network trained on the covers themselves

{ABOUT}

\b
Examples:
  genrescope train
  genrescope train --classifier logistic --classifier rbf-svm --embedding resnet18
  genrescope train --group-by artist --group-by label --json
  genrescope train --classifier 1nn --split random
  genrescope train --classifier rbf-svm --search quick
  genrescope train --classifier zero-shot --genre-names names.json
  genrescope train --classifier fastai --arch resnet18 --weights resnet18-f37072fd.pth --epochs 5
"""
SHOWN = {"balanced_accuracy": "balanced_chance", "accuracy": "chance", "macro_f1": None}
# Where covers have several genres and any of them is right; with the names of the levels of chance.
CREDITED = {"balanced_accuracy_any": "balanced_any_chance", "accuracy_any": "any_chance"}


@click.command("train", help=TRAIN_HELP)
@many(
    "--classifier",
    "classifiers",
    metavar="NAME",
    help=f"A classifier; may be repeated [default: {', '.join(DEFAULT_CLASSIFIERS)}].",
)
@many(
    "--embedding", "embeddings", metavar="NAME", help="An encoder's name or a run id; may be repeated [default: all]."
)
@click.option(
    "--split",
    metavar="NAME",
    help="'folds', or a hold-out that 'genrescope split' made: grouped, random, or its own name [default: folds].",
)
@group_option
@click.option("--folds", type=click.IntRange(2, 100), help="Parts that the covers are divided into [default: 5].")
@click.option("--repeats", type=click.IntRange(1, 100), help="How often they are dealt [default: 3].")
@click.option(
    "--genre-names",
    "names_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What zero-shot calls the genres: JSON (genre: names), or CSV with genre and name [default: their labels].",
)
@click.option("--search", type=click.Choice(list(GRIDS)), help="Go through a grid inside the training covers.")
@network_options
@seed_option
@json_option
@workspace_option
def train_command(
    classifiers: tuple[str, ...],
    embeddings: tuple[str, ...],
    split: str | None,
    group_by: tuple[str, ...],
    folds: int | None,
    repeats: int | None,
    names_file: Path | None,
    search: str | None,
    seed: int,
    as_json: bool,
    workspace: Path | None,
    **network: Any,
) -> None:
    from analysis.classifiers.prompts import read_names
    from analysis.classifiers.training import train_all
    from analysis.networks.recipe import FASTAI
    from analysis.networks.training import train_networks
    from data.grouping.groups import chosen_columns
    from data.store.runs import latest_run
    from data.store.workspace import open_workspace

    others = [name for name in classifiers or DEFAULT_CLASSIFIERS if name != FASTAI]
    if FASTAI not in classifiers and (given := named(network)):
        raise click.UsageError(f"{', '.join(given)}: only with --classifier {FASTAI}")
    if not others and (given := named({"embedding": embeddings or None, "search": search, "genre_names": names_file})):
        raise click.UsageError(f"{', '.join(given)}: not with --classifier {FASTAI}, which learns from the covers")
    dealt = {"folds": folds, "repeats": repeats}
    if (split or (OUT_OF_FOLD if others else None)) != OUT_OF_FOLD and (given := named(dealt)):
        raise click.UsageError(f"{', '.join(given)}: only with --split {OUT_OF_FOLD}, a hold-out has no folds")
    recipe = recipe_from(network) if FASTAI in classifiers else None
    opened = open_workspace(workspace)
    division: dict[str, Any] = {"group_by": chosen_columns(group_by), "seed": seed}
    division |= {name: value for name, value in dealt.items() if value is not None}
    runs = []
    if others:
        runs += train_all(
            opened,
            classifiers=others,
            embeddings=[latest_run(opened, "embedding", name=name) for name in embeddings] or None,
            split=split or OUT_OF_FOLD,
            search=search,
            names=read_names(names_file) if names_file else None,
            **division,
        )
    if recipe:
        runs.append(train_networks(opened, recipe, split=split, **division))
    click.echo(json.dumps(training_facts(opened, runs), indent=2) if as_json else training_table(opened, runs))


def training_table(workspace: "Workspace", runs: "Sequence[Run]") -> str:
    """One line a run: embedding, classifier, balanced accuracy, accuracy and macro-F1 with intervals and chance.

    Of a vote the line before names the members, which no column could hold.
    """
    from analysis.classifiers.voting import VOTE
    from data.listing import listed

    wide = max([24, *(len(run.results["embedding"]) for run in runs if run.name != VOTE)])
    head = f"{'embedding':<{wide}} {'classifier':<16} {'balanced accuracy':<30} {'accuracy':<30} macro-F1"
    lines = [head]
    for run, facts in zip(runs, training_facts(workspace, runs), strict=True):
        cells = [_cell(facts[metric], facts[chance] if chance else None) for metric, chance in SHOWN.items()]
        of = "of these" if run.name == VOTE else facts["embedding"]
        lines += [facts["embedding"]] if run.name == VOTE else []
        lines.append(f"{of:<{wide}} {run.name:<16} {cells[0]:<30} {cells[1]:<30} {cells[2]}")
        if "accuracy_any" in facts:
            given = [_cell(facts[metric], facts[chance]) for metric, chance in CREDITED.items()]
            lines.append(f"{'':<{wide}} {'any genre right':<16} {given[0]:<30} {given[1]}")
        if facts["never_predicted"]:
            lines.append(f"  never predicted: {listed(facts['never_predicted'])}")
    return "\n".join(lines)


def training_facts(workspace: "Workspace", runs: "Sequence[Run]") -> list[dict[str, Any]]:
    """For programs: of each run its id, classifier, params and results, with [value, low, high] for what is shown."""
    from analysis.evaluation.credit import any_chance
    from analysis.evaluation.predictions import read_predictions
    from analysis.evaluation.scores import score, value_of

    found = []
    for run in runs:
        predictions = read_predictions(workspace, run)
        scores = score(predictions)
        shown: dict[str, Any] = {metric: list(value_of(scores, metric)) for metric in SHOWN}
        if guess := any_chance(predictions):
            shown |= {metric: list(value_of(scores, metric)) for metric in CREDITED}
            shown |= {"any_chance": guess.majority, "balanced_any_chance": guess.balanced}
        found.append({"run_id": run.run_id, "classifier": run.name, "params": run.params, **run.results, **shown})
    return found


def _cell(numbers: Sequence[float], chance: float | None) -> str:
    interval = "{:.3f} [{:.3f}, {:.3f}]".format(*numbers)
    return interval if chance is None else f"{interval} / {chance:.3f}"
