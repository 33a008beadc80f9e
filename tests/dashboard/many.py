"""A workspace with many genres, filled through the store from drawn numbers: runs as they would be, without a chain."""

import json
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.store.covers import collection
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace

COVERS, REPEATS, DIMENSIONS, NEAR = 4, 3, 8, 20
# Genres that are measured in pairs.
PAIRED = 60


def fill_many(workspace: Workspace, genres: int) -> None:
    """COVERS covers of each genre, an embedding with a map, separability, a tree, and two classifiers."""
    names = [f"Genre & {number:04d} of many" for number in range(genres)]
    genre = np.repeat(np.arange(genres), COVERS)
    dice = np.random.default_rng(8)
    _covers(workspace, names, genre)
    groups = make_groups(workspace)
    folds = make_folds(workspace, groups, folds=3, repeats=REPEATS)
    ids = np.arange(len(genre), dtype=np.int32)
    vectors = (dice.normal(size=(genres, DIMENSIONS))[genre] + dice.normal(size=(len(genre), DIMENSIONS))).astype("f4")
    embedding = _finish(
        workspace,
        "embedding",
        [collection(workspace)],
        {"vectors": {"cover_id": ids, "vector": _lists(vectors)}},
        results={"dimension": DIMENSIONS, "covers": len(ids), "left_out": 0},
    )
    near = dice.integers(0, len(ids), (len(ids), NEAR)).astype(np.int32)
    lists = {"cover_id": ids, "neighbor_ids": _lists(near), "similarities": _lists(np.full(near.shape, 0.5, "f4"))}
    neighbors = _finish(workspace, "neighbors", [embedding], {"neighbors": lists})
    place = {"cover_id": ids, "x": vectors[:, 0], "y": vectors[:, 1], "trustworthiness": np.full(len(ids), 0.9, "f4")}
    _finish(workspace, "projection", [neighbors], {"projections": place | {"continuity": place["trustworthiness"]}})
    clusters = {"cover_id": ids, "cluster": (genre % 9).astype(np.int32), "membership": place["trustworthiness"]}
    clustering = _finish(workspace, "clustering", [neighbors], {"clusters": clusters})
    separability = _separability(workspace, names, [neighbors, clustering, folds])
    _kinship(workspace, names[:PAIRED], separability)
    for skill, name in enumerate(("knn", "logistic")):
        _train(workspace, name, names, genre, [embedding, folds], skill)


def _covers(workspace: Workspace, names: list[str], genre: np.ndarray) -> None:
    dice = np.random.default_rng(9)
    rows = pa.table(
        {
            "cover_id": np.arange(len(genre), dtype=np.int32),
            "path": [f"/covers/{code}/{row}.jpg" for row, code in enumerate(genre)],
            "sha256": [dice.bytes(32).hex() for _ in genre],
            "phash": [dice.bytes(32).hex() for _ in genre],
            "genre": [names[code] for code in genre],
        }
    )
    with workspace.write() as con:
        con.register("drawn", rows)
        con.execute(
            "INSERT INTO covers SELECT cover_id, path, sha256, phash, 1000, 300, 300, 'RGB', 'JPEG', genre, [genre], "
            "'{}', current_timestamp::TIMESTAMP, 'first' FROM drawn"
        )


def _separability(workspace: Workspace, names: list[str], inputs: list[Run]) -> Run:
    rows: list[tuple[Any, ...]] = []
    for metric in ("separability", "purity_above_chance", "silhouette"):
        for place, name in enumerate([*names, None]):
            value = 0.9 - place / (2 * len(names))
            rows.append((metric, name, None, value, value - 0.2, min(value + 0.1, 1.0)))
    pairs = combinations(names[:PAIRED], 2)
    rows += [("separability", one, other, 0.2 + 0.0001 * i, 0.1, 0.9) for i, (one, other) in enumerate(pairs)]
    columns = ("metric", "genre", "other_genre", "value", "low", "high")
    table = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
    ignoring = [{"grouping": name, "separability": 0.5, "separability_sd": 0.01, "nearest": 0.5} for name in "abc"]
    said = {"separability": 0.6, "sentences": ["None is sure."], "sentence": "None is sure.", "too_small": names[1:]}
    curves = {
        "curve": ["purity_by_k"] * 2 * len(names),
        "x": [1.0, 10.0] * len(names),
        "genre": [name for name in names for _ in range(2)],
        "value": [0.5] * 2 * len(names),
    }
    return _finish(
        workspace, "separability", inputs, {"metrics": table, "curves": curves}, results=said | {"ignoring": ignoring}
    )


def _kinship(workspace: Workspace, names: list[str], separability: Run) -> None:
    """A tree that takes in one genre after the other."""
    count = len(names)
    linkage = [[0 if not i else count + i - 1, i + 1, 0.1 + i / count, i + 2] for i in range(count - 1)]
    tree = {
        "genres": names,
        "names": names,
        "left_out": [],
        "linkage": linkage,
        "support": [*[0.5] * (count - 2), None],
        "heights": [[0.5, 0.4, 0.6]] * (count - 1),
        "cophenetic": 0.9,
        "sentence": "No genres are shown to be nearer kin than others.",
    }
    _finish(workspace, "kinship", [separability], {}, results=tree)


def _train(workspace: Workspace, name: str, names: list[str], genre: np.ndarray, inputs: list[Run], skill: int) -> None:
    dice = np.random.default_rng(skill)
    ids = np.repeat(np.arange(len(genre), dtype=np.int32), REPEATS)
    scores = dice.normal(size=(len(ids), len(names))).astype("f4")
    scores[np.arange(len(ids)), genre[ids]] += 2 + skill
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    rows = {
        "cover_id": ids,
        "repeat": np.tile(np.arange(REPEATS, dtype=np.int16), len(genre)),
        "predicted": [names[code] for code in shares.argmax(axis=1)],
        "probabilities": _lists(shares),
    }
    facts = {
        "classes": names,
        "embedding": "color",
        "split": "folds",
        "train": 10,
        "test": len(genre),
        "repeats": REPEATS,
    }
    _finish(
        workspace,
        "classifier",
        inputs,
        {"predictions": rows},
        name=name,
        results=facts | {"train": 10, "test": len(genre), "seconds": 0.1},
    )


def _lists(values: np.ndarray) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1]).cast(
        pa.list_(pa.from_numpy_dtype(values.dtype))
    )


def _finish(
    workspace: Workspace,
    kind: str,
    inputs: list[Run],
    tables: dict[str, Any],
    *,
    name: str = "color",
    results: dict[str, Any] | None = None,
) -> Run:
    run = start_run(workspace, kind, name=name, params={}, inputs=[run.run_id for run in inputs])
    arrow = {table: pa.table(rows) for table, rows in tables.items()}
    return finish_run(workspace, run, tables=arrow, results=json.loads(json.dumps(results or {})))
