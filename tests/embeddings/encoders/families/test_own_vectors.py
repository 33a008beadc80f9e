"""The user's own vectors: .npy and Parquet files, matched to the covers."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from data.errors import BadVectors, GenrescopeError
from data.store.covers import collection, read_covers
from data.store.runs import find_runs
from data.store.workspace import Workspace
from embeddings.embed import embed
from embeddings.encoders.encoder import embed_image
from embeddings.encoders.registry import get_encoder
from embeddings.vectors import read_vectors

VECTORS = np.random.default_rng(0).normal(size=(30, 6)).astype(np.float32)
Names = Callable[[pd.DataFrame], list]


@pytest.fixture
def covers(filled: Workspace) -> pd.DataFrame:
    return read_covers(filled, collection(filled))


def parquet(file: Path, /, **columns: list) -> str:
    pq.write_table(pa.table({**columns, "vector": VECTORS[: len(next(iter(columns.values())))].tolist()}), file)
    return f"vectors:{file}"


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_npy_row_i_is_cover_i(filled: Workspace, tmp_path: Path, dtype: type) -> None:
    np.save(tmp_path / "own.npy", VECTORS.astype(dtype))
    run = embed(filled, f"vectors:{tmp_path / 'own.npy'}")
    cover_ids, vectors = read_vectors(filled, run)
    assert cover_ids.tolist() == list(range(30))
    np.testing.assert_array_equal(vectors, VECTORS.astype(dtype).astype(np.float32))
    assert run.finished
    assert run.results["dimension"] == 6
    assert run.results["left_out"] == 0


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("path", lambda covers: covers["path"]),
        ("path", lambda covers: ["/".join(path.split("/")[-2:]) for path in covers["path"]]),
        ("file", lambda covers: [path.rpartition("/")[2] for path in covers["path"]]),
        ("cover_id", lambda covers: covers["cover_id"]),
    ],
)
def test_parquet_is_matched_by_name(
    filled: Workspace, covers: pd.DataFrame, tmp_path: Path, key: str, names: Names
) -> None:
    order = np.random.default_rng(1).permutation(30)
    name = parquet(tmp_path / "own.parquet", **{key: [list(names(covers))[cover_id] for cover_id in order]})
    vectors = read_vectors(filled, embed(filled, name))[1]
    np.testing.assert_array_equal(vectors[order], VECTORS)


def test_a_hash_names_all_covers_with_that_content(filled: Workspace, covers: pd.DataFrame, tmp_path: Path) -> None:
    distinct = covers.drop_duplicates("sha256")
    run = embed(filled, parquet(tmp_path / "own.parquet", sha256=distinct["sha256"].tolist()))
    cover_ids, vectors = read_vectors(filled, run)
    assert len(cover_ids) == 30
    twins = covers.groupby("sha256")["cover_id"].agg(list)
    for first, second in twins[twins.map(len) == 2]:
        np.testing.assert_array_equal(vectors[first], vectors[second])


def test_a_csv_beside_an_npy_names_the_covers(filled: Workspace, covers: pd.DataFrame, tmp_path: Path) -> None:
    """As 'genrescope export vectors own.npy' writes them; the ids are another workspace's, the paths count."""
    order = np.random.default_rng(1).permutation(30)[:20]
    np.save(tmp_path / "own.npy", VECTORS[:20])
    pd.DataFrame({"cover_id": range(20), "path": covers["path"][order]}).to_csv(tmp_path / "own.csv", index=False)
    run = embed(filled, f"vectors:{tmp_path / 'own.npy'}")
    cover_ids, vectors = read_vectors(filled, run)
    assert cover_ids.tolist() == sorted(order.tolist())
    np.testing.assert_array_equal(vectors, VECTORS[np.argsort(order)])
    assert run.results["left_out"] == 10
    with filled.read() as con:
        reasons = con.execute("SELECT DISTINCT reason FROM left_out WHERE run_id = ?", [run.run_id]).fetchall()
    assert reasons == [("no vector in the file",)]


def test_rows_that_match_nothing_are_counted(
    filled: Workspace, covers: pd.DataFrame, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths = [*covers["path"][:10], "nowhere/1.jpg", "nowhere/2.jpg"]
    with caplog.at_level(logging.WARNING):
        run = embed(filled, parquet(tmp_path / "own.parquet", path=paths))
    assert "2 rows match no single cover, such as 'nowhere/1.jpg'" in caplog.text
    assert run.results["covers"] == 10


def test_an_ambiguous_ending_matches_nothing(filled: Workspace, covers: pd.DataFrame, tmp_path: Path) -> None:
    """One file of that name in each genre: the name alone does not say which."""
    other = tmp_path / "covers" / "punk" / "001.png"
    Image.new("RGB", (9, 9), "red").save(other)
    from data.intake.importing import import_covers

    import_covers(filled, tmp_path / "covers")
    run = embed(filled, parquet(tmp_path / "own.parquet", file=["001.png", "002.png"]))
    assert run.results["covers"] == 1


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("own.npy", lambda file: np.save(file, VECTORS[:7]), "7 rows for 30 covers"),
        ("own.npy", lambda file: np.save(file, VECTORS[0]), "array .covers, dimension. of numbers is expected"),
        ("own.npy", lambda file: np.save(file, np.array([[{}]]), allow_pickle=True), "no .npy or Parquet file"),
        ("own.npy", lambda file: file.write_bytes(b"rubbish"), "no .npy or Parquet file"),
        ("own.parquet", lambda file: file.write_bytes(b"rubbish"), "no .npy or Parquet file"),
        ("own.parquet", lambda file: parquet(file, cover_id=[3, 3]), "names cover 3 twice, in rows 0 and 1"),
        ("own.parquet", lambda file: parquet(file, path=["x.jpg"]), "names no cover of this workspace"),
        ("own.parquet", lambda file: parquet(file, title=["x"]), "none of the columns sha256, path, file, cover_id"),
        (
            "own.parquet",
            lambda file: pq.write_table(pa.table({"cover_id": [0, 1], "vector": [[1.0], [1.0, 2.0]]}), file),
            "of different lengths",
        ),
        ("own.parquet", lambda file: pq.write_table(pa.table({"cover_id": [0]}), file), "lists of numbers is expected"),
        ("own.npy", lambda file: np.save(file, np.full((30, 2), np.nan)), "NaN"),
    ],
)
def test_unfit_files_are_refused_in_one_line(
    filled: Workspace, tmp_path: Path, name: str, write: Callable[[Path], None], message: str
) -> None:
    write(tmp_path / name)
    with pytest.raises(BadVectors, match=message) as refused:
        embed(filled, f"vectors:{tmp_path / name}")
    assert "\n" not in str(refused.value)
    assert find_runs(filled, "embedding", finished=False) == [], "nothing is begun"


def test_a_missing_file(filled: Workspace) -> None:
    with pytest.raises(GenrescopeError, match=r"there is no file nowhere\.npy"):
        embed(filled, "vectors:nowhere.npy")


def test_other_images_cannot_be_compared_with_them(tmp_path: Path) -> None:
    np.save(tmp_path / "own.npy", VECTORS)
    encoder = get_encoder(f"vectors:{tmp_path / 'own.npy'}")
    assert encoder.dimension == 6
    with pytest.raises(GenrescopeError, match="no other image can be compared"):
        embed_image(encoder, Image.new("RGB", (9, 9)))
