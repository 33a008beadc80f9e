"""Groups: covers that are no independent evidence, joined once and taken by everything that counts.

Neighbours, folds, splits, resamples, permutations and comparisons all read the same groups run: covers that show the
same picture, and covers with the same value in a metadata column, such as the artist. See docs/methods.md.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from data.errors import GenrescopeError
from data.grouping.duplicates import find_duplicates, join_groups, read_groups
from data.store.covers import collection, counting
from data.store.runs import Outcome, Run, ancestor, compute_run, get_run
from data.store.workspace import Workspace

# The columns that are taken where nobody names others: covers of one artist share a house style.
USUAL = ("artist",)
# The column whose equal values are one sleeve, its back and its other editions: always one group.
SLEEVE = "release_group_id"
# Values that name nobody: covers with one of these have nothing in common.
NOBODY = (
    "",
    "-",
    "?",
    "n/a",
    "none",
    "unknown",
    "unknown artist",
    "[unknown]",
    "various",
    "various artists",
    "v/a",
    "va",
)


def make_groups(workspace: Workspace, *, columns: Sequence[str] | None = None) -> Run:
    """Group the covers by picture and by metadata columns, or find the groups: rows in the table groups.

    columns: metadata columns whose equal values (case and outer blanks aside) make covers one group, also over
    several steps; by default USUAL, as far as there are such columns; an empty sequence leaves the near-duplicates
    alone. Covers without a value, or with one of NOBODY, are bound by their picture only; and by the sleeve (SLEEVE),
    whatever is named: a back says whose front it belongs to.
    The name of the run says what it joins: 'picture', 'picture+artist'. Results: columns, groups, largest (covers of
    the largest group), joined (covers in groups of two or more), by_picture (groups there would be by picture alone).
    Raises GenrescopeError for a column that no cover has.
    """
    covers, duplicates = collection(workspace), find_duplicates(workspace)
    there = metadata_columns(workspace, covers.params["covers"])
    wanted = usual_columns(workspace, covers) if columns is None else sorted(set(columns))
    sleeve = [SLEEVE] if SLEEVE in there and SLEEVE not in wanted else []
    for name in wanted:
        if name not in there:
            known = ", ".join(there) or "none, import them from a table"
            raise GenrescopeError(f"no cover has a metadata column '{name}': there are: {known}")
    return compute_run(
        workspace,
        "groups",
        lambda: _compute(workspace, duplicates, [*wanted, *sleeve], counting(workspace, covers)),
        name="+".join(["picture", *wanted]),
        params={"columns": wanted, "nobody": NOBODY} | ({"sleeve": SLEEVE} if sleeve else {}),
        inputs=[covers.run_id, duplicates.run_id],
    )


def chosen_columns(values: Sequence[str]) -> list[str] | None:
    """The columns that `--group-by` names, for `make_groups`: None without one, no column for 'none'."""
    return [value for value in values if value != "none"] if values else None


def read_group_ids(workspace: Workspace, run: Run) -> np.ndarray:
    """Group of each cover, int32 (n,), indexed by cover_id and named by the smallest cover_id in it.

    run: a groups run, or any run that has one among its inputs. One without (from before there were groups) counts
    the near-duplicates that it was made with.
    """
    if run.kind == "duplicates":
        return read_groups(workspace, run)[1]
    if run.kind != "groups":
        return read_group_ids(workspace, groups_behind(workspace, run))
    with workspace.read() as con:
        rows = con.sql("SELECT group_id FROM groups WHERE run_id = ? ORDER BY cover_id", params=[run.run_id])
        return rows.to_arrow_table()["group_id"].to_numpy()


def groups_behind(workspace: Workspace, run: Run) -> Run:
    """The nearest groups run that a run was made from, else duplicates run; raises RunNotFound without either."""
    return ancestor(workspace, run, "groups", "duplicates")


def groups_of_each(codes: np.ndarray, groups: np.ndarray, *, genres: int = 0) -> np.ndarray:
    """In how many groups each genre has covers, (c,), c at least `genres`; codes, groups (n,): each cover's."""
    pairs = np.unique(np.stack([codes, groups]), axis=1)
    return np.bincount(pairs[0].astype(int), minlength=genres)


def duplicates_behind(workspace: Workspace, run: Run) -> Run:
    """The duplicates run that the groups of a run were made of."""
    groups = groups_behind(workspace, run)
    return groups if groups.kind == "duplicates" else get_run(workspace, groups.inputs[1])


def usual_columns(workspace: Workspace, covers: Run) -> list[str]:
    """The columns of a collection that are taken where nobody names others."""
    return [name for name in USUAL if name in metadata_columns(workspace, covers.params["covers"])]


def metadata_columns(workspace: Workspace, covers: int) -> list[str]:
    """Names of the metadata columns that came along with the first so many covers, sorted."""
    with workspace.read() as con:
        rows = con.execute(
            "SELECT DISTINCT unnest(json_keys(metadata)) AS name FROM covers WHERE cover_id < ? ORDER BY name", [covers]
        ).fetchall()
    return [name for (name,) in rows]


def _compute(workspace: Workspace, duplicates: Run, columns: Sequence[str], counts: np.ndarray) -> Outcome:
    _, near = read_groups(workspace, duplicates)
    groups = join_groups(near, *(same_value(workspace, column, len(near)) for column in columns))
    sizes = np.bincount(groups[counts])[groups[counts]]
    results = {
        "columns": list(columns),
        "groups": len(np.unique(groups[counts])),
        "largest": int(sizes.max()),
        "joined": int((sizes > 1).sum()),
        "by_picture": len(np.unique(near[counts])),
    }
    rows = pa.table({"cover_id": np.arange(len(groups), dtype=np.int32), "group_id": groups})
    return {"groups": rows}, results


def same_value(workspace: Workspace, column: str, n: int) -> np.ndarray:
    """For each of the first n covers the first one with the same value in this metadata column, else itself: (n,)."""
    path = "/" + column.replace("~", "~0").replace("/", "~1")  # a JSON pointer: a path takes '*' for any name
    with workspace.read() as con:
        rows = con.sql(
            r"""WITH named AS (SELECT cover_id,
                lower(regexp_replace(json_extract_string(metadata, ?), '^\s+|\s+$', '', 'g')) AS value
                FROM covers WHERE cover_id < ?)
            SELECT if(value IS NULL OR list_contains(?, value), cover_id,
                min(cover_id) OVER (PARTITION BY value)) AS first FROM named ORDER BY cover_id""",
            params=[path, n, list(NOBODY)],
        ).to_arrow_table()
    return rows["first"].to_numpy()
