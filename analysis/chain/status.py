"""What a workspace holds, what in it is stale or unfinished, and what would come next."""

from dataclasses import dataclass

from analysis.networks.kept import is_network
from analysis.networks.options import command_of
from data.store.runs import Run, current_runs, find_runs
from data.store.workspace import Workspace


@dataclass(frozen=True)
class Status:
    """State of a workspace; `state` maps run id to finished, stale (covers were added since) or unfinished."""

    workspace: str
    covers: int
    genres: dict[str, int]
    rejected: int
    runs: list[Run]
    state: dict[str, str]
    next: list[str]


def status(workspace: Workspace) -> Status:
    """Take stock of a workspace: covers a genre, every run with its state, and the commands that would come next."""
    with workspace.read() as con:
        genres = dict(con.sql("SELECT genre, count(*) FROM covers GROUP BY genre ORDER BY genre").fetchall())
        rejected = con.sql("SELECT count(*) FROM rejected").fetchall()[0][0]
    unfinished = find_runs(workspace, finished=False)
    current = current_runs(workspace)
    runs = sorted(unfinished + find_runs(workspace), key=lambda run: run.started)
    state = {run.run_id: "stale" for run in runs}
    state |= {run.run_id: "finished" for run in current}
    state |= {run.run_id: "unfinished" for run in unfinished}
    steps = next_steps(sum(genres.values()), current, unfinished)
    return Status(str(workspace.folder), sum(genres.values()), genres, rejected, runs, state, steps)


def next_steps(covers: int, current: list[Run], unfinished: list[Run]) -> list[str]:
    """The commands that would bring the workspace one step further, the most urgent first."""
    if not covers:
        return ["genrescope import SOURCE"]
    steps = [f"genrescope embed --encoder {run.name}" for run in unfinished if run.kind == "embedding"]
    steps += [f"{command_of(run)}  # goes on" for run in unfinished if run.kind == "classifier" and is_network(run)]
    embeddings = sorted({run.name for run in current if run.kind == "embedding"})
    if not embeddings and not unfinished:
        steps.append("genrescope embed --encoder color --encoder resnet18")
    analyzed = {run.name for run in current if run.kind == "separability" and "sentence" in run.results}
    trained = {run.results["embedding"] for run in current if run.kind == "classifier"}
    steps += [f"genrescope analyze --embedding {name}" for name in embeddings if name not in analyzed]
    steps += [f"genrescope train --embedding {name}" for name in embeddings if name not in trained]
    return steps or ["genrescope serve"]
