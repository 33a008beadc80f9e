"""A small workspace, filled through the store, for the tests of the dashboard."""

import colorsys
import hashlib
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image, ImageDraw

from data.grouping.duplicates import find_duplicates
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.intake.images import perceptual_hash
from data.store.covers import collection
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace, open_workspace

# One name that a careless page would run as HTML.
GENRES = ("Ambient", "Blues", "Disco", 'Punk <script>alert("x")</script>', "Techno 🎛")
COVERS = 200
CLASSIFIERS = ("knn", "logistic")
REPEATS = 3


def draw(path: Path, genre: int, number: int) -> None:
    """A cover: a coloured ground with shapes in the manner of its genre."""
    random = np.random.default_rng([genre, number])
    ground = colorsys.hsv_to_rgb((genre / 5 + random.normal(0, 0.05)) % 1, 0.5, 0.3 + 0.5 * random.random())
    image = Image.new("RGB", (300, 300), tuple(int(255 * part) for part in ground))
    pen = ImageDraw.Draw(image)
    for _ in range(6):
        x, y, size = (int(each) for each in random.integers(20, 240, 3))
        shade = tuple(int(each) for each in random.integers(0, 255, 3))
        (pen.ellipse if genre % 2 else pen.rectangle)([x, y, x + size // 3, y + size // 3], fill=shade)
    image.save(path, quality=88)


def fill(workspace: Workspace, folder: Path) -> None:
    """Covers, and a finished run of every kind; two embeddings, with two classifiers each: out of fold, on a split."""
    rng = np.random.default_rng(7)
    genre = np.arange(COVERS) % len(GENRES)
    _import(workspace, folder, genre)
    start = collection(workspace)
    ids = np.arange(COVERS, dtype=np.int32)
    duplicates = find_duplicates(workspace)
    groups = make_groups(workspace)
    folds = make_folds(workspace, groups, folds=5, repeats=REPEATS)
    test = rng.random(COVERS) < 0.4
    split = _finish(
        workspace,
        "split",
        [start, duplicates],
        {"splits": {"cover_id": ids, "side": np.where(test, "test", "train").tolist()}},
        name="grouped",
    )
    centres = rng.normal(size=(len(GENRES), 16))
    for name, spread in (("color", 2.2), ("shapes", 1.1)):
        vectors = (centres[genre] + spread * rng.normal(size=(COVERS, 16))).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        embedding = _embed(workspace, start, duplicates, folds, name, vectors, genre)
        if name == "color":  # as classifiers were before there were folds: their results say less
            _train(workspace, embedding, split, name, genre, ids[test], rng)
        else:
            _train(workspace, embedding, folds, name, genre, np.repeat(ids, REPEATS), rng)
    with workspace.write() as con:
        con.execute("INSERT INTO rejected VALUES ('/covers/Blues/broken.jpg', 'Blues', 'truncated', 'ends early')")


def _import(workspace: Workspace, folder: Path, genre: np.ndarray) -> None:
    rows = []
    for cover_id, code in enumerate(genre):
        path = folder / f"genre{code}" / f"<i>cover & {cover_id:03d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(path, int(code), 0 if cover_id in (0, 5) else cover_id)
        content = path.read_bytes()
        metadata = json.dumps(
            {"title": f"Title & <b>{cover_id}</b>", "artist": f'The "Quotes" {cover_id}', "year": 1970 + cover_id % 50}
        )
        label = GENRES[code]
        sha256 = hashlib.sha256(content).hexdigest()
        size = (len(content), 300, 300, "RGB", "JPEG")
        rows.append([cover_id, str(path), sha256, perceptual_hash(Image.open(path)), *size, label, [label], metadata])
    with workspace.write() as con:
        con.executemany(
            f"INSERT INTO covers VALUES ({', '.join('?' * 12)}, current_timestamp::TIMESTAMP, 'first')", rows
        )


def _embed(
    workspace: Workspace,
    start: Run,
    duplicates: Run,
    folds: Run,
    name: str,
    vectors: np.ndarray,
    genre: np.ndarray,
) -> Run:
    ids = np.arange(COVERS, dtype=np.int32)
    rows = {"cover_id": ids, "vector": pa.array(list(vectors), pa.list_(pa.float32()))}
    facts = {"dimension": vectors.shape[1], "covers": COVERS, "left_out": 0}
    embedding = _finish(workspace, "embedding", [start], {"vectors": rows}, name=name, results=facts)
    similarity = vectors @ vectors.T - 2 * np.eye(COVERS, dtype=np.float32)
    nearest = np.argsort(-similarity, axis=1)[:, :20].astype(np.int32)
    near = {
        "cover_id": ids,
        "neighbor_ids": pa.array(list(nearest), pa.list_(pa.int32())),
        "similarities": pa.array(list(np.take_along_axis(similarity, nearest, 1)), pa.list_(pa.float32())),
    }
    neighbors = _finish(workspace, "neighbors", [embedding, duplicates], {"neighbors": near}, name=name)
    angle = 2 * math.pi * genre / len(GENRES)
    noise = np.random.default_rng(3).normal(0, 0.5, size=(2, COVERS))
    x, y = np.cos(angle) + noise[0], np.sin(angle) + noise[1]
    points = {"cover_id": ids, "x": x.astype(np.float32), "y": y.astype(np.float32)}
    trust = np.random.default_rng(4).uniform(0.5, 1, COVERS).astype(np.float32)
    projection = _finish(
        workspace,
        "projection",
        [neighbors],
        {"projections": {**points, "trustworthiness": trust, "continuity": trust}},
        name=name,
    )
    labels = {"cover_id": ids, "cluster": (genre - 1).astype(np.int32), "membership": trust}
    clustering = _finish(workspace, "clustering", [neighbors], {"clusters": labels}, name=name)
    if name == "shapes":
        stable = {"seeds": 10, "ari": 0.6, "clusters_low": 8, "clusters_high": 14, "map": 0.33}
        _finish(workspace, "stability", [neighbors, projection, clustering], {}, name=name, results=stable)
    same = genre[nearest] == genre[:, None]
    separability = _finish(
        workspace,
        "separability",
        [neighbors, clustering, folds],
        {"metrics": _metrics(same, genre), "curves": _curves()},
        name=name,
        results=_said(float(same.mean())),
    )
    if name == "shapes":
        _behind(workspace, neighbors, folds, separability)
    return embedding


def _behind(workspace: Workspace, neighbors: Run, folds: Run, separability: Run) -> None:
    """Membership in genres, and a tree of them in which the last two are kin."""
    rows = [("membership_separability", genre, 0.4 + i / 10, 0.3, 0.9) for i, genre in enumerate([*GENRES, None])]
    columns = ("metric", "genre", "value", "low", "high")
    metrics = {column: list(part) for column, part in zip(columns, zip(*rows, strict=True), strict=True)}
    said = {"sentence": "Blues separates best.", "several": 20, "covers": COVERS, "genres": 5, "separability": 0.5}
    _finish(workspace, "membership", [neighbors, folds], {"metrics": metrics}, name="shapes", results=said)
    tree = {
        "genres": [GENRES[code] for code in (4, 3, 0, 1, 2)],
        "names": list(GENRES),
        "left_out": [],
        "linkage": [[3, 4, 0.1, 2], [0, 1, 0.3, 2], [6, 2, 0.4, 3], [5, 7, 0.7, 5]],
        "support": [0.97, 0.4, 0.5, None],
        "heights": [[0.1, 0.05, 0.2], [0.3, 0.2, 0.4], [0.4, 0.3, 0.5], [0.7, 0.6, 0.8]],
        "cophenetic": 0.6,
        "sentence": "Nearer kin to each other than to the rest, with support: Techno 🎛 and others (97%).",
    }
    _finish(workspace, "kinship", [separability], {}, name="shapes", results=tree)


def _said(separability: float) -> dict:
    """What a separability run says of itself."""
    sentences = [
        "Blues separates best; Ambient and Disco trail and cannot be told apart.",
        "Too small for a claim: Techno 🎛.",
    ]
    return {
        "separability": separability,
        "sentences": sentences,
        "sentence": " ".join(sentences),
        "too_small": ["Techno 🎛"],
        "ignoring": [
            {"grouping": "files", "separability": 0.52, "separability_sd": 0.01, "nearest": 0.61},
            {"grouping": "picture", "separability": 0.51, "separability_sd": 0.01, "nearest": 0.6},
            {"grouping": "picture+artist", "separability": 0.43, "separability_sd": 0.01, "nearest": 0.44},
        ],
    }


def _curves() -> dict[str, list]:
    rows = [
        (curve, k, genre, k / 100 + i / 10, None, None)
        for curve in ("purity_by_k", "purity_by_k_corrected")
        for k in (1.0, 10.0)
        for i, genre in enumerate(GENRES)
    ]
    columns = ("curve", "x", "genre", "value", "low", "high")
    return {column: list(values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)}


def _metrics(same: np.ndarray, genre: np.ndarray) -> dict[str, list]:
    rows: list[tuple] = []
    for code, label in [*enumerate(GENRES), (None, None)]:
        purity = float(same.mean() if code is None else same[genre == code].mean())
        for metric, value in (("separability", purity), ("purity_above_chance", purity), ("silhouette", purity - 0.3)):
            ranks = (None, None) if code is None or metric != "separability" else (1, 3)
            tested = (None, None) if metric == "silhouette" else (0.0004, 0.002)
            rows.append((metric, label, None, value, value - 0.04, value + 0.04, *tested, *ranks))
    for i, first in enumerate(GENRES):
        for j, second in enumerate(GENRES[i + 1 :], start=i + 1):
            value = 0.1 + 0.8 * abs(math.sin(3 * i + 7 * j))
            rows.append(("separability", first, second, value, value - 0.03, value + 0.03, *[None] * 4))
    rows += [
        (metric, None, None, 0.3, 0.2, 0.4, *[None] * 4)
        for metric in ("ari", "ami", "homogeneity", "completeness", "v_measure")
    ]
    columns = [
        "metric",
        "genre",
        "other_genre",
        "value",
        "low",
        "high",
        "p_value",
        "p_adjusted",
        "rank_low",
        "rank_high",
    ]
    return {column: list(values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)}


def _train(
    workspace: Workspace,
    embedding: Run,
    division: Run,
    name: str,
    genre: np.ndarray,
    test: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Classifiers that judged the covers `test`, each as often as it stands in there, next to itself."""
    classes = sorted(GENRES)
    for skill, classifier in enumerate(CLASSIFIERS, start=1):
        noise = rng.normal(size=(len(test), len(classes)))
        scores = rng.normal(size=(COVERS, len(classes)))[test] + 0.5 * noise
        scores[np.arange(len(test)), genre[test]] += 0.8 * skill
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        rows = {
            "cover_id": test,
            "repeat": (np.arange(len(test)) - np.searchsorted(test, test)).astype(np.int16),
            "predicted": [classes[code] for code in shares.argmax(axis=1)],
            "probabilities": pa.array(list(shares.astype(np.float32)), pa.list_(pa.float32())),
        }
        facts = {
            "classes": classes,
            "embedding": name,
            "split": division.name,
            "train": 120,
            "test": len(np.unique(test)),
            "seconds": 0.1,
        }
        if division.kind == "folds":
            facts["repeats"] = REPEATS
        _finish(workspace, "classifier", [embedding, division], {"predictions": rows}, name=classifier, results=facts)


def _finish(
    workspace: Workspace, kind: str, inputs: list[Run], tables: dict, *, name: str = "", results: dict | None = None
) -> Run:
    run = start_run(workspace, kind, name=name, params={}, inputs=[run.run_id for run in inputs])
    arrow = {table: pa.table(rows) for table, rows in tables.items()}
    return finish_run(workspace, run, tables=arrow, results=results)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with 200 covers in five genres and a run of every kind; tests only read it."""
    folder = tmp_path_factory.mktemp("dashboard")
    workspace = open_workspace(folder / "workspace", create=True)
    fill(workspace, folder / "covers")
    return workspace


# What is written on the covers of `lettered`, by cover; on all others nothing.
TEXTS = {
    0: "MIDNIGHT GROOVE\nHank & the Byrnes",
    1: "The Midnights\nRock'n'Roll",
    2: "midnight\nin Malmö",
    3: "groove <midnight>",
    4: "Über den Wolken",
    5: "ZZYZX",
    8: "東京事変 LIVE",
}


@pytest.fixture(scope="session")
def lettered(filled: Workspace, letter: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same workspace after all its covers but the last were read; tests only read it."""
    folder = tmp_path_factory.mktemp("lettered") / "workspace"
    workspace = open_workspace(Path(shutil.copytree(filled.folder, folder)))
    texts = {cover_id: TEXTS.get(cover_id, "") for cover_id in range(COVERS - 1)}
    heights, languages = {0: 0.15, 1: 0.5, 2: 0.3, 3: 0.2}, {4: "de", 2: "sv", 0: "en"}
    letter(workspace, texts, heights=heights, confidence={3: 0.6}, languages=languages)
    return workspace


@pytest.fixture(scope="session")
def new_covers() -> Callable[[Workspace, int], None]:
    """Adds so many square covers of one genre to a workspace, without files."""

    def add(workspace: Workspace, count: int) -> None:
        with workspace.write() as con:
            (first,) = con.execute("SELECT count(*) FROM covers").fetchall()[0]
            con.execute(
                "INSERT INTO covers SELECT i, 'covers/' || i || '.jpg', sha256('' || i), 0, 1, 64, 64, 'RGB', 'JPEG', "
                "'Jazz', ['Jazz'], '{}', current_timestamp::TIMESTAMP, 'first' FROM range(?, ?) t(i)",
                [first, first + count],
            )

    return add
