"""What the tables and columns of the store are, in words: read from the comments of the schema itself."""

import re
from collections.abc import Iterable
from functools import lru_cache

from data.store.disk.schema import MIGRATIONS

# What `schema.migrate` makes itself.
_OURS = {("migrations", ""): "changes of these tables that the workspace has seen"}

_TABLE = re.compile(r"^CREATE TABLE (\w+)")
_ALTERED = re.compile(r"^ALTER TABLE (\w+) (?:ADD COLUMN (\w+)|RENAME TO (\w+))")
# A line that holds one column alone: what is said there is said of it.
_COLUMN = re.compile(r"^ {4}([a-z]\w*) [A-Z][^,]*,?\s*$")


@lru_cache(maxsize=1)
def comments() -> dict[tuple[str, str], str]:
    """{(table, column): text}, with '' for the column in what is said of a whole table."""
    return _OURS | read_comments(line for script in MIGRATIONS for line in script.splitlines())


def read_comments(lines: Iterable[str]) -> dict[tuple[str, str], str]:
    """What SQL comments ('-- ...') say of tables and columns; see `comments`.

    A comment beside one column is that column's, any other the table's whose statement stands there or just before.
    """
    found: dict[tuple[str, str], str] = {}
    table = ""
    for line in lines:
        code, _, text = line.partition("--")
        column = ""
        if made := _TABLE.match(code):
            table = made[1]
        elif altered := _ALTERED.match(code):
            table, column = altered[3] or altered[1], altered[2] or ""
        elif alone := _COLUMN.match(code):
            column = alone[1]
        if text.strip():
            found[table, column] = "; ".join(filter(None, [found.get((table, column)), text.strip()]))
    return found
