"""Training networks on the covers themselves: a classifier run like any other, kept, resumed where it was killed."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.classifiers.divisions import Part, Side, divide
from analysis.classifiers.outcome import with_sets
from analysis.networks.kept import is_readable
from analysis.networks.learning import checkpoints
from analysis.networks.learning.cache import Covers, cached_covers
from analysis.networks.learning.fits import Task, fit_part
from analysis.networks.outcome import epoch_rows, kept_of, outcome_of
from analysis.networks.recipe import FASTAI, Recipe, check_fastai
from data.errors import GenrescopeError
from data.grouping.folds import FOLDS, make_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split
from data.options import OUT_OF_FOLD
from data.store.covers import read_covers, set_aside_in
from data.store.kept import replace_kept
from data.store.runs import Run, append_rows, current_runs, finish_run, get_run, latest_run, start_run
from data.store.workspace import Workspace
from embeddings.encoders.networks import build_network

log = logging.getLogger(__name__)

USUAL_SPLIT = "grouped"


def train_networks(
    workspace: Workspace,
    recipe: Recipe,
    *,
    split: str | None = None,
    group_by: Sequence[str] | None = None,
    folds: int = FOLDS,
    repeats: int = 1,
    seed: int = 42,
) -> Run:
    """Train a network on a hold-out, by default 'grouped', which is made where there is none, or out of fold.

    split: None, 'folds', or the name or run id of a hold-out. group_by, folds, repeats: as of `train_all`.
    """
    log.info("loading fastai and the network, which takes some seconds")
    check_fastai()
    if split == OUT_OF_FOLD:
        groups = make_groups(workspace, columns=group_by)
        division = make_folds(workspace, groups, folds=folds, repeats=repeats, seed=seed)
    elif group_by is not None:
        raise GenrescopeError("a hold-out has its groups: choose others with 'genrescope split --group-by'")
    else:
        division = latest_run(workspace, "split", name=split) if split else _usual_split(workspace, seed=seed)
    return train_network(workspace, division, recipe, seed=seed)


def _usual_split(workspace: Workspace, *, seed: int) -> Run:
    """The newest grouped hold-out of the covers there are now, or a new one."""
    found = [run for run in current_runs(workspace, "split") if run.name == USUAL_SPLIT]
    return found[0] if found else make_split(workspace, kind=USUAL_SPLIT, seed=seed)


def train_network(workspace: Workspace, division: Run, recipe: Recipe, *, seed: int = 42) -> Run:
    """Train a network on the covers for each part of a division; store a prediction of each cover judged.

    Named 'fastai:ARCHITECTURE'; inputs: the collection, where other classifiers have an embedding, and the division.
    Predictions, results and their names as of `classifiers.training.train`, embedding being 'covers'; also precision
    (how it was computed), left_out (covers that cannot be read), covers_per_second (learnt from, whole network) and,
    in fitted, epochs, rate, temperature. Table epochs: metrics of every epoch, as they come; curves: the rate finder's.
    Kept: the network of each part of the first repeat, as safetensors; several judge a new image by their mean.
    A killed training goes on after its last epoch. A finished run whose networks cannot be read is trained once more
    for these alone: it keeps its predictions. Raises GenrescopeError where fastai is not installed, where it is
    being trained by another process, and where weights, covers or division do not do.
    """
    check_fastai()
    recipe.check()
    run, recipe = _start(workspace, division, recipe, seed=seed)
    if run.finished and is_readable(workspace, run):
        return with_sets(workspace, run, division)
    with checkpoints.training_folder(workspace, run) as folder:
        finished = _train(workspace, run, division, recipe, folder=folder, seed=seed)
    checkpoints.remove(folder)
    return with_sets(workspace, finished, division)


def _start(workspace: Workspace, division: Run, recipe: Recipe, *, seed: int) -> tuple[Run, Recipe]:
    """The run, found or entered, and the recipe with what the network itself says: its size, and whether to freeze."""
    example = build_network(recipe.architecture, ["?"], weights=recipe.weights, size=recipe.size, seed=seed)
    # Nothing in a random body is worth freezing.
    recipe = replace(recipe, size=example.size, frozen_epochs=recipe.frozen_epochs if example.weights else 0)
    name = f"{FASTAI}:{example.architecture.removeprefix('timm:')}"
    inputs = [division.inputs[0], division.run_id]
    params = recipe.params(example)
    return start_run(workspace, "classifier", name=name, params=params, inputs=inputs, seed=seed), recipe


def _train(workspace: Workspace, run: Run, division: Run, recipe: Recipe, *, folder: Path, seed: int) -> Run:
    snapshot = get_run(workspace, run.inputs[0])
    covers, aside = read_covers(workspace, snapshot), set_aside_in(workspace, snapshot)
    cached = _cached(workspace, covers, recipe)
    side, parts = _divided(workspace, division, np.setdiff1d(covers.cover_id, [*cached.left_out, *aside]))
    task = Task(side, cached.images, recipe, folder, seed)
    fits = []
    for number, part in enumerate(parts, 1):
        teach = f"{len(part.training):,} teach"
        log.info("training %s on the covers, %d of %d: %s", run.name, number, len(parts), teach)
        fits.append(fit_part(task, part, told=lambda *told: _tell(workspace, run, *told)))
    if run.finished:
        replace_kept(workspace, run, kept_of(fits))
        return run
    tables, results = outcome_of(division, side, parts, fits, left_out=len(cached.left_out))
    return finish_run(workspace, run, tables=tables, results=results)


def _cached(workspace: Workspace, covers: pd.DataFrame, recipe: Recipe) -> Covers:
    assert recipe.size is not None
    cached = cached_covers(workspace, covers, size=recipe.size)
    if len(cached.left_out) == len(covers):
        reason = next(iter(cached.left_out.values()))
        raise GenrescopeError(f"none of the {len(covers):,} covers can be read ({reason}): see 'genrescope audit'")
    return cached


def _divided(workspace: Workspace, division: Run, cover_ids: np.ndarray) -> tuple[Side, list[Part]]:
    """These covers, without vectors, and the parts of the division among them."""
    cover_ids = cover_ids.astype(np.int32)
    genres, groups, parts = divide(workspace, division, cover_ids)
    return Side(cover_ids, np.zeros((len(cover_ids), 0), np.float32), genres, groups), parts


def _tell(workspace: Workspace, run: Run, part: Part, epoch: int, metrics: Mapping[str, float]) -> None:
    """Append an epoch's metrics to the unfinished run, where the app reads them."""
    if run.finished:
        return  # trained once more for what was kept of it: its epochs stand there
    with workspace.write() as con:
        append_rows(con, run, "epochs", epoch_rows(part, epoch, metrics))
