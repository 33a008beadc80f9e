"""Tables of a workspace as files: CSV, Parquet, and vectors as .npy, each row with its cover's path."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd

from data.errors import GenrescopeError
from data.store.disk.whole import whole
from data.store.runs import Run, current_runs, get_run
from data.store.workspace import Workspace
from data.texts import FORMULA

ROWS = "metric, t.genre, other_genre, value, low, high, p_value, p_adjusted, rank_low, rank_high"
# What each exported table is made of: the kind of its runs, and the columns beside run and cover.
TABLES = {
    "covers": ("collection", ""),
    "duplicates": ("duplicates", "exact_group, near_group"),
    "groups": ("groups", "group_id"),
    "folds": ("folds", "repeat, fold"),
    "splits": ("split", "side"),
    "vectors": ("embedding", "vector"),
    "neighbors": ("neighbors", "neighbor_ids, similarities"),
    "map": ("projection", "x, y, trustworthiness, continuity"),
    "clusters": ("clustering", "cluster, membership"),
    "predictions": ("classifier", "repeat, predicted, probabilities"),
    "prediction_sets": ("sets", "likely, p_values"),
    "searches": ("classifier", "repeat, fold, candidate, t.params, metric, value, chosen"),
    "epochs": ("classifier", "repeat, fold, epoch, metric, value"),
    "metrics": ("separability", ROWS),
    "memberships": ("membership", ROWS),
    "controls": ("control", "metric, t.genre, value, low, high, p_value, p_adjusted"),
    "confounds": ("confound", "metric, t.genre, value, low, high, p_value, p_adjusted"),
    "kinship": ("kinship", "metric, t.genre, other_genre, value, low, high"),
    "doubts": (
        "labels",
        "place, suggested, quality, suggested_probability, own_share, suggested_share, flagged, agree",
    ),
    "wrong_labels": ("labels", "metric, t.genre, other_genre, value, low, high"),
    "oddities": ("oddities", "reason, score, disc, neighbors_disc, one_color"),
    "set_scores": ("sets", "metric, t.genre, value, low, high"),
    "curves": ("separability", "curve, x, t.genre, value, low, high"),
    "learning_curves": ("curve", "curve, x, t.genre, value, low, high"),
    "learning_gains": ("curve", "metric, t.genre, value, low, high"),
    "agreements": ("agreement", "shared_neighbors"),
    "agreement_scores": ("agreement", "metric, t.genre, value, low, high"),
    "texts": ("text", "text, script, language"),
    "words": ("text", "place, line, word, confidence, contrast, box"),
    "recommendation_scores": (
        "recommendations",
        "json_extract_string(params, '$.relevant') AS relevant, split_part(metric, '@', 1) AS metric, "
        "split_part(metric, '@', 2) AS recommender, t.genre, value, low, high",
    ),
}
OF_METRICS = (
    "memberships",
    "kinship",
    "wrong_labels",
    "controls",
    "confounds",
    "set_scores",
    "learning_gains",
    "agreement_scores",
    "recommendation_scores",
)
STORED_AS = {"map": "projections", "learning_curves": "curves"} | dict.fromkeys(OF_METRICS, "metrics")
# Lists of these are text in CSV, and no spreadsheet computes a row of numbers.
LISTS_OF_NUMBERS = ("neighbor_ids", "similarities", "probabilities", "p_values", "box")
SUFFIXES = (".csv", ".parquet")


def export(workspace: Workspace, table: str, file: str | Path, *, run: str | None = None, raw: bool = False) -> int:
    """Write a table to a CSV or Parquet file (vectors also .npy) and return its number of rows.

    table: a key of TABLES. run: a run id, or the name of an encoder, classifier or split; without it the rows
    of every current run of that kind, told apart by their columns run_id and name. Beside an .npy file goes a .csv of
    the same name that says which cover each of its rows is. In CSV, texts that a spreadsheet would compute begin with
    an apostrophe, unless `raw`. Raises GenrescopeError for an unknown table or ending, for a run that is not there,
    where the file cannot be written, and for .npy when more than one embedding qualifies.
    """
    file = Path(file)
    if table not in TABLES:
        raise GenrescopeError(f"there is no table '{table}' to export: choose from {', '.join(TABLES)}")
    endings = (*SUFFIXES, ".npy") if table == "vectors" else SUFFIXES
    if file.suffix not in endings:
        raise GenrescopeError(f"cannot write {table} as '{file.name}': end the file's name in {' or '.join(endings)}")
    if not file.parent.is_dir():
        raise GenrescopeError(f"there is no folder {file.parent}: make it, or name another file")
    if table == "covers":
        return _write(
            workspace,
            "SELECT * REPLACE (array_to_string(genres, '|') AS genres) FROM covers ORDER BY cover_id",
            [],
            file,
            raw=raw,
        )
    runs = _runs(workspace, table, run)
    if file.suffix == ".npy":
        return _write_npy(workspace, runs, file, raw=raw)
    return _write(workspace, _query(table, runs, flat=file.suffix == ".csv"), _ids(runs), file, raw=raw)


def read_table(workspace: Workspace, table: str, *, run: Run | str | None = None) -> pd.DataFrame:
    """The same table for a notebook: a row a cover with its path and genre, lists as arrays.

    run: a run, its id, or the name of an encoder, classifier or split; without it the rows of every current run of that
    kind. Raises GenrescopeError for an unknown table and for a run that is not there.
    """
    if table not in TABLES:
        raise GenrescopeError(f"there is no table '{table}': choose from {', '.join(TABLES)}")
    runs = [] if table == "covers" else _runs(workspace, table, run.run_id if isinstance(run, Run) else run)
    query = "SELECT * FROM covers ORDER BY cover_id" if table == "covers" else _query(table, runs, flat=False)
    with workspace.read() as con:
        return con.execute(query, _ids(runs)).df()


def _runs(workspace: Workspace, table: str, wanted: str | None) -> list[Run]:
    kind = TABLES[table][0]
    current = [run for run in current_runs(workspace, kind) if table != "searches" or "search" in run.params]
    runs = [run for run in current if wanted in (None, run.name, run.run_id)]
    if not runs and wanted and len(wanted) == 12:
        runs = [run for run in [get_run(workspace, wanted)] if run.kind == kind and run.finished]
    if not runs:
        known = ", ".join(sorted({run.name for run in current if run.name})) or "none yet, see 'genrescope status'"
        raise GenrescopeError(f"no {table} to export{f' of {wanted!r}' if wanted else ''}: there are {known}")
    return runs


def _ids(runs: list[Run]) -> list[str]:
    return [run.run_id for run in runs]


def _query(table: str, runs: list[Run], *, flat: bool) -> str:
    columns = TABLES[table][1]
    order = next((f", {name}" for name in ("repeat", "place") if name in columns.split(", ")), "")
    if flat and table == "vectors":
        widest = max(run.results["dimension"] for run in runs)
        columns = ", ".join(f"vector[{i + 1}] AS v{i}" for i in range(widest))
    elif flat:
        for name in (*LISTS_OF_NUMBERS, "likely"):
            columns = columns.replace(name, f"array_to_string({name}, ' ') AS {name}")
    stored = STORED_AS.get(table, table)
    marks = ", ".join("?" * len(runs))
    if stored in ("metrics", "curves", "searches", "epochs"):
        return (
            f"SELECT run_id, name, {columns} FROM {stored} t JOIN runs USING (run_id) WHERE run_id IN ({marks}) "
            "ORDER BY name, run_id, t.rowid"
        )
    return (
        f"SELECT run_id, name, cover_id, path, genre, {columns} FROM {stored} JOIN runs USING (run_id) "
        f"JOIN covers USING (cover_id) WHERE run_id IN ({marks}) "
        f"ORDER BY name, run_id, cover_id{order}"
    )


def _write(workspace: Workspace, query: str, values: list[str], file: Path, *, raw: bool) -> int:
    with workspace.read() as con:
        rows = con.sql(query, params=values)
        if file.suffix == ".csv" and not raw:
            rows = _without_formulas(rows)
        with _writing(file) as part:
            (rows.write_parquet if file.suffix == ".parquet" else rows.write_csv)(str(part))
        return con.sql(f"SELECT count(*) FROM ({query})", params=values).fetchall()[0][0]


def _without_formulas(rows: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Rows whose texts no spreadsheet takes for a formula, as `data.texts.no_formula` has it; lists of numbers stay."""
    types = zip(rows.columns, map(str, rows.types), strict=True)
    texts = {name for name, kind in types if kind == "VARCHAR" and name not in LISTS_OF_NUMBERS}
    safe = f"CASE WHEN regexp_matches({{0}}, '{FORMULA}') THEN chr(39) || {{0}} ELSE {{0}} END AS {{0}}"
    return rows.project(", ".join(safe.format(f'"{name}"') if name in texts else f'"{name}"' for name in rows.columns))


