"""Every callback of every page, on workspaces of every odd shape: none may fail, and none may write."""

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from analysis.classifiers.training import train
from analysis.geometry.neighbors import build_neighbors
from analysis.separability.separability import measure_separability
from dashboard.app import PAGES, create_app
from dashboard.reading import chains
from data.auditing.audit import audit
from data.grouping import duplicates
from data.grouping.folds import make_folds
from data.grouping.groups import make_groups
from data.intake.importing import import_covers
from data.store.runs import Run, finish_run, start_run
from data.store.workspace import Workspace
from embeddings.embed import embed
from tests.dashboard.driving import open_page

LETTERED = [
    ("/map", "?color=lettering&lettering=contrast&lettered=with&written=midnight"),
    ("/map", "?color=lettering&lettering=language&lettered=without&language=de&cover=0&boxes=on"),
    ("/map", "?color=lettering&lettering=script&written=%22&language=nowhere"),
    ("/map", "?color=lettering&lettering=nonsense&lettered=nonsense"),
    ("/search", "?written=%22midnight+groove%22"),
    ("/search", "?written=midnigth+%27%29%3B+DROP+TABLE+words%3B+--&query=a"),
    ("/search", "?written=%25&cover=0&boxes=nonsense"),
]
ADDRESSES = [
    ("/", ""),
    ("/map", ""),
    ("/map", "?cover=3"),
    ("/map", "?color=cluster&genres=Jazz"),
    ("/map", "?color=predicted&cover=0"),
    ("/map", "?color=right"),
    ("/map", "?color=trust&genres=nowhere"),
    ("/map", "?color=agreement&beside=none"),
    ("/separability", ""),
    ("/separability", "?metric=silhouette&pair=Jazz&pair=R.+%26+B."),
    ("/separability", "?metric=purity_above_chance&pair=nowhere&pair=Jazz"),
    ("/separability", "?order=kin"),
    ("/classifiers", ""),
    ("/classifiers", "?order=kin&values=shares"),
    ("/classifiers", "?values=shares&pair=Jazz&pair=Jazz"),
    ("/classifiers", "?pair=nowhere&pair=Jazz&classifier=none&other=none&only=first"),
    ("/search", ""),
    ("/search", "?cover=2"),
    ("/search", "?query=a"),
    ("/search", "?words=a+horse&embedding=none"),
    ("/search", "?liked=0&liked=99999&disliked=3&across=genres&cover=2"),
    ("/search", "?liked=2&disliked=1&across=nonsense"),
    ("/map", "?liked=2&cover=2"),
    ("/audit", ""),
    ("/audit", "?cover=99999&shown=1"),
    *LETTERED,
]


