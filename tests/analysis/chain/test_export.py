"""Export: tables as files, each row with its cover's path."""

import csv
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from analysis.chain.export import TABLES, export, read_table
from data.errors import GenrescopeError
from data.intake.importing import import_covers
from data.store.covers import collection
from data.store.runs import Run, finish_run, latest_run, start_run
from data.store.workspace import Workspace, open_workspace

VECTORS = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.25], [0.0, -1.0, 0.125]], dtype=np.float32)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three covers of oddly named files, and an embedding of them: to be read only."""
    folder = tmp_path_factory.mktemp("export")
    covers = folder / "covers" / "Jazz, cool"
    covers.mkdir(parents=True)
    for i in range(3):
        Image.new("RGB", (8, 8), (80 * i, 10, 10)).save(covers / f'{i} "quoted" 🎷.png')
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, folder / "covers")
    run = start_run(workspace, "embedding", name="color", params={}, inputs=[collection(workspace).run_id])
    rows = pa.table({"cover_id": pa.array([0, 1, 2], pa.int32()), "vector": VECTORS.tolist()})
    finish_run(workspace, run, tables={"vectors": rows}, results={"dimension": 3})
    return workspace


@pytest.fixture
def changed(shared: Workspace, workspace: Workspace) -> Workspace:
    """A copy of it, for a test that adds runs."""
    shutil.copyfile(shared.database, workspace.database)
    return workspace


def test_covers_go_to_csv_and_come_back(shared: Workspace, tmp_path: Path) -> None:
    assert export(shared, "covers", tmp_path / "covers.csv") == 3
    rows = duckdb.sql(f"SELECT path, genre FROM read_csv('{tmp_path}/covers.csv') ORDER BY path").fetchall()
    assert rows[0][0].endswith('0 "quoted" 🎷.png')
    assert rows[0][1] == "Jazz, cool"


def test_vectors_keep_their_numbers_in_every_format(shared: Workspace, tmp_path: Path) -> None:
    for name in ("v.csv", "v.parquet", "v.npy"):
        assert export(shared, "vectors", tmp_path / name, run="color") == 3
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), VECTORS)
    parquet = duckdb.sql(f"SELECT vector, path, genre FROM read_parquet('{tmp_path}/v.parquet')").fetchall()
    np.testing.assert_array_equal([row[0] for row in parquet], VECTORS)
    assert all(Path(row[1]).exists() for row in parquet)


def test_csv_has_a_column_a_dimension(shared: Workspace, tmp_path: Path) -> None:
    export(shared, "vectors", tmp_path / "v.csv")
    rows = duckdb.sql(f"SELECT v0, v1, v2 FROM read_csv('{tmp_path}/v.csv') ORDER BY cover_id").fetchnumpy()
    np.testing.assert_allclose(np.column_stack([rows["v0"], rows["v1"], rows["v2"]]), VECTORS)


def test_npy_says_which_cover_a_row_is(shared: Workspace, tmp_path: Path) -> None:
    export(shared, "vectors", tmp_path / "v.npy")
    rows = duckdb.sql(f"SELECT cover_id, path FROM read_csv('{tmp_path}/v.csv')").fetchall()
    assert [row[0] for row in rows] == [0, 1, 2]


@pytest.mark.parametrize(
    ("table", "name", "run", "words"),
    [
        ("songs", "x.csv", None, "no table 'songs'"),
        ("covers", "x.xlsx", None, ".csv or .parquet"),
        ("covers", "x.npy", None, ".csv or .parquet"),
        ("covers", "nowhere/x.csv", None, "no folder"),
        ("map", "x.csv", None, "none yet"),
        ("vectors", "x.csv", "clip", "there are color"),
    ],
)
def test_mistakes_are_explained(
    shared: Workspace, tmp_path: Path, table: str, name: str, run: str | None, words: str
) -> None:
    with pytest.raises(GenrescopeError, match=words):
        export(shared, table, tmp_path / name, run=run)


def test_two_embeddings_do_not_fit_one_npy(changed: Workspace, tmp_path: Path) -> None:
    other = start_run(changed, "embedding", name="other", params={}, inputs=latest_run(changed, "embedding").inputs)
    finish_run(changed, other, results={"dimension": 3})
    with pytest.raises(GenrescopeError, match="name one with --run"):
        export(changed, "vectors", tmp_path / "v.npy")


def test_every_table_can_be_queried(changed: Workspace, tmp_path: Path) -> None:
    embedding = latest_run(changed, "embedding")
    for kind in {kind for kind, _ in TABLES.values()} - {"collection", "embedding"}:
        params = {"search": "quick"}  # only searches have a table of theirs
        finish_run(changed, start_run(changed, kind, name="x", params=params, inputs=[embedding.run_id]))
    for table in TABLES:
        for ending in ("csv", "parquet"):
            assert export(changed, table, tmp_path / f"{table}.{ending}") == (
                3 if table in ("covers", "vectors") else 0
            )


def test_a_notebook_gets_the_same_table_with_the_covers_paths(shared: Workspace) -> None:
    covers, vectors = read_table(shared, "covers"), read_table(shared, "vectors", run="color")
    assert list(vectors.path) == list(covers.path)
    assert vectors.genre[0] == "Jazz, cool"
    np.testing.assert_array_equal(np.stack(list(vectors.vector)), VECTORS)
    by_run = read_table(shared, "vectors", run=latest_run(shared, "embedding"))
    assert by_run.run_id.tolist() == vectors.run_id.tolist()


@pytest.mark.parametrize(("table", "run", "told"), [("cover", None, "no table"), ("map", None, "no map to export")])
def test_a_table_that_is_not_there_is_explained(shared: Workspace, table: str, run: str | None, told: str) -> None:
    with pytest.raises(GenrescopeError, match=told):
        read_table(shared, table, run=run)


FORMULAS = ["=1+1", "+1", "-5", "@SUM(A1)", "Jazz"]


@pytest.fixture(scope="module")
def formulas(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Covers of genres that spreadsheets would compute, on a map left of its middle: to be read only."""
    folder = tmp_path_factory.mktemp("formulas")
    for number, genre in enumerate(FORMULAS):
        (folder / "covers" / genre).mkdir(parents=True)
        Image.new("RGB", (8, 8), (50 * number, 10, 10)).save(folder / "covers" / genre / "a.png")
    workspace = open_workspace(folder / "workspace", create=True)
    import_covers(workspace, folder / "covers")
    ids = pa.array(range(5), pa.int32())
    run = start_run(workspace, "projection", name="=cmd", params={}, inputs=[collection(workspace).run_id])
    finish_run(workspace, run, tables={"projections": pa.table({"cover_id": ids, "x": [-0.5] * 5, "y": [1.5] * 5})})
    near = pa.table({"cover_id": ids, "neighbor_ids": [[1, 2]] * 5, "similarities": [[-0.25, -0.5]] * 5})
    finish_run(workspace, start_run(workspace, "neighbors", params={}, inputs=run.inputs), tables={"neighbors": near})
    return workspace


