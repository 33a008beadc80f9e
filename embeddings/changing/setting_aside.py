"""Leaving covers out of analysis by the user's word, and taking them back; embeddings are carried over."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from data.errors import GenrescopeError
from data.intake.sides import NAMES, side_of
from data.store.about.set_aside import set_aside, take_back
from data.store.covers import collection, read_covers
from data.store.runs import Run, current_runs
from data.store.workspace import Workspace
from embeddings.carrying import carry_over


def exclude(workspace: Workspace, cover_ids: Iterable[int], *, reason: str) -> tuple[int, list[Run]]:
    """Set covers aside and carry the embeddings over: how many were set aside anew, and the embeddings without them.

    Everything made of these is computed anew by `analyze` and `train`; what there was stays, and is found again by
    `include`. Raises GenrescopeError as `data.store.about.set_aside`.
    """
    before = current_runs(workspace, "embedding")
    count = set_aside(workspace, cover_ids, reason=reason)
    return count, carry_over(workspace, before)


def include(workspace: Workspace, cover_ids: Iterable[int] | None = None) -> tuple[int, list[Run]]:
    """Count covers again that were set aside, by default all of them; returns as `exclude`."""
    before = current_runs(workspace, "embedding")
    count = take_back(workspace, cover_ids)
    return count, carry_over(workspace, before)


def covers_named(workspace: Workspace, values: Iterable[str]) -> list[int]:
    """Cover ids from what a user typed: numbers, 'fronts', 'backs', and CSV or Parquet files with a column cover_id."""
    found: list[int] = []
    for value in values:
        if value in NAMES:
            found += _of_side(workspace, NAMES[value])
        else:
            found += [int(value)] if value.isascii() and value.isdigit() else _from_file(Path(value))
    return found


def _of_side(workspace: Workspace, side: str) -> list[int]:
    covers = read_covers(workspace, collection(workspace), metadata=True)
    return covers.cover_id[covers.metadata.map(side_of) == side].tolist()


def _from_file(file: Path) -> list[int]:
    if not file.is_file():
        raise GenrescopeError(
            f"'{file}' is no cover id and no file: name ids, or a CSV or Parquet with a column cover_id"
        )
    try:
        table = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
        return [int(value) for value in table["cover_id"]]
    except (ValueError, KeyError, OSError) as error:
        raise GenrescopeError(f"{file} has no column cover_id of numbers, as 'genrescope export' writes it") from error
