"""What the pages read from a workspace: the only SQL of the dashboard.

Finished runs never change, so what is read of one is cached by its run id, as long as this is the same database. Covers
are cached by what tells them from any others. The list of runs is read again when the database file has changed.
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np

from data.store.about.set_aside import read_set_aside
from data.store.disk.remembered import remembered, stamp
from data.store.runs import Run, find_runs
from data.store.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Covers:
    """All covers as columns; index = cover_id. `genre` holds codes into `genres`, which is sorted."""

    sha256: np.ndarray
    path: np.ndarray
    genre: np.ndarray
    genres: tuple[str, ...]
    counts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.sha256)

    def genre_of(self, cover_id: int) -> str:
        """Primary genre of a cover."""
        return self.genres[self.genre[cover_id]]


@dataclass(frozen=True)
class Cover:
    """Everything known about one cover; `metadata` is whatever came along at the import."""

    cover_id: int
    path: str
    sha256: str
    genre: str
    genres: tuple[str, ...]
    width: int
    height: int
    mode: str
    format: str
    bytes: int
    metadata: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Projection:
    """The map: one row a cover, ascending cover_id; trustworthiness may be NaN."""

    cover_ids: np.ndarray
    x: np.ndarray
    y: np.ndarray
    trustworthiness: np.ndarray


@dataclass(frozen=True)
class Metric:
    """One number of a separability run with its 95 % interval; genre None is over all genres; rank 0 is none."""

    metric: str
    genre: str | None
    other_genre: str | None
    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_adjusted: float | None
    rank_low: int = 0
    rank_high: int = 0


def runs(workspace: Workspace) -> tuple[Run, ...]:
    """Every run, finished or not, newest first."""
    return _runs(workspace, stamp(workspace))


def covers(workspace: Workspace) -> Covers:
    """The covers as they are now."""
    return _covers(workspace, version(workspace))


def cover(workspace: Workspace, cover_id: int) -> Cover | None:
    """One cover, None when there is none with this id."""
    return _cover(workspace, cover_id, version(workspace))


def version(workspace: Workspace) -> tuple[int, int]:
    """What tells the covers as they are now from any others: how many there are, and a hash over all of them."""
    return _version(workspace, stamp(workspace))


@lru_cache(maxsize=8)
def _version(workspace: Workspace, stamp: Sequence[Any]) -> tuple[int, int]:  # noqa: ARG001
    query = "SELECT count(*), coalesce(bit_xor(hash(cover_id, path, sha256, genres, metadata)), 0) FROM covers"
    return _rows(workspace, query)[0]


@lru_cache(maxsize=4096)
def _cover(workspace: Workspace, cover_id: int, version: tuple[int, int]) -> Cover | None:  # noqa: ARG001
    fields = [field.name for field in dataclasses.fields(Cover)]
    rows = _rows(workspace, f"SELECT {', '.join(fields)} FROM covers WHERE cover_id = ?", cover_id)
    if not rows:
        return None
    columns = dict(zip(fields, rows[0], strict=True))
    return Cover(**{**columns, "genres": tuple(columns["genres"]), "metadata": json.loads(columns["metadata"])})


def find_covers(workspace: Workspace, text: str, *, limit: int = 240) -> list[int]:
    """Ids of covers with this text in their file name, genres or metadata, whatever the case; at most `limit`."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    found = (
        "SELECT cover_id FROM covers WHERE concat_ws(' ', parse_filename(path), array_to_string(genres, ' '), "
        "array_to_string(json_extract_string(metadata, '$.*'), ' ')) ILIKE $1 ESCAPE '\\' ORDER BY cover_id LIMIT $2"
    )
    return [row[0] for row in _rows(workspace, found, pattern, limit)]


def set_aside(workspace: Workspace) -> dict[int, str]:
    """The covers that the user has set aside, each with the reason."""
    return _set_aside(workspace, stamp(workspace))


def rejected(workspace: Workspace) -> int:
    """How many files were left out at import."""
    return _count(workspace, "rejected", stamp(workspace))


@remembered(maxsize=16)
def projection(workspace: Workspace, run_id: str) -> Projection:
    """Coordinates and trustworthiness of a projection run."""
    columns = _columns(workspace, "cover_id, x, y, trustworthiness", "projections", run_id)
    trust = np.ma.filled(np.ma.masked_invalid(columns["trustworthiness"]).astype(np.float32), np.nan)
    return Projection(columns["cover_id"], columns["x"], columns["y"], trust)


