"""Which classifier run a user means."""

from typing import NoReturn

from analysis.evaluation.predictions import division_of
from data.errors import RunNotFound
from data.options import OUT_OF_FOLD
from data.store.runs import Run, find_runs, get_run
from data.store.workspace import Workspace


def find_classifier(workspace: Workspace, which: str, *, split: str) -> Run:
    """The newest run of a CLASSIFIER@EMBEDDING on that split, or of a CLASSIFIER that is on one embedding only there.

    Or the run with this id. Raises RunNotFound where there is none, or where several are meant.
    """
    classifier, at, embedding = which.partition("@")
    runs = _on_split(workspace, classifier, split)
    if at:
        runs = [run for run in runs if run.results["embedding"] == embedding]
        return runs[0] if runs else _missing(workspace, classifier, embedding, split)
    embeddings = sorted({run.results["embedding"] for run in runs})
    if len(embeddings) > 1:
        raise RunNotFound(f"there are several: {', '.join(f'{which}@{name}' for name in embeddings)}: choose one")
    return runs[0] if runs else _by_id(workspace, which)


def _on_split(workspace: Workspace, classifier: str, split: str) -> list[Run]:
    """Finished runs of a classifier on a split, or out of fold; the newest first."""
    wanted = ("folds" if split == OUT_OF_FOLD else "split", split)
    found = find_runs(workspace, "classifier", name=classifier)
    divisions = [division_of(workspace, run) for run in found]
    return [run for run, division in zip(found, divisions, strict=True) if (division.kind, division.name) == wanted]


def _by_id(workspace: Workspace, which: str) -> Run:
    run = get_run(workspace, which)
    if run.kind == "classifier" and run.finished:
        return run
    raise RunNotFound(f"run {which} is no finished classifier: name one as CLASSIFIER@EMBEDDING, or by its run id")


def _missing(workspace: Workspace, classifier: str, embedding: str, split: str) -> NoReturn:
    raise RunNotFound(
        f"no {classifier} on {embedding}, split '{split}', in {workspace.folder}: make it with "
        f"'{_making(classifier, embedding, split=split)}'"
    )


def _making(classifier: str, embedding: str, *, split: str) -> str:
    """The command that makes CLASSIFIER@EMBEDDING; of a vote the embedding says who its members are."""
    name, _, search = classifier.partition(":")
    if name == "vote":
        return f"genrescope vote {embedding.replace(',', ' ')} --split {split}"
    option = f" --search {search}" if search else ""
    return f"genrescope train --classifier {name}{option} --embedding {embedding} --split {split}"
