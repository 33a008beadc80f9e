"""An encoder beside a control: is it better, per genre, and does it tell anything that the control does not?

See docs/methods.md.
"""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.behind.controls.accounting import account
from analysis.behind.controls.measured import evidence_of, measured, newest_measured
from analysis.behind.controls.words import control_sentences
from analysis.geometry.independent import independent_neighbors
from data.errors import GenrescopeError
from data.store.runs import Outcome, Run, compute_run, current_runs
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

CONTROLS = ("color", "resnet18-untrained")
# Counted up when the same inputs come to give other figures.
METHOD = 1
COLUMNS = ("metric", "genre", "value", "low", "high", "p_value", "p_adjusted")


def measure_controls(
    workspace: Workspace, *, encoders: Sequence[str] = (), controls: Sequence[str] = CONTROLS
) -> list[Run]:
    """Every analyzed encoder beside every control, or those named; what is there already is found.

    By default all encoders but the controls, which without others are put beside each other. Raises GenrescopeError for
    an encoder that is not analyzed (with the newest folds), and where there are no two.
    """
    pairs = control_pairs(workspace, encoders=encoders, controls=controls)
    if not pairs:
        raise GenrescopeError(
            "there are no two embeddings to be compared: 'genrescope embed --encoder color', then 'genrescope analyze'"
        )
    return [measure_control(workspace, *pair) for pair in pairs]


def control_pairs(
    workspace: Workspace, *, encoders: Sequence[str] = (), controls: Sequence[str] = CONTROLS
) -> list[tuple[Run, Run]]:
    """The separability runs that `measure_controls` puts beside each other: an encoder's and a control's."""
    known = {run.name: run for run in newest_measured(workspace)}
    for name in [*encoders, *(controls if controls != CONTROLS else ())]:
        if name not in known:
            there = ", ".join(known) or "none"
            raise GenrescopeError(
                f"{name} is not analyzed with the newest folds, there are {there}: 'genrescope analyze'"
            )
    beside = [name for name in controls if name in known]
    chosen = list(encoders) or [name for name in known if name not in controls] or beside[1:]
    return [(known[name], known[other]) for name in chosen for other in beside if other != name]


def measure_control(workspace: Workspace, separability: Run, control: Run) -> Run:
    """An encoder beside a control, by their separability runs: rows as of `account`, in the table metrics.

    Results: encoder, control, covers, genres, sentences. Raises GenrescopeError where they have different folds.
    """
    if separability.inputs[2] != control.inputs[2]:
        raise GenrescopeError(
            f"{separability.name} and {control.name} were analyzed with different folds: 'genrescope analyze' both"
        )
    return compute_run(
        workspace,
        "control",
        lambda: _compute(workspace, separability, control),
        name=f"{separability.name} beyond {control.name}",
        params={"method": METHOD},
        inputs=[separability.run_id, control.run_id],
    )


def read_rows(workspace: Workspace, run: Run) -> pd.DataFrame:
    """The rows of a finished control or confound run, with COLUMNS; genre None is the mean over genres."""
    with workspace.read() as con:
        rows = con.execute(f"SELECT {', '.join(COLUMNS)} FROM metrics WHERE run_id = ?", [run.run_id]).df()
    return rows.assign(genre=rows.genre.astype("str"))


def read_controls(workspace: Workspace) -> pd.DataFrame:
    """The rows of every current comparison with a control: columns encoder, control, and COLUMNS."""
    newest = {run.name: run for run in reversed(current_runs(workspace, "control"))}
    names = ("encoder", "control")
    tables = [
        read_rows(workspace, run).assign(**{name: run.results[name] for name in names}) for run in newest.values()
    ]
    return (
        pd.concat(tables, ignore_index=True)[[*names, *COLUMNS]] if tables else pd.DataFrame(columns=[*names, *COLUMNS])
    )


def _compute(workspace: Workspace, separability: Run, control: Run) -> Outcome:
    sides = [measured(workspace, run) for run in (separability, control)]
    common = np.intersect1d(sides[0].cover_ids, sides[1].cover_ids)
    own, other = (side.only(common) for side in sides)
    evidence = evidence_of(workspace, separability, common)
    k = separability.params["k"]
    lists = [independent_neighbors(side.vectors, side.listed, evidence.groups, k=k) for side in (own, other)]
    rows = account(evidence, own.vectors, other.vectors, neighbors=lists)
    facts = {
        "encoder": separability.name,
        "control": control.name,
        "covers": len(common),
        "genres": len(evidence.names),
    }
    said = control_sentences(rows, separability.name, control.name, claimable=evidence.names[evidence.claimable])
    results = {**facts, "sentences": said, "sentence": " ".join(said)}
    return {"metrics": as_table(rows)}, results


def as_table(rows: pd.DataFrame) -> pa.Table:
    """Rows of `account` as the table metrics holds them."""
    full = rows.assign(other_genre=pd.array([None] * len(rows), dtype="str"), rank_low=0, rank_high=0)
    return pa.Table.from_pandas(full, preserve_index=False)
