"""What a workspace holds, what in it is stale or unfinished, and what would come next."""

from dataclasses import dataclass

from analysis.commands import command_of
from analysis.networks.kept import is_network
from analysis.networks.learning.checkpoints import is_training
from analysis.networks.outcome import ON_COVERS
from data.store.about.set_aside import read_set_aside
from data.store.runs import Run, current_runs, find_runs
from data.store.workspace import Workspace


@dataclass(frozen=True)
class Status:
    """State of a workspace; `state` maps run id to finished, stale (other covers count since), unfinished or, of a
    network that a process is training now, training. titles: of each run, as 'knn on color'."""

    workspace: str
    covers: int
    genres: dict[str, int]
    rejected: int
    set_aside: int
    runs: list[Run]
    titles: dict[str, str]
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
    state |= {run.run_id: "training" if is_training(workspace, run) else "unfinished" for run in unfinished}
    stopped = [run for run in unfinished if state[run.run_id] == "unfinished"]
    steps = next_steps(workspace, current, stopped) if genres else ["genrescope import SOURCE"]
    covers, titles = sum(genres.values()), _titles(runs)
    aside = len(read_set_aside(workspace))
    return Status(str(workspace.folder), covers, genres, rejected, aside, runs, titles, state, steps)


def next_steps(workspace: Workspace, current: list[Run], unfinished: list[Run]) -> list[str]:
    """The commands that would bring a workspace with covers one step further, the most urgent first."""
    steps = [f"genrescope embed --encoder {run.name}" for run in unfinished if run.kind == "embedding"]
    networks = [run for run in unfinished if run.kind == "classifier" and is_network(run)]
    steps += [f"{command_of(workspace, run)}  # goes on" for run in networks]
    embeddings = sorted({run.name for run in current if run.kind == "embedding"})
    if not embeddings and not unfinished:
        steps.append("genrescope embed --encoder color --encoder resnet18")
    analyzed = {run.name for run in current if run.kind == "separability" and "sentence" in run.results}
    trained = {run.results["embedding"] for run in current if run.kind == "classifier"}
    steps += [f"genrescope analyze --embedding {name}" for name in embeddings if name not in analyzed]
    steps += [_training(current, name) for name in embeddings if name not in trained]
    return steps or ["genrescope serve"]


def _training(current: list[Run], embedding: str) -> str:
    """The command that trains on an embedding; on that of a network by its hold-out, which it has not seen."""
    splits = [run.results["split"] for run in current if run.kind == "classifier" and run.run_id in embedding]
    return " ".join(["genrescope train --embedding", embedding, *(f"--split {split}" for split in splits[:1])])


def _titles(runs: list[Run]) -> dict[str, str]:
    """Names by run id; of a classifier with what it was, or is to be, trained on."""
    embeddings = {run.run_id: run.name for run in runs if run.kind == "embedding"}

    def title(run: Run) -> str:
        if run.kind != "classifier":
            return run.name
        on = run.results.get("embedding") or embeddings.get(run.inputs[0], ON_COVERS)
        return f"{run.name} on {on}"

    return {run.run_id: title(run) for run in runs}
