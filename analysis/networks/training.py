"""Training networks on the covers themselves: a classifier run like any other, kept, resumed where it was killed."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.classifiers.divisions import Part, Side, divide
from analysis.classifiers.estimators.calibration import hold_out
from analysis.classifiers.judging import predictions_of
from analysis.classifiers.outcome import facts_of, prediction_rows
from analysis.networks import checkpoints
from analysis.networks.cache import cached_covers
from analysis.networks.fitting import Course, calibrate, fit_network, margins_of
from analysis.networks.kept import KIND
from analysis.networks.recipe import FASTAI, Recipe, check_fastai
from data.errors import GenrescopeError
from data.grouping.folds import FOLDS, make_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split
from data.options import OUT_OF_FOLD
from data.store.covers import read_covers
from data.store.kept import KEPT, Kept, kept_rows
from data.store.runs import Run, append_rows, current_runs, finish_run, get_run, latest_run, start_run
from data.store.workspace import Workspace
from embeddings.encoders.networks import Network, build_network, describe, to_bytes

log = logging.getLogger(__name__)

USUAL_SPLIT = "grouped"
# What stands in a run's results where those of others name an embedding.
ON_COVERS = "covers"
FORMAT = "safetensors"


@dataclass(frozen=True)
class _Fit:
    """What is known of a fit when it is done; as a file it is what a killed run of several fits goes on with."""

    description: dict[str, Any]
    content: bytes
    probabilities: np.ndarray
    course: Course
    facts: dict[str, Any]


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
    A killed training goes on after its last epoch. Raises GenrescopeError where fastai is not installed, where it is
    being trained by another process, and where weights, covers or division do not do.
    """
    check_fastai()
    recipe.check()
    snapshot = get_run(workspace, division.inputs[0])
    example = build_network(recipe.architecture, ["?"], weights=recipe.weights, size=recipe.size, seed=seed)
    if not example.weights:
        recipe = replace(recipe, frozen_epochs=0)  # nothing in a random body is worth freezing
    run = start_run(
        workspace,
        "classifier",
        name=f"{FASTAI}:{example.architecture.removeprefix('timm:')}",
        params=recipe.params(example),
        inputs=[snapshot.run_id, division.run_id],
        seed=seed,
    )
    if run.finished:
        return run
    with checkpoints.training_folder(workspace, run) as folder:
        finished = _train(workspace, run, division, replace(recipe, size=example.size), folder=folder, seed=seed)
    checkpoints.remove(folder)
    return finished


def _train(workspace: Workspace, run: Run, division: Run, recipe: Recipe, *, folder: Path, seed: int) -> Run:
    assert recipe.size is not None
    covers = read_covers(workspace, get_run(workspace, run.inputs[0]))
    cached = cached_covers(workspace, covers, size=recipe.size)
    if len(cached.left_out) == len(covers):
        reason = next(iter(cached.left_out.values()))
        raise GenrescopeError(f"none of the {len(covers):,} covers can be read ({reason}): see 'genrescope audit'")
    cover_ids = np.setdiff1d(covers.cover_id.to_numpy(), list(cached.left_out)).astype(np.int32)
    genres, groups, parts = divide(workspace, division, cover_ids)
    side = Side(cover_ids, np.zeros((len(cover_ids), 0), np.float32), genres, groups)
    fits = [
        _fit(workspace, run, side, part, cached.images, recipe, folder=folder, seed=seed, which=(i, len(parts)))
        for i, part in enumerate(parts)
    ]
    return _finish(workspace, run, division, side, parts, fits, left_out=len(cached.left_out))


def _fit(
    workspace: Workspace,
    run: Run,
    side: Side,
    part: Part,
    images: np.ndarray,
    recipe: Recipe,
    *,
    folder: Path,
    seed: int,
    which: tuple[int, int],
) -> _Fit:
    """Fit one part, or read what was done of it before."""
    file = folder / f"{part.repeat}-{part.fold}.safetensors"
    done = checkpoints.load(done_file := file.with_suffix(".done"))
    if done:
        return _restored(done)
    log.info(
        "training %s on the covers, %d of %d: %s", run.name, which[0] + 1, which[1], f"{len(part.training):,} teach"
    )
    frame = learning_frame(side.take(part.training), share=recipe.held_out, seed=seed)
    classes = sorted(set(frame.genre))
    network = build_network(
        recipe.architecture,
        classes,
        weights=recipe.weights,
        size=recipe.size,
        dropout=recipe.dropout,
        seed=seed,
    )
    course = fit_network(
        network,
        frame,
        images,
        recipe,
        file=file,
        seed=seed + 1000 * part.repeat + part.fold,
        told=lambda epoch, metrics: _tell(workspace, run, part, epoch, metrics),
    )
    found = _judge(network, frame, images, side, part, course, recipe)
    checkpoints.save(done_file, _as_state(found))
    file.unlink(missing_ok=True)
    return found


