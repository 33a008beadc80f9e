"""Where embeddings agree, as pages read it: over all, per genre, and cover by cover."""

from dataclasses import dataclass

import numpy as np

from dashboard.reading import queries, results
from dashboard.reading.chains import Chain, chains
from dashboard.reading.queries import Metric
from data.store.disk.remembered import remembered
from data.store.runs import Run
from data.store.workspace import Workspace


@dataclass(frozen=True)
class Beside:
    """An embedding that another one was compared with: its chain, and the comparison."""

    chain: Chain
    run: Run


def beside(workspace: Workspace, chain: Chain) -> list[Beside]:
    """The embeddings that this one was compared with, the newest comparison of each, in the order of `chains`."""
    found = []
    for other in chains(workspace):
        run = _comparison(workspace, chain, other)
        if run is not None:
            found.append(Beside(other, run))
    return found


def _comparison(workspace: Workspace, chain: Chain, other: Chain) -> Run | None:
    graphs = {each.neighbors.run_id for each in (chain, other) if each.neighbors}
    if len(graphs) < 2:
        return None
    runs = (run for run in queries.runs(workspace) if run.kind == "agreement" and run.finished)
    return next((run for run in runs if graphs <= set(run.inputs)), None)


@remembered(maxsize=16)
def shared(workspace: Workspace, run_id: str) -> tuple[np.ndarray, np.ndarray]:
    """cover_ids, ascending, and the share of neighbours that both embeddings give each cover; NaN for none."""
    from analysis.behind.agreement.agreement import read_agreements

    return read_agreements(workspace, results.run_of(workspace, run_id))


def by_genre(workspace: Workspace, run_id: str) -> dict[tuple[str, str], Metric]:
    """The figures of a comparison by metric and genre, '' for all."""
    return {(row.metric, row.genre or ""): row for row in queries.metrics(workspace, run_id)}


@remembered(maxsize=64)
def judges(workspace: Workspace, run_id: str) -> tuple[Run, Run] | None:
    """The classifier that was judged on both embeddings, a run each; None where there is none."""
    from analysis.behind.agreement.words import judges

    return judges(workspace, results.run_of(workspace, run_id))


@remembered(maxsize=64)
def said(workspace: Workspace, run_id: str) -> str:
    """What a comparison found, in words."""
    from analysis.behind.agreement.agreement import read_agreement_metrics
    from analysis.behind.agreement.words import seen_by_one, seen_in_words, sentences

    run = results.run_of(workspace, run_id)
    seen = seen_in_words(run, seen_by_one(workspace, run))
    return " ".join([*sentences(run, read_agreement_metrics(workspace, run)), seen]).strip()