@contextmanager
def only_reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody may open a workspace for writing."""

    def refuse(*_: Any) -> None:
        raise AssertionError("the dashboard writes to the workspace")

    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "write", refuse)
        yield


def upload() -> str:
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(content, "PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


def import_genres(workspace: Workspace, folder: Path, **counts: int) -> None:
    """Noise as covers, so many of each genre."""
    dice = np.random.default_rng(5)
    for name, count in counts.items():
        genre = folder / name.replace("_", ". ")  # 'R. & B.' holds what ends a sentence
        genre.mkdir(parents=True)
        for number in range(count):
            pixels = dice.integers(0, 256, (12, 12, 3), dtype=np.uint8)
            Image.fromarray(pixels).resize((96, 96)).save(genre / f"{number}.png")
    import_covers(workspace, folder)


def analyze(workspace: Workspace) -> tuple[Run, Run]:
    """The chain from embedding to separability, but for the layouts, which take longer than all the rest."""
    embedding = embed(workspace, "color")
    neighbors = build_neighbors(workspace, embedding)
    ids = np.arange(len(chains.queries.covers(workspace)), dtype=np.int32)
    flat = np.zeros(len(ids), np.float32)
    place = {"cover_id": ids, "x": flat, "y": flat, "trustworthiness": flat + np.nan, "continuity": flat}
    labels = {"cover_id": ids, "cluster": np.where(ids % 2, 0, -1).astype(np.int32), "membership": flat}
    finish(workspace, "projection", neighbors, projections=place)
    clustering = finish(workspace, "clustering", neighbors, clusters=labels)
    folds = make_folds(workspace, make_groups(workspace))
    measure_separability(workspace, neighbors, clustering, folds, resamples=20, permutations=20)
    return embedding, folds


def finish(workspace: Workspace, kind: str, parent: Run, **tables: dict[str, Any]) -> Run:
    run = start_run(workspace, kind, name=parent.name, params={}, inputs=[parent.run_id])
    return finish_run(workspace, run, tables={name: pa.table(rows) for name, rows in tables.items()})


def empty(workspace: Workspace, folder: Path) -> None:
    pass


def imported(workspace: Workspace, folder: Path) -> None:
    import_genres(workspace, folder, Jazz=4, Rock=4)


def embedded(workspace: Workspace, folder: Path) -> None:
    imported(workspace, folder)
    embed(workspace, "color")
    build_neighbors(workspace, embed(workspace, "color"))


def one_genre(workspace: Workspace, folder: Path) -> None:
    import_genres(workspace, folder, Jazz=8)
    analyze(workspace)


def all_too_small(workspace: Workspace, folder: Path) -> None:
    import_genres(workspace, folder, Jazz=6, **{"R_& B.": 3, "Rock": 1})
    embedding, folds = analyze(workspace)
    for name in ("knn", "logistic"):
        train(workspace, name, embedding, folds)
    audit(workspace)


def visit(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address of an app, none of which may fail or write."""
    client = create_app(workspace).server.test_client()
    with only_reading(monkeypatch):
        for path, search in ADDRESSES:
            page = {"map_selection__data": [0, 1, 2]} if path == "/map" else {}
            page |= {"search_upload__contents": upload()} if path == "/search" else {}
            assert open_page(client, path, search, **page)


@pytest.mark.parametrize("fill", [empty, imported, embedded, one_genre])
def test_every_callback_answers_and_writes_nothing(
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fill: Callable[[Workspace, Path], None],
) -> None:
    fill(workspace, tmp_path / "covers")
    visit(workspace, monkeypatch)


@pytest.mark.slow
def test_they_do_where_all_genres_are_too_small_and_when_covers_came_along(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_too_small(workspace, tmp_path / "first")
    visit(workspace, monkeypatch)
    import_genres(workspace, tmp_path / "second", Aria=3)
    visit(workspace, monkeypatch)


def test_the_audit_reads_what_an_older_version_grouped(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parameters of today would be another run, which only `genrescope audit` may compute."""
    import_genres(workspace, tmp_path, Jazz=3, Rock=2)
    make_groups(workspace)
    monkeypatch.setattr(duplicates, "PARAMS", {"bits": 64})
    with only_reading(monkeypatch):
        assert "5 covers are 5 independent groups" in open_page(create_app(workspace).server.test_client(), "/audit")


def test_two_classifiers_and_every_embedding_answer(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app(filled).server.test_client()
    first, second = chains.classifiers(filled, chains.chains(filled)[0])
    compared = f"?classifier={first.run_id}&other={second.run_id}"
    with only_reading(monkeypatch):
        for page in PAGES:
            for chain in chains.chains(filled):
                assert open_page(client, page.PATH, f"?embedding={chain.embedding.run_id}&cover=7")
        for search in (compared, f"{compared}&only=second", f"{compared}&pair=Blues&pair=Disco"):
            assert open_page(client, "/classifiers", search)


def test_every_address_of_the_lettering_answers(lettered: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app(lettered).server.test_client()
    with only_reading(monkeypatch):
        for path, search in LETTERED:
            assert open_page(client, path, search)


def test_it_does_where_nothing_is_written_on_any_cover(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, letter: Callable[..., Run]
) -> None:
    embedded(workspace, tmp_path)
    letter(workspace, dict.fromkeys(range(8), ""))
    client = create_app(workspace).server.test_client()
    with only_reading(monkeypatch):
        for path, search in LETTERED:
            assert open_page(client, path, search)
