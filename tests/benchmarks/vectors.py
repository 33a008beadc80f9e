"""Reading and writing 100,000 x 512 vectors: ours, the floor, and what one would do otherwise.

    python tests/benchmarks/vectors.py [COVERS [DIMENSION]]

Prints seconds on the clock and of processor time (of all cores together; it says more where the machine is busy
with something else), the least of three, and the ratio to copying the array in memory.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from data.store.runs import Run, start_run
from data.store.workspace import Workspace, open_workspace
from embeddings.vectors import append_vectors, read_vectors

QUERY = "SELECT cover_id, vector FROM vectors ORDER BY cover_id"


def seconds(work: Callable[[], Any], *, times: int = 3) -> tuple[float, float]:
    """The least wall time and the least processor time of some calls."""
    walls, processors = [], []
    for _ in range(times):
        started, used = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - started)
        processors.append(time.process_time() - used)
    return min(walls), min(processors)


def write(workspace: Workspace, run: Run, vectors: np.ndarray) -> None:
    for start in range(0, len(vectors), 4096):
        part = vectors[start : start + 4096]
        append_vectors(workspace, run, np.arange(start, start + len(part)), part)


def fetchall(workspace: Workspace) -> np.ndarray:
    with workspace.read() as con:
        return np.array([vector for _, vector in con.sql(QUERY).fetchall()], np.float32)


def dataframe(workspace: Workspace) -> np.ndarray:
    with workspace.read() as con:
        return np.stack(con.sql(QUERY).df()["vector"].to_numpy())


def main(covers: int = 100_000, dimension: int = 512) -> None:
    vectors = np.random.default_rng(0).normal(size=(covers, dimension)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        workspace = open_workspace(Path(folder) / "workspace", create=True)
        run = start_run(workspace, "embedding", name="benchmark", params={})
        file = Path(folder) / "vectors.npy"
        written = seconds(lambda: write(workspace, run, vectors), times=1)
        saved = seconds(lambda: np.save(file, vectors), times=1)
        assert (read_vectors(workspace, run)[1] == vectors).all()
        floor = seconds(vectors.copy)
        table = [
            ("copy in memory (the floor)", floor),
            ("np.load of an .npy file", seconds(lambda: np.load(file))),
            ("read_vectors", seconds(lambda: read_vectors(workspace, run))),
            ("con.sql(...).df(), np.stack", seconds(lambda: dataframe(workspace), times=1)),
            ("con.sql(...).fetchall()", seconds(lambda: fetchall(workspace), times=1)),
            ("np.save", saved),
            ("append_vectors, 4,096 at a time", written),
        ]
        print(f"{covers:,} x {dimension} float32, {vectors.nbytes / 1e6:.0f} MB")
        for what, (wall, processor) in table:
            print(f"{what:<34}{wall:8.3f} s {processor:8.3f} s processor {wall / floor[0]:8.1f} x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
