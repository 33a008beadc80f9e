"""Export: tables as files, each row with its cover's path."""

import shutil
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
from data.store.runs import finish_run, latest_run, start_run
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
