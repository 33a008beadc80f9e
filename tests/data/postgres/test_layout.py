"""How the tables of a workspace look in PostgreSQL: types, and comments read from the schema."""

import pytest

from data.postgres.comments import comments, read_comments
from data.postgres.layout import postgres_type, read_layout
from data.store.workspace import Workspace

SQL = """
CREATE TABLE covers (               -- one row a file
    cover_id INTEGER PRIMARY KEY,   -- never reused
    path VARCHAR UNIQUE NOT NULL
);
CREATE TABLE votes (run_id VARCHAR, cover_id INTEGER, vote FLOAT[],
    PRIMARY KEY (run_id, cover_id));   -- votes: one a cover
CREATE TABLE aside (cover_id INTEGER PRIMARY KEY);
                                       -- it's by the user's word
ALTER TABLE covers ADD COLUMN place INTEGER;   -- on the shelf
ALTER TABLE votes RENAME TO said;      -- as they came
"""


def test_comments_are_read_from_the_sql() -> None:
    assert read_comments(SQL.splitlines()) == {
        ("covers", ""): "one row a file",
        ("covers", "cover_id"): "never reused",
        ("votes", ""): "votes: one a cover",
        ("aside", ""): "it's by the user's word",
        ("covers", "place"): "on the shelf",
        ("said", ""): "as they came",
    }


def test_every_table_has_a_type_for_each_column_a_word_and_a_place_after_those_it_refers_to(
    workspace: Workspace,
) -> None:
    with workspace.read() as con:
        layout = read_layout(con)
    assert {table.name for table in layout[:2]} == {"covers", "runs"}
    assert [table.name for table in layout if not comments().get((table.name, ""))] == []
    assert {key for key in comments() if key[1]} <= {(t.name, name) for t in layout for name in t.names}
    tables = {table.name: table for table in layout}
    assert tables["folds"].key == ("run_id", "cover_id", "repeat")
    assert tables["covers"].unique == ("path",)
    assert [c.kind for c in tables["covers"].columns if c.name in ("genres", "metadata")] == ["text[]", "jsonb"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("FLOAT[512]", "real[]"), ("VARCHAR[][]", "text[][]"), ("DOUBLE", "double precision"), ("JSON", "jsonb")],
)
def test_types(theirs: str, ours: str) -> None:
    assert postgres_type(theirs) == ours


def test_a_type_that_is_not_known_is_named() -> None:
    with pytest.raises(ValueError, match="STRUCT"):
        postgres_type("STRUCT(a INTEGER)")
