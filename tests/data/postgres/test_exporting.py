"""A workspace in a real PostgreSQL: every row, its keys and comments, all or nothing, and again only what is new."""

import json
import shutil
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from data.errors import GenrescopeError
from data.postgres import exporting, rows
from data.postgres.exporting import Exported, export_to_postgres
from data.postgres.layout import Column, quoted, read_layout
from data.postgres.rows import packed
from data.store.about.set_aside import set_aside, take_back
from data.store.covers import collection
from data.store.kept import KEPT, Kept, kept_rows
from data.store.run import Run
from data.store.runs import append_rows, finish_run, start_run
from data.store.workspace import Workspace
from tests.data.postgres.conftest import PASSWORD, Server

GENRES = ["Jazz", "Jazz", "R&B 'slow' 🎷", "Rock", "Rock"]
VECTORS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


def add(workspace: Workspace, kind: str, tables: dict[str, pa.Table], **results: Any) -> Run:
    run = start_run(workspace, kind, name="x", params={"n": len(tables)}, inputs=[collection(workspace).run_id])
    return finish_run(workspace, run, tables=tables, results=results)


def embedding(vectors: np.ndarray = VECTORS) -> pa.Table:
    ids = pa.array(range(len(vectors)), pa.int32())
    return pa.table({"cover_id": ids, "vector": pa.array(vectors.tolist(), pa.list_(pa.float32()))})


@pytest.fixture(scope="module")
def filled(new_workspace: Callable[[], Workspace], enter_into: Callable[..., None]) -> Workspace:
    """Five covers and rows in tables of every kind: to be read only."""
    workspace = new_workspace()
    enter_into(workspace, GENRES, metadata=[{"artist": 'A "quoted" \\ name', "year": 1970}] * 5)
    set_aside(workspace, [4], reason="a disc")
    ids = pa.array(range(5), pa.int32())
    lists = pa.array([[0.5, float("nan")]] * 5, pa.list_(pa.float32()))
    predicted = {"cover_id": ids, "repeat": pa.array([0] * 5, pa.int16()), "predicted": GENRES, "probabilities": lists}
    kept = kept_rows([Kept("skops", {"a": [1]}, b"\x00\xff"), Kept("skops", {}, b"")])
    metrics = {"metric": ["m"] * 2, "genre": ["Jazz", None], "value": [0.1, float("nan")], "low": [None, -1.0]}
    add(workspace, "embedding", {"vectors": embedding()}, dimension=3)
    add(workspace, "classifier", {"predictions": pa.table(predicted), KEPT: kept}, loss=float("nan"), note="NaN")
    add(workspace, "separability", {"metrics": pa.table(metrics)}, ways=[1.5, float("inf")])
    return workspace


@pytest.fixture
def mine(filled: Workspace, workspace: Workspace) -> Workspace:
    """A copy of it, to be changed."""
    shutil.copyfile(filled.database, workspace.database)
    return workspace


def here(workspace: Workspace, table: str) -> list[tuple[Any, ...]]:
    with workspace.read() as con:
        found = con.sql(f"SELECT * FROM {table}").fetchall()
    return comparable(workspace, table, found)


def there(server: Server, schema: str, workspace: Workspace, table: str) -> list[tuple[Any, ...]]:
    names = [column.name for column in columns(workspace, table)]
    found = server.ask(f"SELECT {', '.join(map(quoted, names))} FROM {quoted(schema, table)}")
    return comparable(workspace, table, found)


def columns(workspace: Workspace, table: str) -> tuple[Column, ...]:
    with workspace.read() as con:
        return next(each.columns for each in read_layout(con) if each.name == table)


