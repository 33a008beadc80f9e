"""Which classifier run a user means."""

from typing import NoReturn

from analysis.evaluation.predictions import division_of
from data.errors import RunNotFound
from data.options import OUT_OF_FOLD
from data.store.runs import Run, find_runs, get_run
from data.store.workspace import Workspace


def find_classifier(workspace: Workspace, which: str, *, split: str | None) -> Run:
    """The newest run of a CLASSIFIER@EMBEDDING on that split, or of a CLASSIFIER that is on one embedding only there.

    Or the run with this id. split: 'folds', the name of a hold-out, or None for any, of CLASSIFIER@EMBEDDING the folds
    where it was trained on these. Raises RunNotFound where there is none, or where several are meant.
    """
    classifier, at, embedding = which.partition("@")
    if at:
        return _on_embedding(workspace, classifier, embedding, split)
    runs = _on_split(workspace, classifier, split or OUT_OF_FOLD)
    embeddings = sorted({run.results["embedding"] for run in runs})
    if len(embeddings) > 1:
        raise RunNotFound(f"there are several: {', '.join(f'{which}@{name}' for name in embeddings)}: choose one")
    return runs[0] if runs else _by_id(workspace, which)


def _on_embedding(workspace: Workspace, classifier: str, embedding: str, split: str | None) -> Run:
    found = find_runs(workspace, "classifier", name=classifier)
    runs = [run for run in found if run.results["embedding"] == embedding]
    newest = {division_of(workspace, run).name: run for run in reversed(runs)}  # no hold-out is named 'folds'
    chosen = newest.get(split or OUT_OF_FOLD) or next((run for run in runs if split is None), None)
    return chosen or _missing(workspace, classifier, embedding, split or OUT_OF_FOLD, elsewhere=list(newest))


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


def _missing(workspace: Workspace, classifier: str, embedding: str, split: str, *, elsewhere: list[str]) -> NoReturn:
    there = f"there is one with --split {' or '.join(elsewhere)}, or " if elsewhere else ""
    raise RunNotFound(
        f"no {classifier} on {embedding}, split '{split}', in {workspace.folder}: {there}make it with "
        f"'{_making(classifier, embedding, split=split)}'"
    )


def _making(classifier: str, embedding: str, *, split: str) -> str:
    """The command that makes CLASSIFIER@EMBEDDING; of a vote the embedding says who its members are."""
    name, _, search = classifier.partition(":")
    if name == "vote":
        return f"genrescope vote {embedding.replace(',', ' ')} --split {split}"
    if name == "fastai":
        return f"genrescope train --classifier {name} --arch {search or 'resnet18'} --split {split}"
    option = f" --search {search}" if search else ""
    return f"genrescope train --classifier {name}{option} --embedding {embedding} --split {split}"