def cells(workspace: Workspace, table: str, file: Path, *, raw: bool = False) -> list[dict[str, str]]:
    assert export(workspace, table, file, raw=raw) == 5
    with file.open(newline="") as opened:
        return sorted(csv.DictReader(opened), key=lambda row: int(row["cover_id"]))


def test_no_cell_of_a_csv_is_a_formula_and_numbers_are_numbers(formulas: Workspace, tmp_path: Path) -> None:
    rows = cells(formulas, "map", tmp_path / "map.csv")
    texts = [value for row in rows for name, value in row.items() if name not in ("x", "y", "cover_id")]
    assert not [text for text in texts if text[:1] in tuple("=+-@\t\r\n") and text]
    assert {row["genre"] for row in rows} == {"'=1+1", "'+1", "'-5", "'@SUM(A1)", "Jazz"}
    assert {(row["name"], float(row["x"])) for row in rows} == {("'=cmd", -0.5)}
    assert {row["similarities"] for row in cells(formulas, "neighbors", tmp_path / "n.csv")} == {"-0.25 -0.5"}
    assert {row["genres"] for row in cells(formulas, "covers", tmp_path / "c.csv")} >= {"'=1+1", "Jazz"}


def test_raw_csv_and_parquet_hold_what_is_stored(formulas: Workspace, tmp_path: Path) -> None:
    assert {row["genre"] for row in cells(formulas, "map", tmp_path / "map.csv", raw=True)} == set(FORMULAS)
    export(formulas, "map", tmp_path / "map.parquet")
    rows = duckdb.sql(f"SELECT genre FROM '{tmp_path}/map.parquet'").fetchall()
    assert {genre for (genre,) in rows} == set(FORMULAS)


@pytest.mark.parametrize("name", ["v.csv", "v.parquet", "v.npy"])
def test_a_file_that_cannot_be_written_leaves_the_one_that_was_there(
    shared: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).write_text("before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, limits[1]))
    try:
        with pytest.raises(GenrescopeError, match=f"cannot write .*{name} .*make room") as caught:
            export(shared, "vectors", tmp_path / name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "\n" not in str(caught.value)
    assert ".part" not in str(caught.value)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "before"


def test_words_and_texts_are_tables(changed: Workspace, tmp_path: Path, letter: Callable[..., Run]) -> None:
    letter(changed, {0: "=LOVE me\nDO", 1: "", 2: "Für Elise"}, languages={2: "de"})
    assert export(changed, "texts", tmp_path / "texts.csv") == 3
    assert export(changed, "words", tmp_path / "words.csv") == 5
    rows = list(csv.DictReader((tmp_path / "words.csv").open(encoding="utf-8")))
    assert [row["word"] for row in rows] == ["'=LOVE", "me", "DO", "Für", "Elise"]
    assert [row["line"] for row in rows] == ["0", "0", "1", "0", "0"]
    np.testing.assert_allclose(
        np.fromstring(rows[1]["box"], sep=" "), [0.05, 0, 0.15, 0, 0.15, 0.1, 0.05, 0.1], atol=1e-6
    )
    texts = read_table(changed, "texts")
    assert texts.text.tolist() == ["=LOVE me\nDO", "", "Für Elise"]
    assert texts.language.tolist() == ["", "", "de"]
    assert read_table(changed, "words").place.tolist() == [0, 1, 2, 0, 1]
