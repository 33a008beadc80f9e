"""Which classifier run a user means."""

import shlex
from collections.abc import Iterable, Sequence

from analysis.evaluation.predictions import division_of
from data.errors import RunNotFound
from data.options import OUT_OF_FOLD
from data.store.runs import Run, find_runs
from data.store.workspace import Workspace


def find_classifier(workspace: Workspace, which: str, *, split: str | None) -> Run:
    """The newest run of a CLASSIFIER@EMBEDDING on that split, or of a CLASSIFIER that is on one embedding only there.

    Or the run with this id. split: 'folds', the name of a hold-out, or None for any: the folds where it was trained on
    these. Raises RunNotFound where there is none, or where several are meant.
    """
    classifier, at, embedding = which.partition("@")
    found = find_runs(workspace, "classifier", name=classifier)
    runs = [run for run in found if not at or run.results["embedding"] == embedding]
    if not runs and not at:
        return _by_id(workspace, which)
    by_split = _by_split(workspace, runs)
    chosen = by_split.get(split or OUT_OF_FOLD) or (runs if split is None else [])
    embeddings = sorted({run.results["embedding"] for run in chosen})
    if len(embeddings) > 1:
        raise RunNotFound(f"there are several: {', '.join(f'{which}@{name}' for name in embeddings)}: choose one")
    if not chosen:
        raise RunNotFound(_missing(workspace, which, split or OUT_OF_FOLD, there=list(by_split)))
    return chosen[0]


def _by_split(workspace: Workspace, runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Runs by the name of the hold-out that they judged, OUT_OF_FOLD for those of folds; in the order they come."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        division = division_of(workspace, run)
        if (division.kind == "folds") == (division.name == OUT_OF_FOLD):  # an old hold-out of that name has its run id
            found.setdefault(division.name, []).append(run)
    return found


def _by_id(workspace: Workspace, which: str) -> Run:
    """The classifier run with this id; without one the message says which CLASSIFIER@EMBEDDING there are."""
    found = {run.run_id: run for run in find_runs(workspace, "classifier")}
    if which in found:
        return found[which]
    there = sorted({f"{run.name}@{run.results['embedding']}" for run in found.values()})
    what = f"there are {', '.join(there)}" if there else "there is none yet, 'genrescope train' makes some"
    raise RunNotFound(f"no classifier '{which}' in {workspace.folder}: {what}; or name one by its run id")


def _missing(workspace: Workspace, which: str, split: str, *, there: Sequence[str]) -> str:
    classifier, _, embedding = which.partition("@")
    other = f"there is one with --split {' or '.join(there)}, or " if there else ""
    return (
        f"no {classifier}{' on ' if embedding else ''}{embedding}, split '{split}', in {workspace.folder}: {other}make "
        f"it with '{shlex.join([*making(classifier, embedding or 'NAME'), '--split', split])}'"
    )


def making(classifier: str, embedding: str) -> list[str]:
    """The words of the command that makes CLASSIFIER@EMBEDDING, but for the division of the covers.

    Of a vote the embedding says who its members are. `commands.command_of` tells that of a run.
    """
    name, _, more = classifier.partition(":")
    if name == "vote":
        return ["genrescope", "vote", *embedding.split(",")]
    words = ["genrescope", "train", "--classifier", name]
    if name == "fastai":
        return [*words, "--arch", more or "resnet18"]
    return [*words, *(["--search", more] if more else []), "--embedding", embedding]
