"""A small workspace, filled through the store, for the tests of the dashboard."""

import colorsys
import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image, ImageDraw

from data.grouping.duplicates import find_duplicates
from data.intake.images import perceptual_hash
from data.store.covers import collection
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace, open_workspace

# One name that a careless page would run as HTML.
GENRES = ("Ambient", "Blues", "Disco", 'Punk <script>alert("x")</script>', "Techno 🎛")
COVERS = 200
CLASSIFIERS = ("knn", "logistic")


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
    """Covers, and a finished run of every kind, two embeddings and two classifiers."""
    rng = np.random.default_rng(7)
    genre = np.arange(COVERS) % len(GENRES)
    _import(workspace, folder, genre)
    start = collection(workspace)
    ids = np.arange(COVERS, dtype=np.int32)
    duplicates = find_duplicates(workspace)
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
        embedding = _embed(workspace, start, duplicates, name, vectors, genre)
        _train(workspace, embedding, split, name, genre, ids[test], rng)
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
            {"title": f"Title & <b>{cover_id}</b>", "artist": 'The "Quotes"', "year": 1970 + cover_id % 50}
        )
        label = GENRES[code]
        sha256 = hashlib.sha256(content).hexdigest()
        size = (len(content), 300, 300, "RGB", "JPEG")
        rows.append([cover_id, str(path), sha256, perceptual_hash(Image.open(path)), *size, label, [label], metadata])
    with workspace.write() as con:
        con.executemany(f"INSERT INTO covers VALUES ({', '.join('?' * 12)}, current_timestamp::TIMESTAMP)", rows)


def _embed(workspace: Workspace, start: Run, duplicates: Run, name: str, vectors: np.ndarray, genre: np.ndarray) -> Run:
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
    _finish(
        workspace,
        "projection",
        [neighbors],
        {"projections": {**points, "trustworthiness": trust, "continuity": trust}},
        name=name,
    )
    labels = {"cover_id": ids, "cluster": (genre - 1).astype(np.int32), "membership": trust}
    clustering = _finish(workspace, "clustering", [neighbors], {"clusters": labels}, name=name)
    same = genre[nearest] == genre[:, None]
    _finish(
        workspace, "separability", [neighbors, clustering, duplicates], {"metrics": _metrics(same, genre)}, name=name
    )
    return embedding


def _metrics(same: np.ndarray, genre: np.ndarray) -> dict[str, list]:
    rows: list[tuple] = []
    for code, label in [*enumerate(GENRES), (None, None)]:
        purity = float(same.mean() if code is None else same[genre == code].mean())
        for metric, value in (
            ("purity", purity),
            ("lift", 5 * purity),
            ("silhouette", purity - 0.3),
            ("auc", 0.5 + purity / 2),
        ):
            tested = (0.0004, 0.002) if metric != "auc" else (None, None)
            rows.append((metric, label, None, value, value - 0.04, value + 0.04, *tested))
    for i, first in enumerate(GENRES):
        for j, second in enumerate(GENRES[i + 1 :], start=i + 1):
            value = 0.55 + 0.4 * abs(math.sin(3 * i + 7 * j))
            rows.append(("auc", first, second, value, value - 0.03, min(1.0, value + 0.03), None, None))
    rows += [
        (metric, None, None, 0.3, 0.2, 0.4, None, None)
        for metric in ("ari", "ami", "homogeneity", "completeness", "v_measure")
    ]
    columns = ("metric", "genre", "other_genre", "value", "low", "high", "p_value", "p_adjusted")
    return {column: list(values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)}


def _train(
    workspace: Workspace,
    embedding: Run,
    split: Run,
    name: str,
    genre: np.ndarray,
    test: np.ndarray,
    rng: np.random.Generator,
) -> None:
    classes = sorted(GENRES)
    for skill, classifier in enumerate(CLASSIFIERS, start=1):
        scores = rng.normal(size=(len(test), len(classes)))
        scores[np.arange(len(test)), genre[test]] += 0.8 * skill
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        rows = {
            "cover_id": test,
            "repeat": np.zeros(len(test), np.int16),
            "predicted": [classes[code] for code in shares.argmax(axis=1)],
            "probabilities": pa.array(list(shares.astype(np.float32)), pa.list_(pa.float32())),
        }
        facts = {
            "classes": classes,
            "embedding": name,
            "split": "grouped",
            "train": COVERS - len(test),
            "test": len(test),
            "seconds": 0.1,
        }
        _finish(workspace, "classifier", [embedding, split], {"predictions": rows}, name=classifier, results=facts)


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
