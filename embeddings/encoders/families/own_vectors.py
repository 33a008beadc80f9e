"""`vectors:FILE`: the user's own vectors, from an .npy or Parquet file, matched to the covers."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import BadVectors, GenrescopeError
from data.store.runs import Run
from data.store.workspace import Workspace
from embeddings.encoders.encoder import Encoder
from embeddings.encoders.weights import sha256_of
from embeddings.vectors import append_vectors

log = logging.getLogger(__name__)

# Columns that say whose vector it is, the surest first: cover_ids mean something in one workspace only.
KEYS = ("sha256", "path", "file", "cover_id")
NO_VECTOR = "no vector in the file"
# Vectors stored in one transaction.
ROWS = 10_000


class OwnVectors(NamedTuple):
    """Vectors (m, d), and the column of KEYS that names their covers; without one, row i is cover i."""

    vectors: np.ndarray
    key: str | None
    names: list[Any]


class Matched(NamedTuple):
    """Vectors (m, d), and for each cover the row of its vector (n,), -1 where it has none."""

    vectors: np.ndarray
    row_of: np.ndarray


def is_own(name: str) -> bool:
    """Whether this is the name of the user's own vectors."""
    return name.startswith("vectors:")


def make(name: str, *, weights: Path | None = None, preprocessing: str = "whole") -> Encoder:
    """An encoder for the vectors in a file: it has a dimension, but cannot encode any image.

    An .npy file holds an array (covers, dimension), row i for cover i; or, with a .csv of the same name beside it,
    for the cover in its row i ('genrescope export vectors FILE.npy' writes both). A Parquet file has a column
    of lists of numbers. The covers are named by a column sha256, path or file (absolute, or its last parts), or
    cover_id. Raises GenrescopeError when the file is neither.
    """
    if weights is not None:
        raise GenrescopeError(f"{name} has no weights: leave out --weights {name}=...")

    def refuse(_: object) -> NoReturn:
        raise GenrescopeError(f"{name} holds vectors of covers only: no other image can be compared with them")

    file = _file(name)
    dimension = read_own(file).vectors.shape[1]
    params = {"vectors": sha256_of(file), "dimension": dimension, "preprocessing": preprocessing}
    return Encoder(name=name, dimension=dimension, params=params, prepare=refuse, encode=refuse)


def match(name: str, covers: pd.DataFrame) -> Matched:
    """Read the file of `vectors:FILE` and find each cover's row in it.

    Rows that match no cover are counted in the log. Raises BadVectors when none match, and when a cover is named twice.
    """
    file = _file(name)
    own = read_own(file)
    return Matched(own.vectors, _rows_of_covers(own, covers, file))


def store(workspace: Workspace, run: Run, matched: Matched) -> np.ndarray:
    """Store the vectors of a run `vectors:FILE`, and return the cover_ids that have none."""
    cover_ids = np.flatnonzero(matched.row_of >= 0)
    for start in range(0, len(cover_ids), ROWS):
        part = cover_ids[start : start + ROWS]
        append_vectors(workspace, run, part, matched.vectors[matched.row_of[part]])
    return np.flatnonzero(matched.row_of < 0)


def read_own(file: Path) -> OwnVectors:
    """The vectors in an .npy or Parquet file; raises GenrescopeError, or BadVectors when it holds something else."""
    if not file.is_file():
        raise GenrescopeError(f"there is no file {file}: write vectors:FILE with the path of an .npy or Parquet file")
    try:
        own = _read_parquet(file) if file.suffix == ".parquet" else _read_npy(file)
        if not np.isfinite(own.vectors).all():
            raise ValueError("it holds NaN or infinity")
        return own
    except (OSError, ValueError, pa.ArrowInvalid) as error:
        reason = str(error).partition("\n")[0]
        raise BadVectors(f"{file} is no .npy or Parquet file of vectors: {reason}") from error


def _rows_of_covers(own: OwnVectors, covers: pd.DataFrame, file: Path) -> np.ndarray:
    if own.key is None and len(own.vectors) != len(covers):
        raise BadVectors(
            f"{file} has {len(own.vectors)} rows for {len(covers)} covers and nothing that says whose they are: put a "
            f".csv of the same name with a column path beside it, or use Parquet with one of {', '.join(KEYS)}"
        )
    row_of = np.full(len(covers), -1)
    unmatched = []
    for row, cover_ids in enumerate(_covers_of_rows(own, covers)):
        if (row_of[cover_ids] >= 0).any():
            raise BadVectors(f"{file} names cover {own.names[row]} twice, in rows {row_of[cover_ids].max()} and {row}")
        row_of[cover_ids] = row
        if not cover_ids:
            unmatched.append(str(own.names[row]))
    if len(unmatched) == len(own.vectors):
        raise BadVectors(f"{file} names no cover of this workspace in its column {own.key}: '{unmatched[0]}' is none")
    if unmatched:
        log.warning("%s: %d rows match no single cover, such as '%s'", file.name, len(unmatched), unmatched[0])
    return row_of


def _covers_of_rows(own: OwnVectors, covers: pd.DataFrame) -> Iterable[list[int]]:
    """The cover_ids that each row names: all with that content, or the only one whose path ends like that."""
    if own.key in (None, "cover_id"):
        return ([int(name)] if 0 <= int(name) < len(covers) else [] for name in own.names)
    if own.key == "sha256":
        by_content = covers.groupby("sha256")["cover_id"].agg(list).to_dict()
        return (by_content.get(name, []) for name in own.names)
    names = [PurePath(str(name)).parts for name in own.names]
    by_ending: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for cover_id, path in zip(covers["cover_id"], covers["path"], strict=True):
        parts = PurePath(path).parts
        for length in {len(name) for name in names}:
            by_ending[parts[-length:]].append(cover_id)
    return (by_ending[name] if len(by_ending[name]) == 1 else [] for name in names)


def _file(name: str) -> Path:
    return Path(name.removeprefix("vectors:")).expanduser()


def _read_npy(file: Path) -> OwnVectors:
    vectors = np.load(file, allow_pickle=False)
    if vectors.ndim != 2 or vectors.dtype.kind not in "fiu":
        raise ValueError(f"an array (covers, dimension) of numbers is expected, not {vectors.shape} of {vectors.dtype}")
    beside = file.with_suffix(".csv")
    if not beside.is_file():
        return OwnVectors(vectors, None, list(range(len(vectors))))
    table = pd.read_csv(beside)
    key = _key(list(table), beside)
    if len(table) != len(vectors):
        raise ValueError(f"{beside.name} beside it has {len(table)} rows, not {len(vectors)}")
    return OwnVectors(vectors, key, table[key].tolist())


def _read_parquet(file: Path) -> OwnVectors:
    table = pq.read_table(file)
    lists = [field.name for field in table.schema if _is_vector(field.type)]
    if len(lists) != 1:
        raise ValueError(f"one column with lists of numbers is expected, there are {', '.join(lists) or 'none'}")
    column = table[lists[0]].combine_chunks()
    lengths = {len(vector) for vector in column if vector.is_valid}
    if column.null_count or len(lengths) != 1:
        raise ValueError(f"the vectors in column {lists[0]} are of different lengths")
    vectors = column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1)
    key = _key(table.column_names, file)
    return OwnVectors(vectors, key, table[key].to_pylist())


def _is_vector(kind: pa.DataType) -> bool:
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return is_list and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type))


def _key(columns: list[str], file: Path) -> str:
    for key in KEYS:
        if key in columns:
            return key
    raise ValueError(f"{file.name} has none of the columns {', '.join(KEYS)} to say whose the vectors are")