@contextmanager
def _writing(file: Path) -> Iterator[Path]:
    """A place to write a file to, whole or not at all; raises GenrescopeError where it cannot be written."""
    part = file
    try:
        with whole(file) as part:
            yield part
    except (OSError, duckdb.Error) as error:
        if isinstance(error, duckdb.Error) and part.name not in str(error):
            raise  # of the workspace's own file
        # DuckDB's own words, or JSON of them, end in the system's: '... file "x.part": No space left on device'.
        found = re.search(r'": ([^"{}\\]+)', str(error))
        reason = getattr(error, "strerror", None) or (found[1] if found else str(error).splitlines()[0])
        raise GenrescopeError(
            f"cannot write {file} ({reason}): make room there, or mend its permissions, or name another file"
        ) from error


def _write_npy(workspace: Workspace, runs: list[Run], file: Path, *, raw: bool) -> int:
    import numpy as np

    from embeddings.vectors import read_vectors

    if len(runs) > 1:
        names = ", ".join(f"{run.name} ({run.run_id})" for run in runs)
        raise GenrescopeError(f"an .npy file holds one embedding, there are {names}: name one with --run")
    with _writing(file) as part, part.open("wb") as opened:
        np.save(opened, read_vectors(workspace, runs[0])[1])
    rows = "SELECT cover_id, path, genre FROM vectors JOIN covers USING (cover_id) WHERE run_id = ? ORDER BY cover_id"
    return _write(workspace, rows, _ids(runs), file.with_suffix(".csv"), raw=raw)
