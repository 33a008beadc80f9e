"""All genres of every cover: its own list, and those of files that are identical to it. See docs/methods.md."""

from dataclasses import dataclass

import numpy as np

from data.store.covers import set_aside_in
from data.store.runs import Run
from data.store.workspace import Workspace


@dataclass(frozen=True)
class Memberships:
    """names: (c,) of all genres, sorted. member: (n, c) bool, rows by cover_id: is the cover in the genre?"""

    names: np.ndarray
    member: np.ndarray

    @property
    def several(self) -> np.ndarray:
        """Which covers have more than one genre: (n,) bool."""
        return np.asarray(self.member.sum(axis=1) > 1)


def read_memberships(workspace: Workspace, collection: Run) -> Memberships:
    """The genres of each cover of a collection.

    A folder cannot say that a file has two genres but by holding it twice; so covers whose files are identical have the
    genres of all of them, but of those set aside. Near-duplicates do not: that is a likeness, and these are labels.
    """
    aside = list(set_aside_in(workspace, collection))
    with workspace.read() as con:
        rows = con.execute(
            "WITH labelled AS (SELECT cover_id, sha256, unnest(genres) AS name FROM covers WHERE cover_id < $1 "
            "AND NOT list_contains($2::INTEGER[], cover_id)) "
            "SELECT DISTINCT one.cover_id, other.name FROM covers one JOIN labelled other USING (sha256) "
            "WHERE one.cover_id < $1",
            [collection.params["covers"], aside],
        ).fetchnumpy()
    names, codes = np.unique(rows["name"].astype(str), return_inverse=True)
    member = np.zeros((collection.params["covers"], len(names)), bool)
    member[rows["cover_id"], codes] = True
    return Memberships(names, member)