def comparable(workspace: Workspace, table: str, found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows in one order, JSON in one spelling: without NaN, which PostgreSQL's knows not, its keys sorted."""
    is_json = [column.kind == "jsonb" for column in columns(workspace, table)]
    rows = (tuple(_spelt(v) if js else v for v, js in zip(row, is_json, strict=True)) for row in found)
    return sorted(rows, key=repr)


def _spelt(text: str) -> str:
    return json.dumps(json.loads(text, parse_constant=lambda _: None), sort_keys=True)


def export(server: Server, workspace: Workspace, schema: str) -> Exported:
    return export_to_postgres(workspace, server.address(), schema=schema)


def test_every_row_of_every_table_arrives(server: Server, schema: str, filled: Workspace) -> None:
    done = export(server, filled, schema)
    with filled.read() as con:
        tables = [table.name for table in read_layout(con)]
    assert {name: len(here(filled, name)) for name in tables if here(filled, name)} == done.rows
    for name in tables:
        assert repr(there(server, schema, filled, name)) == repr(here(filled, name)), name
    assert PASSWORD not in repr(done) + "".join(done.lines())
    assert done.runs == 4


def test_tables_have_keys_and_comments(server: Server, schema: str, filled: Workspace) -> None:
    export(server, filled, schema)
    keys = server.ask(
        "SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = $1::regnamespace AND contype IN ('p', 'f', 'u')",
        schema,
    )
    assert (f"{schema}.vectors", "p", "PRIMARY KEY (run_id, cover_id)") in keys
    assert (f"{schema}.vectors", "f", f"FOREIGN KEY (run_id) REFERENCES {schema}.runs(run_id)") in keys
    assert (f"{schema}.metrics", "f", f"FOREIGN KEY (run_id) REFERENCES {schema}.runs(run_id)") in keys
    assert (f"{schema}.set_aside", "f", f"FOREIGN KEY (cover_id) REFERENCES {schema}.covers(cover_id)") in keys
    assert (f"{schema}.covers", "u", "UNIQUE (path)") in keys
    ((table, column),) = server.ask(
        "SELECT obj_description($1::regclass), col_description($1::regclass, 2)", f"{schema}.covers"
    )
    assert table == "one row a file"
    assert column.startswith("absolute")


def test_again_it_writes_only_what_is_new(server: Server, schema: str, mine: Workspace) -> None:
    export(server, mine, schema)
    assert export(server, mine, schema).lines()[0].endswith("nothing new")
    unfinished = start_run(mine, "embedding", name="y", params={}, inputs=[collection(mine).run_id])
    with mine.write() as con:
        append_rows(con, unfinished, "vectors", embedding())
    assert export(server, mine, schema).rows == {}
    finish_run(mine, unfinished)
    done = export(server, mine, schema)
    assert (done.rows, done.runs) == ({"runs": 1, "vectors": 5}, 1)
    assert there(server, schema, mine, "vectors") == here(mine, "vectors")


def test_covers_become_what_they_are_now(
    server: Server, schema: str, mine: Workspace, enter_into: Callable[..., None]
) -> None:
    export(server, mine, schema)
    enter_into(mine, ["Rock"] * 7, contents=range(20, 27))  # the first five paths are there
    with mine.write() as con:
        con.execute("UPDATE covers SET metadata = '{\"year\": 1971}' WHERE cover_id = 2")
    take_back(mine)
    added = len(here(mine, "covers")) - 5
    assert export(server, mine, schema).rows == {"covers": added + 1, "set_aside": 1}
    for table in ("covers", "set_aside"):
        assert there(server, schema, mine, table) == here(mine, table)


def test_it_is_read_in_pieces_and_nothing_is_lost_between(
    server: Server, schema: str, filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PIECE", 2)
    monkeypatch.setattr(rows, "BATCH", 1)
    export(server, filled, schema)
    for table in ("covers", "vectors", "predictions"):
        assert repr(there(server, schema, filled, table)) == repr(here(filled, table))


def test_an_error_half_way_leaves_nothing(server: Server, schema: str, mine: Workspace) -> None:
    add(mine, "control", {"metrics": pa.table({"metric": ["a\0b"]})})  # no text of PostgreSQL's holds a zero
    with pytest.raises(GenrescopeError, match="nothing was written") as caught:
        export(server, mine, schema)
    assert "\n" not in str(caught.value)
    assert server.ask("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema) == []


def test_who_stops_it_leaves_nothing(
    server: Server, schema: str, filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "finishing", stopped)  # when every row is there
    with pytest.raises(KeyboardInterrupt):
        export(server, filled, schema)
    assert server.ask("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema) == []


def test_an_error_of_the_workspace_is_told_as_such(
    server: Server, schema: str, filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise GenrescopeError("the disk is faulty")

    monkeypatch.setattr(rows, "_fitted", broken)
    with pytest.raises(GenrescopeError, match=r"^the disk is faulty$"):
        export(server, filled, schema)
    assert server.ask("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema) == []


def test_a_schema_may_have_any_name_that_fits(server: Server, filled: Workspace) -> None:
    odd = 'My "odd" – schema; DROP'
    try:
        assert export(server, filled, odd).rows["covers"] == 5
        assert export(server, filled, odd).rows == {}
    finally:
        server.ask(f"DROP SCHEMA {quoted(odd)} CASCADE")
    for name, told in (("", "1 to 63 bytes"), ("ü" * 32, "1 to 63 bytes"), ("pg_mine", "unacceptable schema name")):
        with pytest.raises(GenrescopeError, match=f"{told}.*--schema"):
            export(server, filled, name)


def test_another_workspace_is_not_written_over_the_first(
    server: Server, schema: str, filled: Workspace, mine: Workspace, enter_into: Callable[..., None]
) -> None:
    export(server, filled, schema)
    with mine.write() as con:
        con.execute("UPDATE covers SET sha256 = 'other' WHERE cover_id = 1")  # a copy that went its own way
    with pytest.raises(GenrescopeError, match="holds another workspace"):
        export(server, mine, schema)
    with mine.write() as con:
        con.execute("UPDATE covers SET sha256 = '1' WHERE cover_id = 1")
        con.execute("UPDATE migrations SET applied = applied + INTERVAL 1 SECOND")
    with pytest.raises(GenrescopeError, match="holds another workspace"):
        export(server, mine, schema)
    assert there(server, schema, filled, "covers") == here(filled, "covers")


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("run_id text, params jsonb", "it has no column kind"),
        ("run_id text, kind integer", "its column kind is integer, not text"),
    ],
)
def test_a_table_of_another_shape_is_left_alone(
    server: Server, schema: str, filled: Workspace, columns: str, told: str
) -> None:
    server.ask(f"CREATE SCHEMA {schema}")
    server.ask(f"CREATE TABLE {schema}.runs ({columns})")
    with pytest.raises(GenrescopeError, match=f"{schema}.runs has another shape than ours \\({told}\\).*--schema"):
        export(server, filled, schema)
    assert server.ask(f"SELECT count(*) FROM {schema}.runs") == [(0,)]


def test_vectors_that_are_text_there_are_no_vectors(server: Server, schema: str, filled: Workspace) -> None:
    server.ask(f"CREATE SCHEMA {schema}")
    server.ask(f"CREATE TABLE {schema}.vectors (run_id text, cover_id integer, vector text)")
    with pytest.raises(GenrescopeError, match=r"its column vector is text, not real\[\]"):
        export(server, filled, schema)


def test_of_two_at_once_one_writes_and_the_other_finds_it(server: Server, schema: str, filled: Workspace) -> None:
    done: list[Exported] = []
    threads = [threading.Thread(target=lambda: done.append(export(server, filled, schema))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.runs for each in done) == [0, 4]


def test_vectors_are_pgvectors_where_that_is_there(vector_server: Server, filled: Workspace, mine: Workspace) -> None:
    assert export(vector_server, filled, "before").vectors == "real[]"
    vector_server.ask("CREATE SCHEMA extensions")
    vector_server.ask("CREATE EXTENSION vector SCHEMA extensions")
    assert export(vector_server, filled, "after").vectors == "pgvector's vector"
    rows = vector_server.ask("SELECT vector::text FROM after.vectors ORDER BY cover_id")
    np.testing.assert_allclose([json.loads(row[0]) for row in rows], VECTORS, rtol=1e-6)
    nearest = "SELECT cover_id FROM after.vectors ORDER BY vector OPERATOR(extensions.<=>) $1::extensions.vector"
    lengths = np.linalg.norm(VECTORS, axis=1)
    order = np.argsort(-(VECTORS @ VECTORS[2]) / lengths)
    assert [row[0] for row in vector_server.ask(nearest, str(VECTORS[2].tolist()))] == order.tolist()
    add(mine, "embedding", {"vectors": embedding(VECTORS[:, :2]), "left_out": pa.table({"cover_id": [], "reason": []})})
    assert export(vector_server, mine, "after").rows == {"runs": 1, "vectors": 5}
    assert export(vector_server, mine, "before").rows == {"runs": 1, "vectors": 5}  # stays real[]


def test_vectors_are_packed_as_pgvector_sends_them() -> None:
    lists = pa.array([[9.0, 9.0], [1.0, -2.0], [0.5, 3.0]], pa.list_(pa.float32())).slice(1)
    first = bytes.fromhex("0002 0000 3f800000 c0000000")  # 2 numbers, unused, 1.0, -2.0
    assert packed(lists).to_pylist() == [first, bytes.fromhex("0002 0000 3f000000 40400000")]
    assert packed(lists.slice(0, 0)).to_pylist() == []
