"""Writing 100,000 vectors of 512 to PostgreSQL: `export --to`, the floor, and inserts row by row.

    python tests/benchmarks/postgres.py [COVERS [DIMENSION]]

Starts a server of its own (see tests/data/postgres/conftest.py), with fsync off, so that no disk is measured. Prints
seconds on the clock, of processor time of this process and of the server, and the ratio to the floor: the same bytes
into a file. Row by row is measured on 5,000 vectors, and said for all.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.postgres.exporting import export_to_postgres
from data.store.runs import finish_run, start_run
from data.store.workspace import Workspace, open_workspace
from embeddings.vectors import append_vectors
from tests.data.postgres.conftest import Server, folders, has_pgvector, running

ONE_BY_ONE = 5_000


def fill(workspace: Workspace, vectors: np.ndarray) -> None:
    with workspace.write() as con:
        con.execute(
            "INSERT INTO covers BY NAME SELECT i AS cover_id, '/' || i AS path, i AS sha256, 1 AS bytes, 1 AS width, "
            "1 AS height, 'RGB' AS mode, 'PNG' AS format, 'Jazz' AS genre, ['Jazz'] AS genres, '{}' AS metadata, "
            f"current_timestamp::TIMESTAMP AS imported FROM range({len(vectors)}) t(i)"
        )
    run = start_run(workspace, "embedding", name="benchmark", params={})
    for start in range(0, len(vectors), 4096):
        part = vectors[start : start + 4096]
        append_vectors(workspace, run, np.arange(start, start + len(part)), part)
    finish_run(workspace, run)


def seconds(server: Server | None, work: Callable[[], Any], *, scale: float = 1.0) -> tuple[float, float, float]:
    """Wall time, processor time here, and that of the server's processes, times `scale`."""
    started, used, theirs = time.perf_counter(), time.process_time(), of_server(server)
    work()
    wall, own = time.perf_counter() - started, time.process_time() - used
    return wall * scale, own * scale, (of_server(server) - theirs) * scale


def of_server(server: Server | None) -> float:
    """Processor seconds of the server's processes, those that ended included."""
    if server is None:
        return 0.0
    first = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
    stats = [text for file in Path("/proc").glob("[0-9]*/stat") if (text := _read(file))]
    fields = {text.split()[0]: text.rpartition(")")[2].split() for text in stats}
    ended = sum(map(int, fields[first][13:15]))
    alive = sum(int(each[11]) + int(each[12]) for pid, each in fields.items() if first in (pid, each[1]))
    return (ended + alive) / 100


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def row_by_row(server: Server, vectors: np.ndarray) -> None:
    """What one would write otherwise: a prepared INSERT a row."""
    import adbc_driver_postgresql.dbapi as dbapi

    lists = pa.array(vectors.tolist(), pa.list_(pa.float32()))
    rows = pa.table({"cover_id": pa.array(range(len(vectors)), pa.int32()), "vector": lists})
    with dbapi.connect(server.address()) as con, con.cursor() as cursor:
        cursor.execute("CREATE TABLE one_by_one (cover_id integer PRIMARY KEY, vector real[] NOT NULL)")
        for row in range(len(rows)):
            cursor.executemany("INSERT INTO one_by_one VALUES ($1, $2)", rows.slice(row, 1))
        con.commit()


def main(covers: int = 100_000, dimension: int = 512) -> None:
    vectors = np.random.default_rng(0).normal(size=(covers, dimension)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        workspace = open_workspace(Path(folder) / "workspace", create=True)
        fill(workspace, vectors)
        floor = seconds(None, lambda: np.save(Path(folder) / "vectors.npy", vectors))
        table = [("np.save (the floor)", floor)]
        with running(folders(), "PostgreSQL") as server:
            address = server.address()
            table.append(("export --to, as real[]", seconds(server, lambda: export_to_postgres(workspace, address))))
            table.append(("the same again", seconds(server, lambda: export_to_postgres(workspace, address))))
            some = vectors[:ONE_BY_ONE]
            scale = covers / len(some)
            table.append(("INSERT row by row", seconds(server, lambda: row_by_row(server, some), scale=scale)))
        programs = [each for each in folders() if has_pgvector(each)]
        if programs:
            with running(programs, "pgvector") as server:
                server.ask("CREATE EXTENSION vector")
                address = server.address()
                table.append(
                    ("export --to, as vector", seconds(server, lambda: export_to_postgres(workspace, address)))
                )
        print(f"{covers:,} x {dimension} float32, {vectors.nbytes / 1e6:.0f} MB")
        for what, (wall, own, theirs) in table:
            print(f"{what:<26}{wall:8.2f} s {own:8.2f} s here {theirs:8.2f} s server {wall / floor[0]:8.1f} x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
