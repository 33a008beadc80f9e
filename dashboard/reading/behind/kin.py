"""Membership and kinship as pages read them: the runs beside a separability run, and the order that kinship gives."""

from collections.abc import Sequence

from dashboard.reading import chains, queries, results
from data.store.disk.remembered import remembered
from data.store.runs import Run, get_run
from data.store.workspace import Workspace


def membership(workspace: Workspace, run: Run) -> Run | None:
    """The newest membership run on the same graph and folds as a separability run."""
    made = (each for each in queries.runs(workspace) if each.kind == "membership" and each.finished)
    return next((each for each in made if set(each.inputs) <= set(run.inputs)), None)


def kinship(workspace: Workspace, run: Run | None) -> Run | None:
    """The newest tree of genres from a separability run; None without one, or without a fork."""
    made = (each for each in queries.runs(workspace) if each.kind == "kinship" and each.finished)
    return next((each for each in made if run and run.run_id in each.inputs and each.results["linkage"]), None)


def kinship_in(workspace: Workspace, embedding: str) -> Run | None:
    """The tree of genres in an embedding by name or run id, that of the best one where it has none of its own."""
    chain = chains.chosen(workspace, embedding)
    return kinship(workspace, chain.separability) if chain else None


def by_kin(genres: Sequence[str], tree: Run | None) -> list[str]:
    """Genres in the order of a tree, those it leaves out last; as they come without one."""
    place = {genre: i for i, genre in enumerate(tree.results["genres"])} if tree else {}
    return sorted(genres, key=lambda genre: place.get(genre, len(place)))


def in_several(workspace: Workspace) -> int:
    """How many covers have several genres, their own or of an identical file."""
    run = results.collection_now(workspace)
    return _in_several(workspace, run.run_id) if run else 0


@remembered(maxsize=4)
def _in_several(workspace: Workspace, run_id: str) -> int:
    from data.store.about.memberships import read_memberships

    return int(read_memberships(workspace, get_run(workspace, run_id)).several.sum())