def learning_frame(training: Side, *, share: float, seed: int) -> pd.DataFrame:
    """The covers that teach, as fastai's `from_df` takes them: row, genre, held_out.

    held_out: about this share, whole groups, none of a genre with too few: they calibrate and are not learnt from.
    """
    genres = training.genres.astype(str)
    codes = np.unique(genres, return_inverse=True)[1]
    folds = round(1 / share) if share else 0
    out = hold_out(codes, training.groups, folds=folds, seed=seed) if folds else np.zeros(len(codes), bool)
    return pd.DataFrame({"row": training.cover_ids, "genre": genres, "held_out": out})


def _judge(
    network: Network, frame: pd.DataFrame, images: np.ndarray, side: Side, part: Part, course: Course, recipe: Recipe
) -> _Fit:
    """Calibrate a trained network and let it judge the part's test covers, as what is kept of it will: in float32."""
    from scipy.special import softmax

    temperature = calibrate(network, frame, images, weighted=recipe.weighted)
    margins = margins_of(network, images, side.cover_ids[part.test])
    whole = [epoch["seconds"] for epoch in course.history if epoch["whole"]]
    learnt = int((~frame.held_out).sum())
    facts = {
        "repeat": part.repeat,
        "fold": part.fold,
        "epochs": len(course.history),
        "rate": course.rate,
        "temperature": temperature,
        "held_out": int(frame.held_out.sum()),
        "covers_per_second": round(learnt / (sum(whole) / len(whole)), 1) if whole else None,
        "seconds": round(course.seconds, 1),
    }
    description = {"kind": KIND, **describe(network), "repeat": part.repeat, "fold": part.fold, "learnt": learnt}
    probabilities = softmax(margins.astype(np.float64), axis=1).astype(np.float32)
    return _Fit(description, to_bytes(network), probabilities, course, facts)


def _tell(workspace: Workspace, run: Run, part: Part, epoch: int, metrics: Mapping[str, float]) -> None:
    """Append an epoch's metrics to the unfinished run, where the app reads them."""
    rows = pa.table(
        {
            "repeat": pa.array([part.repeat] * len(metrics), pa.int16()),
            "fold": pa.array([part.fold] * len(metrics), pa.int16()),
            "epoch": pa.array([epoch] * len(metrics), pa.int16()),
            "metric": list(metrics),
            "value": pa.array(metrics.values(), pa.float64()),
        }
    )
    with workspace.write() as con:
        append_rows(con, run, "epochs", rows)


def _finish(
    workspace: Workspace,
    run: Run,
    division: Run,
    side: Side,
    parts: Sequence[Part],
    fits: Sequence[_Fit],
    left_out: int,
) -> Run:
    from analysis.networks.learner import precision

    classes = sorted({str(genre) for genre in side.genres})
    found = [_in_columns(fit, classes) for fit in fits]
    said = np.concatenate(found)
    predictions = predictions_of(side, parts, said.argmax(axis=1), said, classes)
    speeds = [fit.facts["covers_per_second"] for fit in fits if fit.facts["covers_per_second"]]
    results = {
        "embedding": ON_COVERS,
        "split": division.name,
        **facts_of(predictions, side, parts),
        "fitted": [fit.facts for fit in fits],
        "precision": precision(),
        "left_out": left_out,
        "covers_per_second": round(float(np.mean(speeds)), 1) if speeds else None,
        "seconds": round(sum(fit.facts["seconds"] for fit in fits), 1),
    }
    kept = [Kept(FORMAT, fit.description, fit.content) for fit in fits if fit.facts["repeat"] == 0]
    curves = [point for fit in fits[:1] for point in fit.course.finder]
    tables = {"predictions": prediction_rows(predictions), KEPT: kept_rows(kept)}
    return finish_run(workspace, run, tables=tables | dict(_curves(curves)), results=results)


def _in_columns(fit: _Fit, classes: Sequence[str]) -> np.ndarray:
    """Probabilities (m, c) in the columns of all genres; 0 for one that the fit's training lacked."""
    probabilities = np.zeros((len(fit.probabilities), len(classes)), np.float32)
    probabilities[:, np.searchsorted(classes, fit.description["classes"])] = fit.probabilities
    return probabilities


def _curves(points: Sequence[Sequence[float]]) -> Iterator[tuple[str, pa.Table]]:
    """The rate finder's curve of the first fit, where there is one."""
    if points:
        rates, losses = zip(*points, strict=True)
        nothing = pa.nulls(len(points), pa.float64())
        columns = {"curve": ["rate_finder"] * len(points), "x": rates, "genre": pa.nulls(len(points), pa.string())}
        yield "curves", pa.table(columns | {"value": losses, "low": nothing, "high": nothing})


def _as_state(fit: _Fit) -> dict[str, Any]:
    import torch

    return {
        "description": fit.description,
        "content": torch.frombuffer(bytearray(fit.content), dtype=torch.uint8),
        "probabilities": torch.from_numpy(fit.probabilities),
        "course": asdict(replace(fit.course, best={})),
        "facts": fit.facts,
    }


def _restored(state: Mapping[str, Any]) -> _Fit:
    content, probabilities = state["content"].numpy().tobytes(), state["probabilities"].numpy()
    return _Fit(state["description"], content, probabilities, Course(**state["course"]), state["facts"])
