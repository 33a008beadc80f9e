"""All genres of every cover: its own list, and those of files that are identical to it. See docs/methods.md."""

from dataclasses import dataclass

import numpy as np

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
    genres of all of them. Near-duplicates do not: that is a likeness, and these are labels.
    """
    with workspace.read() as con:
        rows = con.execute(
            "WITH labelled AS (SELECT cover_id, sha256, unnest(genres) AS name FROM covers WHERE cover_id < $1) "
            "SELECT DISTINCT one.cover_id, other.name FROM covers one JOIN labelled other USING (sha256) "
            "WHERE one.cover_id < $1",
            [collection.params["covers"]],
        ).fetchnumpy()
    names, codes = np.unique(rows["name"].astype(str), return_inverse=True)
    member = np.zeros((collection.params["covers"], len(names)), bool)
    member[rows["cover_id"], codes] = True
    return Memberships(names, member)
