"""What lies behind a separability run: what was measured beside it, as pages read it."""

from dashboard.reading import queries
from dashboard.reading.queries import Metric
from data.store.runs import Run
from data.store.workspace import Workspace


def beside(workspace: Workspace, run_id: str, kind: str) -> list[tuple[Run, tuple[Metric, ...]]]:
    """The newest finished run of each name of a kind that was measured beside a separability run, with its numbers."""
    found = [run for run in queries.runs(workspace) if run.kind == kind and run.finished and run.inputs[0] == run_id]
    newest = {run.name: run for run in reversed(found)}
    return [(run, queries.metrics(workspace, run.run_id)) for _, run in sorted(newest.items())]
