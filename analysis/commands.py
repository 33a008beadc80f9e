"""The command that makes a classifier run anew, or goes on with it: told here for messages, status and report."""

import shlex

from analysis.classifiers.prompts import names_of
from analysis.classifiers.voting import VOTE
from analysis.classifiers.zero_shot import ZERO_SHOT
from analysis.evaluation.finding import making
from analysis.evaluation.predictions import division_of
from analysis.networks.kept import is_network
from analysis.networks.options import asked_of
from data.errors import RunNotFound
from data.grouping.folds import FOLDS, REPEATS
from data.grouping.groups import groups_behind, usual_columns
from data.options import OUT_OF_FOLD, SEED
from data.store.runs import Run, get_run, latest_run
from data.store.workspace import Workspace


def command_of(workspace: Workspace, run: Run) -> str:
    """The command that makes a classifier run anew, or goes on with it; FILE stands for weights and names of genres.

    Given in the same workspace it finds this run; embeddings and hold-outs that newer ones of their name hide are
    called by their run ids.
    """
    division = division_of(workspace, run)
    words = making(run.name, _embedding(workspace, run))
    if run.name == VOTE:
        return shlex.join([*words, "--split", _called(workspace, division)])
    words += asked_of(run) if is_network(run) else _names(run)
    words += _folds(workspace, run, division) if division.kind == "folds" else ["--split", _called(workspace, division)]
    seed = division.seed if run.seed is None and division.kind == "folds" else run.seed
    return shlex.join(words if seed in (SEED, None) else [*words, "--seed", str(seed)])


def _embedding(workspace: Workspace, run: Run) -> str:
    """What stands behind the @ of a run: an embedding, or the members of a vote."""
    return str(run.results["embedding"]) if run.name == VOTE else _called(workspace, get_run(workspace, run.inputs[0]))


def _called(workspace: Workspace, run: Run) -> str:
    """A run by its name, or by its id where its name means another; what is yet unfinished by its name."""
    if run.kind == "folds":
        return OUT_OF_FOLD
    try:
        means_it = latest_run(workspace, run.kind, name=run.name).run_id == run.run_id
    except RunNotFound:
        return run.name
    return run.name if means_it and run.name != OUT_OF_FOLD else run.run_id


def _names(run: Run) -> list[str]:
    """The file with the names of genres, where zero-shot was given one."""
    called = run.params.get("names", {})
    return ["--genre-names", "FILE"] if run.name == ZERO_SHOT and called != names_of(list(called)) else []


def _folds(workspace: Workspace, run: Run, division: Run) -> list[str]:
    """The options that deal the covers as these folds do, but for the seed; what is usual goes without saying."""
    words = ["--split", OUT_OF_FOLD] if is_network(run) else []
    asked = [("folds", FOLDS), ("repeats", 1 if is_network(run) else REPEATS)]
    for name, usual in asked:
        if division.params[name] != usual:
            words += [f"--{name}", str(division.params[name])]
    columns = groups_behind(workspace, division).params.get("columns", [])
    if columns != usual_columns(workspace, get_run(workspace, division.inputs[0])):
        words += [word for column in columns or ["none"] for word in ("--group-by", column)]
    return words
