"""A workspace with two embeddings, analyzed and classified, whose names a careless page would run as HTML."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from analysis.classifiers.training import train
from analysis.geometry.clustering import cluster
from analysis.geometry.neighbors import build_neighbors
from analysis.geometry.projection import project
from analysis.separability.separability import measure_separability
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.grouping.splits import make_split
from data.intake.images import write_thumbnail
from data.store.covers import collection
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace
from embeddings.vectors import append_vectors

SCRIPT = '<script>alert("x")</script>'
GENRES = ("Folk", f"Punk {SCRIPT}", "R&B 50%_a\\b{}")
COVERS = 120


def add_covers(workspace: Workspace) -> None:
    """120 covers of three genres with a thumbnail each; 117 to 119 are the files of 0 to 2 again."""
    rows = []
    for i in range(COVERS):
        picture, genre = i % 117, GENRES[i % 3]
        metadata = json.dumps({"title": f"Title {i} {SCRIPT}", "year": 1970})
        rows.append([i, f"/covers/{i}.jpg", f"{picture:064}", genre, metadata])
        write_thumbnail(workspace, f"{picture:064}", Image.new("RGB", (60, 60), (2 * picture, 80, 60)))
    with workspace.write() as con:
        con.executemany(
            "INSERT INTO covers BY NAME SELECT $1 AS cover_id, $2 AS path, $3 AS sha256, NULL AS phash, 9 AS bytes, "
            "60 AS width, 60 AS height, 'RGB' AS mode, 'JPEG' AS format, $4 AS genre, [$4] AS genres, "
            "$5 AS metadata, current_timestamp::TIMESTAMP AS imported",
            rows,
        )
        con.execute("INSERT INTO rejected VALUES (?, 'Folk', 'truncated', 'ends early')", [f"/secret/{SCRIPT}.jpg"])


def embed(workspace: Workspace, name: str, apart: float) -> Run:
    """Vectors as gaussians, so far apart; the finished embedding run."""
    ids = np.arange(COVERS)
    run = start_run(workspace, "embedding", name=name, params={}, inputs=[collection(workspace).run_id])
    noise = np.random.default_rng(1).normal(size=(117, 16))
    append_vectors(workspace, run, ids, (apart * np.eye(16)[ids % 117 % 3] + noise[ids % 117]).astype(np.float32))
    return finish_run(workspace, run, results={"dimension": 16, "covers": COVERS, "left_out": 0})


def measure(workspace: Workspace, embedding: Run) -> None:
    """Graph, map, clusters and separability of an embedding."""
    folds = make_folds(workspace, make_groups(workspace))
    neighbors = build_neighbors(workspace, embedding)
    project(workspace, neighbors)
    clusters = cluster(workspace, neighbors)
    measure_separability(workspace, neighbors, clusters, folds, resamples=200, permutations=19)


@pytest.fixture(scope="session")
def partly(new_workspace: Callable[[], Workspace]) -> Callable[..., Workspace]:
    """Makes a workspace with covers and, of one embedding, the steps that are named: embed, analyze, train."""

    def make(*steps: str) -> Workspace:
        workspace = new_workspace()
        add_covers(workspace)
        if steps:
            embedding = embed(workspace, "far", 2.5)
        if "analyze" in steps:
            measure(workspace, embedding)
        if "train" in steps:
            train(workspace, "logistic", embedding, make_folds(workspace, make_groups(workspace)))
        return workspace

    return make


@pytest.fixture(scope="session")
def full(partly: Callable[..., Workspace]) -> Workspace:
    """Two embeddings, `far` and `near`, analyzed, with classifiers out of fold and on a split; tests only read it."""
    workspace = partly("embed", "analyze", "train")
    near = embed(workspace, "near", 0.8)
    measure(workspace, near)
    folds = make_folds(workspace, make_groups(workspace))
    for classifier in ("knn", "logistic"):
        train(workspace, classifier, near, folds)
    train(workspace, "logistic", near, make_split(workspace))
    return workspace
