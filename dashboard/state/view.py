"""What every component needs to know: the workspace, the page, its state, the covers and the genres' colours."""

from dataclasses import dataclass
from typing import Any

from analysis.figures.palette import genre_colors
from dashboard.reading import chains, queries
from dashboard.reading.chains import Chain
from dashboard.reading.queries import Covers
from dashboard.state import urls
from dashboard.state.urls import State
from data.store.workspace import Workspace


@dataclass(frozen=True, eq=False)
class View:
    """One page in one state, made afresh for each request."""

    workspace: Workspace
    path: str
    state: State
    covers: Covers
    colors: dict[str, str]

    @property
    def chain(self) -> Chain | None:
        """The embedding looked at, with all that was made from it; None when there is none."""
        return chains.chosen(self.workspace, self.state.embedding)

    def to(self, path: str | None = None, **changes: Any) -> str:
        """Address of this page, or of another, with some of the state changed."""
        return urls.link(path or self.path, self.state, **changes)


def view(workspace: Workspace, path: str, search: str | None) -> View:
    """The view that an address stands for."""
    covers = queries.covers(workspace)
    return View(workspace, path, urls.parse(search), covers, genre_colors(covers.genres))
