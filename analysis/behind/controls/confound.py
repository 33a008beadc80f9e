"""An embedding without its confounds: what is left of the genres' separability. See docs/methods.md."""

import logging
from collections.abc import Sequence

import pandas as pd

from analysis.behind.controls.accounting import account
from analysis.behind.controls.control import COLUMNS, as_table, read_rows
from analysis.behind.controls.covariates import MADE_OF, Confound, chosen, embedding_behind, known_confounds
from analysis.behind.controls.measured import evidence_of, folds_of, measured, newest_measured
from analysis.behind.controls.words import confound_sentences
from data.errors import GenrescopeError
from data.grouping.groups import groups_behind
from data.store.covers import read_covers
from data.store.runs import Outcome, Run, ancestor, compute_run, current_runs
from data.store.workspace import Workspace

log = logging.getLogger(__name__)

# Counted up when the same inputs come to give other figures.
METHOD = 1


def measure_confounds(
    workspace: Workspace, *, names: Sequence[str] = (), encoders: Sequence[str] = ()
) -> tuple[list[Run], dict[str, str]]:
    """Every analyzed encoder without each confound, or those named; and why other columns are none.

    By default all encoders but those that confounds are made of (MADE_OF).

    Raises GenrescopeError for a name that is no confound, and without an analyzed embedding of that name.
    """
    known = {run.name: run for run in newest_measured(workspace)}
    wanted = list(encoders) or [name for name in known if name not in MADE_OF.values()] or list(known)
    if not known or any(name not in known for name in wanted):
        missing = next((name for name in wanted if name not in known), "an embedding")
        raise GenrescopeError(f"{missing} is not analyzed with the newest folds: 'genrescope analyze'")
    first = known[wanted[0]]
    covers = read_covers(workspace, ancestor(workspace, first, "collection"), metadata=True)
    grouped = groups_behind(workspace, folds_of(workspace, first)).params.get("columns", ())
    found, left_out = known_confounds(workspace, covers, grouped=grouped)
    taken = chosen(found, left_out, names)
    runs = [measure_confound(workspace, known[name], confound) for name in wanted for confound in taken]
    return runs, left_out


def measure_confound(workspace: Workspace, separability: Run, confound: Confound) -> Run:
    """An embedding, by its separability run, without a confound: rows as of `account`, in the table metrics.

    confound: of all covers. Results: encoder, confound, levels, covers, genres, sentences.
    """
    behind = embedding_behind(workspace, MADE_OF.get(confound.name))
    return compute_run(
        workspace,
        "confound",
        lambda: _compute(workspace, separability, confound),
        name=f"{separability.name} without {confound.name}",
        params={"method": METHOD, "confound": confound.name},
        inputs=[separability.run_id, *([behind.run_id] if behind else [])],
    )


def read_confounds(workspace: Workspace) -> pd.DataFrame:
    """The rows of every current run of a confound: columns encoder, confound, and COLUMNS."""
    newest = {run.name: run for run in reversed(current_runs(workspace, "confound"))}
    names = ("encoder", "confound")
    tables = [
        read_rows(workspace, run).assign(**{name: run.results[name] for name in names}) for run in newest.values()
    ]
    return (
        pd.concat(tables, ignore_index=True)[[*names, *COLUMNS]] if tables else pd.DataFrame(columns=[*names, *COLUMNS])
    )


def _compute(workspace: Workspace, separability: Run, confound: Confound) -> Outcome:
    own = measured(workspace, separability)
    ids, evidence = own.cover_ids, evidence_of(workspace, separability, own.cover_ids)
    levels = None if confound.levels is None else confound.levels[ids]
    log.info("%s without %s: %s covers", separability.name, confound.name, f"{len(ids):,}")
    rows = account(evidence, own.vectors, confound.design[ids], levels=levels)
    word = confound.level or confound.name
    said = confound_sentences(
        rows, separability.name, confound.name, word, claimable=evidence.names[evidence.claimable]
    )
    facts = {"encoder": separability.name, "confound": confound.name, "covers": len(ids), "genres": len(evidence.names)}
    facts["levels"] = None if levels is None else len(set(levels[levels >= 0].tolist()))
    return {"metrics": as_table(rows)}, {**facts, "sentences": said, "sentence": " ".join(said)}
