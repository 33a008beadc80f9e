"""Taking facts that were looked up into a workspace; embeddings are carried over to the collection that it then is."""

from collections.abc import Iterable, Mapping

from data.fetching.enrich import take
from data.store.runs import Run, current_runs
from data.store.workspace import Workspace
from embeddings.carrying import carry_over


def take_in(workspace: Workspace, found: Iterable[tuple[int, Mapping[str, str], str]]) -> tuple[int, list[Run]]:
    """Take facts in (see `data.fetching.enrich.take`): how many covers gained any, and the embeddings carried over.

    Pictures have not changed, so nothing is encoded; what counts by groups is made anew by `analyze` and `train`.
    """
    before = current_runs(workspace, "embedding")
    count = take(workspace, found)
    return count, carry_over(workspace, before) if count else []
