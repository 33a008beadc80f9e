"""What a query to PostgreSQL gives, as an Arrow table of plain types."""

import pyarrow as pa

from data.postgres.connecting import transaction
from data.postgres.layout import quoted


def read_rows(address: str, query: str) -> pa.Table:
    """The rows of one SELECT (or VALUES, WITH, TABLE), read in a transaction that can change nothing.

    Numbers, truth values, dates, times and texts are what they are; all else, such as JSON, enumerations or vectors,
    comes as the text that the server makes of it, and an array of it as a list of such texts. Raises GenrescopeError
    as `transaction` does, for instance where the query is none that the server takes.
    """
    asked = query.strip().rstrip(";")
    with transaction(address, otherwise="mend the query") as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(f"SELECT * FROM (\n{asked}\n) AS covers LIMIT 0")
        columns = ", ".join(map(_plain, cursor.fetch_arrow_table().schema))
        cursor.execute(f"SELECT {columns} FROM (\n{asked}\n) AS covers")
        return cursor.fetch_arrow_table()


def _plain(field: pa.Field) -> str:
    """A column, or its text where its type is none of Arrow's own."""
    kind = field.type.value_type if pa.types.is_list(field.type) else field.type
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_string, pa.types.is_temporal)
    name = quoted(field.name)
    if any(test(kind) for test in tests):
        return name
    return f"{name}::text{'[]' if pa.types.is_list(field.type) else ''} AS {name}"