@remembered(maxsize=16)
def clusters(workspace: Workspace, run_id: str) -> tuple[np.ndarray, np.ndarray]:
    """Of a clustering run: cover_ids ascending, and the cluster of each; -1 is noise."""
    columns = _columns(workspace, "cover_id, cluster", "clusters", run_id)
    return columns["cover_id"], columns["cluster"]


@remembered(maxsize=64)
def metrics(workspace: Workspace, run_id: str) -> tuple[Metric, ...]:
    """The numbers of a separability run."""
    found = (
        "SELECT metric, genre, other_genre, value, low, high, p_value, p_adjusted, coalesce(rank_low, 0), "
        "coalesce(rank_high, 0) FROM metrics WHERE run_id = ?"
    )
    return tuple(Metric(*row) for row in _rows(workspace, found, run_id))


@dataclass(frozen=True)
class CurvePoint:
    """One point of a curve that an answer's dependence is shown by; genre None is over all."""

    curve: str
    x: float
    genre: str | None
    value: float | None
    low: float | None
    high: float | None


@remembered(maxsize=64)
def curves(workspace: Workspace, run_id: str) -> tuple[CurvePoint, ...]:
    """The curves of a run, in order of x."""
    found = "SELECT curve, x, genre, value, low, high FROM curves WHERE run_id = ? ORDER BY curve, genre, x"
    return tuple(CurvePoint(*row) for row in _rows(workspace, found, run_id))


@dataclass(frozen=True)
class Epoch:
    """What was measured after an epoch of a network, finished or still learning: metric by name."""

    repeat: int
    fold: int
    epoch: int
    metrics: Mapping[str, float]


def epochs(workspace: Workspace, run_id: str) -> tuple[Epoch, ...]:
    """The epochs of a run so far, in order."""
    return _epochs(workspace, run_id, stamp(workspace))


@lru_cache(maxsize=16)
def _epochs(workspace: Workspace, run_id: str, stamp: Sequence[Any]) -> tuple[Epoch, ...]:  # noqa: ARG001
    found = (
        "SELECT repeat, fold, epoch, list(metric), list(value) FROM epochs WHERE run_id = ? "
        "GROUP BY repeat, fold, epoch ORDER BY repeat, fold, epoch"
    )
    rows = _rows(workspace, found, run_id)
    return tuple(
        Epoch(repeat, fold, epoch, dict(zip(names, values, strict=True))) for repeat, fold, epoch, names, values in rows
    )


def _rows(workspace: Workspace, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with workspace.read() as con:
        return con.execute(query, list(values)).fetchall()


def _columns(workspace: Workspace, columns: str, table: str, run_id: str) -> dict[str, np.ndarray]:
    with workspace.read() as con:
        return con.execute(f"SELECT {columns} FROM {table} WHERE run_id = ? ORDER BY cover_id", [run_id]).fetchnumpy()


@lru_cache(maxsize=8)
def _runs(workspace: Workspace, stamp: Sequence[Any]) -> tuple[Run, ...]:  # noqa: ARG001
    found = find_runs(workspace) + find_runs(workspace, finished=False)
    return tuple(sorted(found, key=lambda run: run.started or datetime.min, reverse=True))


@lru_cache(maxsize=8)
def _count(workspace: Workspace, table: str, stamp: Sequence[Any]) -> int:  # noqa: ARG001
    with workspace.read() as con:
        return con.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0]


@lru_cache(maxsize=8)
def _set_aside(workspace: Workspace, stamp: Sequence[Any]) -> dict[int, str]:  # noqa: ARG001
    return read_set_aside(workspace)


@lru_cache(maxsize=4)
def _covers(workspace: Workspace, version: tuple[int, int]) -> Covers:
    with workspace.read() as con:
        columns = con.execute(
            "SELECT sha256, path, genre FROM covers WHERE cover_id < ? ORDER BY cover_id", [version[0]]
        ).fetchnumpy()
    labels = columns["genre"].tolist()
    tally = Counter(labels)
    genres = tuple(sorted(tally))
    code = {genre: i for i, genre in enumerate(genres)}
    return Covers(
        sha256=columns["sha256"],
        path=columns["path"],
        genre=np.array([code[label] for label in labels], dtype=np.int16),
        genres=genres,
        counts=tuple(tally[genre] for genre in genres),
    )
